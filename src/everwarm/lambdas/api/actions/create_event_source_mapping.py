"""CreateEventSourceMapping: from a table's stream to a function."""

import re
import uuid

from everwarm.errors import (
    ApiError,
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from everwarm.lambdas.api import mapping_settings, names
from everwarm.lambdas.api.function_settings import check_tags
from everwarm.lambdas.api.mapping_configuration import configuration
from everwarm.lambdas.api.names import FunctionName
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.lambdas.registry.mapping_record import MappingRecord, State

_STREAM = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/[^/]+/stream/.+")
_SOURCE = "Unrecognized event source."


async def run(lambdas: Lambdas, request: Request) -> Response:
    name = names.parse(request["FunctionName"], lambdas.region)
    stream_arn = _source(request)
    position = _position(request, stream_arn)
    check_function(lambdas, name)
    check_tags(request.get("Tags", {}))
    settings = mapping_settings.changed(MappingSettings(starting_position=position), request)
    await _check_stream(lambdas, stream_arn)
    _check_new(lambdas, stream_arn, name)
    record = MappingRecord(
        Mapping(name.name, stream_arn, settings, given_id=str(uuid.uuid4()), qualifier=name.qualifier),
        modified_s=lambdas.clock.now(),
        shown=mapping_settings.kept(request),
        tags=request.get("Tags", {}),
    )
    running = await lambdas.mappings.create(record)
    return configuration(running, lambdas.region, State.CREATING)


def check_function(lambdas: Lambdas, name: FunctionName) -> None:
    """
    Raises:
        InvalidParameterValueException: there is no such function.
    """
    try:
        names.find(lambdas, {"FunctionName": name.name, "Qualifier": name.qualifier})
    except ResourceNotFoundException:
        raise InvalidParameterValueException("Function does not exist") from None


def _source(request: Request) -> str:
    arn: str | None = request.get("EventSourceArn")
    if arn is None:
        raise InvalidParameterValueException(_SOURCE)
    if not _STREAM.fullmatch(arn):
        raise InvalidParameterValueException(f"{_SOURCE} everwarm has the streams of DynamoDB tables only.")
    return arn


def _position(request: Request, stream_arn: str) -> StartingPosition:
    given = request.get("StartingPosition")
    if given is None:
        raise InvalidParameterValueException(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must "
            "not be null."
        )
    if given == "AT_TIMESTAMP":
        raise InvalidParameterValueException(f"Unsupported starting position for arn type: {stream_arn}")
    return StartingPosition(given)


async def _check_stream(lambdas: Lambdas, stream_arn: str) -> None:
    try:
        await lambdas.client.call("DescribeStream", {"StreamArn": stream_arn})
    except ApiError:
        raise InvalidParameterValueException(f"Stream not found: {stream_arn}") from None


def _check_new(lambdas: Lambdas, stream_arn: str, name: FunctionName) -> None:
    for running in lambdas.mappings.all():
        other = running.record.mapping
        same_version = (other.qualifier or LATEST) == (name.qualifier or LATEST)
        if (other.stream_arn, other.function_name) == (stream_arn, name.name) and same_version:
            raise ResourceConflictException(
                f'The event source arn (" {stream_arn} ") and function (" {name.name} ") provided mapping already '
                f"exists. Please update or delete the existing mapping with UUID {other.id}"
            )
