"""The logical ids that the framework gives to what it generates, by which the rest of a template can refer to it.

Source: `lib/plugins/aws/lib/naming.js` of the Serverless Framework.
"""

import re

ROLE = "IamRoleLambdaExecution"


def function(key: str) -> str:
    """A function: `on-put` is `OnDashputLambdaFunction`."""
    return f"{_normalized(key)}LambdaFunction"


def stream_mapping(key: str, stream: str) -> str:
    """The mapping of a function's stream event.

    Args:
        key: the function's name inside the file.
        stream: what the event's `arn` names: a logical id, the name of an export, a table.
    """
    name = re.sub(r"[^0-9A-Za-z]", "", stream)
    return f"{_normalized(key)}EventSourceMappingDynamodb{name[:1].upper()}{name[1:]}"


def _normalized(key: str) -> str:
    name = key.replace("-", "Dash").replace("_", "Underscore")
    return f"{name[:1].upper()}{name[1:]}"
