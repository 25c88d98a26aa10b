"""The names that functions and mappings go by: a name, a partial ARN, an ARN, with a version or without."""

import re
from dataclasses import dataclass

from everwarm.account import ACCOUNT
from everwarm.errors import InvalidParameterValueException, ResourceNotFoundException
from everwarm.lambdas.api.operation import Lambdas, Request
from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.registry.deployed import Deployed

_FUNCTION = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?P<region>[a-z]{2}[a-z-]*-\d):)?(?:\d{12}:)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)

# What the shape of CreateFunction's name allows beside others' longer ones.
MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class FunctionName:
    """What a request calls a function.

    Attributes:
        name: without anything else.
        qualifier: the version or alias that was named; None where none was.
    """

    name: str
    qualifier: str | None

    def arn(self, region: str) -> str:
        """The ARN of what was named."""
        tail = "" if self.qualifier is None else f":{self.qualifier}"
        return f"arn:aws:lambda:{region}:{ACCOUNT}:function:{self.name}{tail}"


def parse(text: str, region: str, qualifier: str | None = None) -> FunctionName:
    """Read a name whose form was checked before. The account of an ARN is passed over: there is only one here.

    Args:
        region: the one that there is.
        qualifier: what was given beside the name.

    Raises:
        ResourceNotFoundException: the ARN is of another region.
        InvalidParameterValueException: two different versions are named.
    """
    found = _FUNCTION.fullmatch(text)
    if found is None:
        raise InvalidParameterValueException(f"{text} is not the name of a function")
    if found["region"] not in (None, region):
        raise ResourceNotFoundException(
            f"Functions from '{found['region']}' are not reachable in this region ('{region}')"
        )
    if None not in (found["qualifier"], qualifier) and found["qualifier"] != qualifier:
        raise InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return FunctionName(found["name"], found["qualifier"] or qualifier)


def named(lambdas: Lambdas, request: Request) -> FunctionName:
    """What `FunctionName` and `Qualifier` of a request name; as `parse`."""
    return parse(request["FunctionName"], lambdas.region, request.get("Qualifier"))


def find(lambdas: Lambdas, request: Request) -> tuple[FunctionName, Deployed]:
    """The function that a request names.

    Raises:
        ResourceNotFoundException: there is no such function, or version of it.
    """
    name = named(lambdas, request)
    try:
        found = lambdas.functions.find(name.name).at(name.qualifier)
    except ResourceNotFoundException:
        found = None
    if found is None:
        raise not_found(name, lambdas.region)
    return name, found


def find_latest(lambdas: Lambdas, request: Request) -> Deployed:
    """The function that a request names which is about no version.

    Raises:
        ResourceNotFoundException: there is no such function.
        InvalidParameterValueException: a version is named.
    """
    name = named(lambdas, request)
    if name.qualifier not in (None, LATEST):
        raise InvalidParameterValueException(
            "Current operation does not support versions other than $LATEST. Please set the version to $LATEST or do "
            "not set a version in your request."
        )
    return lambdas.functions.find(name.name)


def not_found(name: FunctionName, region: str) -> ResourceNotFoundException:
    """The error for a function or version that is not there."""
    return ResourceNotFoundException(f"Function not found: {name.arn(region)}")


def mapping_arn(mapping_id: str, region: str) -> str:
    """The ARN of a mapping."""
    return f"arn:aws:lambda:{region}:{ACCOUNT}:event-source-mapping:{mapping_id}"
