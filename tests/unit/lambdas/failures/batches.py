"""Batches that were given up. What the tests of failures share."""

from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Condition
from everwarm.lambdas.mappings.settings import MappingSettings
from tests.unit.lambdas.mappings.fake_stream import ARN, SHARD, record

AT = 1_700_000_000.123

MAPPING = Mapping("shop-dev-refresh", ARN)


def failed(
    *places: int,
    at: float = AT,
    attempts: int = 4,
    condition: Condition = Condition.RETRY_ATTEMPTS_EXHAUSTED,
    shard_id: str = SHARD,
    text: str = "",
    on_failure: str | None = None,
    partial: bool = False,
    function_error: str | None = "Unhandled",
    error: str | None = "ValueError: no",
    request_id: str | None = "c0ffee00-0000-4000-8000-000000000000",
    qualifier: str | None = None,
    executed_version: str = "$LATEST",
) -> FailedBatch:
    """A batch with the records at these places of the shard, whose function has failed."""
    settings = MappingSettings(on_failure=on_failure, report_batch_item_failures=partial)
    return FailedBatch(
        mapping=Mapping(MAPPING.function_name, MAPPING.stream_arn, settings, qualifier=qualifier),
        shard_id=shard_id,
        batch=Batch(tuple(record(place, at - 60, text) for place in places), attempts),
        condition=condition,
        request_id=request_id,
        function_error=function_error,
        error=error,
        at=at,
        executed_version=executed_version,
    )
