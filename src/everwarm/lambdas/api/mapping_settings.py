"""What CreateEventSourceMapping and UpdateEventSourceMapping are given, checked and put into a mapping's settings.

Not here: shapes (`routes.py` and the model), whether stream and function are there (`actions/`).
"""

import dataclasses
from typing import Any

from everwarm.errors import InvalidFilter, InvalidParameterValueException, MappingError
from everwarm.lambdas.api.operation import Request
from everwarm.lambdas.mappings import filters
from everwarm.lambdas.mappings.destination import parse_destination
from everwarm.lambdas.mappings.settings import MappingSettings

_MEMBERS = {
    "BatchSize": "batch_size",
    "MaximumBatchingWindowInSeconds": "batching_window_s",
    "ParallelizationFactor": "parallelization_factor",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "MaximumRecordAgeInSeconds": "maximum_record_age_s",
    "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
    "TumblingWindowInSeconds": "tumbling_window_s",
    "Enabled": "enabled",
}
# What is kept as it was given, and shown.
_KEPT = ("KMSKeyArn", "MetricsConfig", "LoggingConfig")
# What other sources of events have.
_OTHERS = (
    *("Topics", "Queues", "SourceAccessConfigurations", "SelfManagedEventSource", "ScalingConfig"),
    *("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig"),
    "ProvisionedPollerConfig",
)
MIN_AGE_S = 60

_BAD_DESTINATION = "Unsupported DestinationConfig parameter for given event source mapping type."


def changed(settings: MappingSettings, request: Request) -> MappingSettings:
    """The settings with those of a request.

    Raises:
        InvalidParameterValueException: filters, destinations or an age that cannot be; settings that do not go
            together; a member of other sources.
    """
    for member in _OTHERS:
        if request.get(member):
            raise InvalidParameterValueException(f"Unsupported {member} parameter for given event source mapping type.")
    changes: dict[str, Any] = {field: request[member] for member, field in _MEMBERS.items() if member in request}
    _check_age(request)
    if "FunctionResponseTypes" in request:
        changes["report_batch_item_failures"] = bool(request["FunctionResponseTypes"])
    if "FilterCriteria" in request:
        changes["filters"] = _filters(request["FilterCriteria"])
    if "DestinationConfig" in request:
        changes["on_failure"] = _on_failure(request["DestinationConfig"])
    try:
        return dataclasses.replace(settings, **changes)
    except MappingError as err:
        raise InvalidParameterValueException(str(err)) from None


def kept(request: Request) -> dict[str, Any]:
    """What of a request is only kept."""
    return {member: request[member] for member in _KEPT if request.get(member)}


def _check_age(request: Request) -> None:
    age = request.get("MaximumRecordAgeInSeconds", -1)
    if age != -1 and age < MIN_AGE_S:
        raise InvalidParameterValueException(
            f"1 validation error detected: Value '{age}' at 'maximumRecordAgeInSeconds' failed to satisfy constraint: "
            f"Member must have value greater than or equal to {MIN_AGE_S}"
        )


def _filters(criteria: dict[str, Any]) -> tuple[str, ...]:
    patterns = tuple(one.get("Pattern") or "" for one in criteria.get("Filters") or ())
    try:
        filters.parse(patterns)
    except InvalidFilter as err:
        raise InvalidParameterValueException(str(err)) from None
    return patterns


def _on_failure(config: dict[str, Any]) -> str | None:
    destination: str | None = (config.get("OnFailure") or {}).get("Destination")
    if (config.get("OnSuccess") or {}).get("Destination"):
        raise InvalidParameterValueException(_BAD_DESTINATION)
    if not destination:
        return None
    try:
        return parse_destination(destination).arn
    except MappingError as err:
        raise InvalidParameterValueException(str(err)) from None
