"""A mapping as the Lambda API shows it: EventSourceMappingConfiguration."""

from typing import Any

from everwarm.lambdas.api.names import FunctionName, mapping_arn
from everwarm.lambdas.registry.mapping_record import State
from everwarm.lambdas.registry.mappings import RunningMapping

USER_ACTION = "User action"


def configuration(running: RunningMapping, region: str, state: State | None = None) -> dict[str, Any]:
    """The mapping's configuration.

    Args:
        state: what is shown in the place of the state that it has come to in the meantime.
    """
    record = running.record
    mapping, settings = record.mapping, record.mapping.settings
    shown: dict[str, Any] = {
        "UUID": mapping.id,
        "EventSourceMappingArn": mapping_arn(mapping.id, region),
        "EventSourceArn": mapping.stream_arn,
        "FunctionArn": FunctionName(mapping.function_name, mapping.qualifier).arn(region),
        "StartingPosition": str(settings.starting_position),
        "BatchSize": settings.batch_size,
        "MaximumBatchingWindowInSeconds": settings.batching_window_s,
        "ParallelizationFactor": settings.parallelization_factor,
        "MaximumRetryAttempts": settings.maximum_retry_attempts,
        "MaximumRecordAgeInSeconds": settings.maximum_record_age_s,
        "BisectBatchOnFunctionError": settings.bisect_batch_on_function_error,
        "TumblingWindowInSeconds": settings.tumbling_window_s,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if settings.report_batch_item_failures else [],
        "DestinationConfig": {"OnFailure": {"Destination": settings.on_failure} if settings.on_failure else {}},
        "LastModified": record.modified_s,
        "LastProcessingResult": running.worker.stats.last_processing_result,
        "State": str(state or running.state),
        "StateTransitionReason": USER_ACTION,
        **record.shown,
    }
    if settings.filters:
        shown["FilterCriteria"] = {"Filters": [{"Pattern": pattern} for pattern in settings.filters]}
    return shown
