"""What a function's settings say of calls that nobody waits for: retries, age, destinations, dead letters.

Not here: such calls (`everwarm.lambdas`); the destination of a stream event, which is the mapping's (`events.py`).
Source: "AWS Lambda Functions", Serverless Framework documentation.
"""

from everwarm.lambdas.functions import AsyncSettings
from everwarm.serverless import naming
from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node, Notice


def read(key: str, function: Node, template: Template) -> tuple[AsyncSettings, list[Notice]]:
    """A function's settings for asynchronous calls.

    Args:
        key: the function's name inside the file.
        function: its settings.

    Raises:
        ProjectError: a number out of range, a destination that refers to nothing.
    """
    notices: list[Notice] = []
    defaults = AsyncSettings()

    def number(setting: str, default: int, low: int, high: int) -> int:
        given = function.get(setting)
        return default if given is None else given.whole_number(f"{setting} of function {key}", low, high)

    def target(given: Node | None, setting: str) -> str | None:
        if given is None:
            return None
        try:
            return _arn(given, f"{setting} of function {key}", template)
        except NotCreatedHere as error:
            notices.append(given.notice(f"{setting} of function {key} is left out: {error.problem}"))
            return None

    destinations = function.get("destinations")
    for name, node in {} if destinations is None else destinations.mapping(f"destinations of function {key}").items():
        if name not in ("onSuccess", "onFailure"):
            raise node.key_error(f"destinations of function {key} has no {name}; it has onSuccess, onFailure")
    settings = AsyncSettings(
        maximum_retry_attempts=number("maximumRetryAttempts", defaults.maximum_retry_attempts, 0, 2),
        maximum_event_age_s=number("maximumEventAge", defaults.maximum_event_age_s, 60, 21_600),
        on_success=target(None if destinations is None else destinations.get("onSuccess"), "destinations.onSuccess"),
        on_failure=target(None if destinations is None else destinations.get("onFailure"), "destinations.onFailure"),
        dead_letter=target(function.get("onError"), "onError"),
    )
    return settings, notices


def _arn(given: Node, name: str, template: Template) -> str:
    """An ARN as text or a function, `{arn, type}`, or the name of another function of the file."""
    inner = given.get("arn")
    value = template.evaluate(given if inner is None else inner)
    if value is None:
        raise given.error(f"{name} has no value")
    text = value.text(name)
    if text.startswith("arn:"):
        return text
    logical_id = naming.function(text)
    if logical_id not in template.attributes and logical_id not in template.generated:
        raise given.error(f"{name} is {text!r}, which is neither an ARN nor a function of this file")
    return template.attribute(logical_id, "Arn", given).text(name)
