"""Environment variables that AWS does not take."""

import re
from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedFunction, Subject

RESERVED_VARIABLE = Rule(
    "reserved-variable",
    Weight.ERROR,
    "An environment variable has a name that is Lambda's own.",
    "CreateFunction refuses it, and the deployment fails.",
)
VARIABLE_NAME = Rule(
    "variable-name",
    Weight.ERROR,
    "An environment variable has a name that AWS does not take.",
    "A name begins with a letter and has two characters at least; the framework lets others through, CreateFunction "
    "does not.",
)
ENVIRONMENT_TOO_LARGE = Rule(
    "environment-too-large",
    Weight.ERROR,
    "The environment of a function is larger than 4 KB.",
    "Names and values together may have 4,096 bytes. CreateFunction refuses more, and the deployment fails.",
)

# Source: "Defined runtime environment variables", Lambda developer guide.
_RESERVED = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_MOST_BYTES = 4096


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each function's environment."""
    for function in subject.functions:
        yield from _of(function)


def _of(function: CheckedFunction) -> Iterator[Finding]:
    variables = function.function.environment
    for name in variables:
        place = function.source.environment[name].key_place
        if name in _RESERVED:
            yield Finding(
                RESERVED_VARIABLE,
                place,
                f"the environment variable {name} is set by Lambda itself",
                f"MY_{name.strip('_')}: ...",
            )
        elif not _NAME.fullmatch(name):
            yield Finding(VARIABLE_NAME, place, f"the environment variable {name} has a name that AWS does not take")
    size = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    if size > _MOST_BYTES:
        yield Finding(
            ENVIRONMENT_TOO_LARGE,
            function.place_of("environment"),
            f"the environment of function {function.key} has {size:,} bytes",
            "Keep what is large in the package, or in Parameter Store, and give its name.",
        )
