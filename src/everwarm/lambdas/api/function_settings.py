"""What CreateFunction and UpdateFunctionConfiguration are given, checked and put into a function.

Not here: shapes (`routes.py` and the model), the package (`registry/package.py`).
"""

import dataclasses
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import orjson

from everwarm.errors import InvalidParameterValueException, PreconditionFailedException, SerializationException
from everwarm.lambdas.api.model import lambda_model
from everwarm.lambdas.api.operation import Request
from everwarm.lambdas.functions import Function
from everwarm.lambdas.registry.deployed import Deployed

MAX_ENVIRONMENT_BYTES = 4096
MAX_TAGS = 50

DEFAULT_MEMORY_MB = 128
DEFAULT_TIMEOUT_S = 3

# What is kept as it was given, and shown.
KEPT = (
    *("Role", "Description", "VpcConfig", "DeadLetterConfig", "KMSKeyArn", "TracingConfig", "Layers"),
    *("FileSystemConfigs", "ImageConfig", "Architectures", "EphemeralStorage", "SnapStart", "LoggingConfig"),
    *("TenancyConfig", "CapacityProviderConfig", "DurableConfig", "RuntimeConfig", "AcceleratorConfig"),
)

# "Defined runtime environment variables" in the developer guide: those that are reserved.
RESERVED = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)

_UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)


def changed(function: Function, request: Request) -> Function:
    """The function with the settings of a request.

    Raises:
        InvalidParameterValueException: a runtime that is none, variables that cannot be.
    """
    changes: dict[str, Any] = {}
    if "Runtime" in request:
        check_runtime(request["Runtime"])
        changes["runtime"] = request["Runtime"]
    if "Handler" in request:
        changes["handler"] = request["Handler"]
    if "Timeout" in request:
        changes["timeout_s"] = float(request["Timeout"])
    if "MemorySize" in request:
        changes["memory_mb"] = request["MemorySize"]
    if "Environment" in request:
        variables = request["Environment"].get("Variables") or {}
        check_environment(variables)
        changes["environment"] = variables
    return dataclasses.replace(function, **changes)


def kept(request: Request) -> dict[str, Any]:
    """What of a request is only kept."""
    return {name: request[name] for name in KEPT if name in request}


def check_runtime(runtime: str) -> None:
    """
    Raises:
        InvalidParameterValueException: there is no such runtime.
    """
    runtimes = lambda_model().runtimes
    if runtime not in runtimes:
        raise InvalidParameterValueException(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(runtimes)}] or be a valid ARN"
        )


def check_environment(variables: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidParameterValueException: reserved names, or more than 4 KB.
    """
    reserved = [name for name in variables if name in RESERVED]
    if reserved:
        raise InvalidParameterValueException(
            f"{_UNABLE} contains reserved keys that are currently not supported for modification. Reserved keys used "
            f"in this request: {', '.join(reserved)}"
        )
    measured = orjson.dumps(variables)
    if len(measured) > MAX_ENVIRONMENT_BYTES:
        raise InvalidParameterValueException(f"{_UNABLE} exceeded the 4KB limit. String measured: {measured.decode()}")


def check_tags(tags: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidParameterValueException: there are too many, or one is AWS's own.
    """
    if len(tags) > MAX_TAGS:
        raise InvalidParameterValueException("Number of tags exceeds resource tag limit.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise InvalidParameterValueException("Tag keys starting with 'aws:' are reserved for system use")


def check_revision(deployed: Deployed, request: Request) -> None:
    """
    Raises:
        PreconditionFailedException: the function is not any more what the caller has seen.
    """
    if request.get("RevisionId") not in (None, "", deployed.revision):
        raise PreconditionFailedException(
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            "retrieve the latest Revision Id"
        )


def package_of(code: Mapping[str, Any]) -> bytes:
    """The package in a request; only one that is sent along is taken.

    Raises:
        InvalidParameterValueException: there is none, or it is somewhere else.
        SerializationException: it is not base64.
    """
    if code.get("ImageUri") is not None:
        raise InvalidParameterValueException(
            "everwarm runs no container images: give the code as a zip file in ZipFile, and PackageType Zip"
        )
    if code.get("S3Bucket") is not None or code.get("S3Key") is not None:
        if code.get("ZipFile") is not None:
            raise InvalidParameterValueException(
                "Please do not provide other FunctionCode parameters when providing a ZipFile."
            )
        raise InvalidParameterValueException("everwarm fetches no code from S3: give the zip file itself in ZipFile")
    if code.get("ZipFile") is None:
        raise InvalidParameterValueException("Please provide a source for function code.")
    try:
        return b64decode(code["ZipFile"], validate=True)
    except ValueError:
        raise SerializationException("") from None
