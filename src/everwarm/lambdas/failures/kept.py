"""An entry of the failure store: what is known of a batch that was given up, without its records."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from everwarm.lambdas.failures.record import failure_record
from everwarm.lambdas.mappings.failed import FailedBatch


@dataclass(frozen=True, slots=True)
class Kept:
    """One failure. Times are epoch seconds.

    Attributes:
        id: its number; a later failure has a larger one.
        at: when the batch was given up.
        mapping_id: the UUID of the mapping.
        function_name, stream_arn, shard_id: what was called, with records of where.
        condition: why it was given up, in AWS's words.
        error: what went wrong last, for a person to read.
        records: how many there are.
        size_bytes: of the records, as JSON.
        first, last: the sequence numbers of the first and the last one.
        attempts: calls of the function with them, those of redriving included.
        partial: whether the function's answer names the records that failed (ReportBatchItemFailures).
        record: AWS's on-failure record, as it was when the batch was given up.
        destination: the ARN that was to be told, if the mapping has one.
        not_sent_because: why that was not done.
        redriven: how often it was redriven.
        redriven_at: when it was last redriven.
        qualifier: the version or alias of the function that the mapping names; None where it names none.
    """

    id: int
    at: float
    mapping_id: str
    function_name: str
    stream_arn: str
    shard_id: str
    condition: str
    error: str | None
    records: int
    size_bytes: int
    first: str
    last: str
    attempts: int
    partial: bool
    record: dict[str, Any]
    destination: str | None = None
    not_sent_because: str | None = None
    redriven: int = 0
    redriven_at: float | None = None
    qualifier: str | None = None

    @classmethod
    def of(cls, failure_id: int, failed: FailedBatch, size_bytes: int, not_sent_because: str | None) -> "Kept":
        """The entry of a batch."""
        mapping, batch = failed.mapping, failed.batch
        return cls(
            id=failure_id,
            at=failed.at,
            mapping_id=mapping.id,
            function_name=mapping.function_name,
            stream_arn=mapping.stream_arn,
            shard_id=failed.shard_id,
            condition=failed.condition.value,
            error=failed.error,
            records=len(batch.records),
            size_bytes=size_bytes,
            first=batch.first,
            last=batch.last,
            attempts=batch.attempts,
            partial=mapping.settings.report_batch_item_failures,
            record=failure_record(failed),
            destination=mapping.settings.on_failure,
            not_sent_because=not_sent_because,
            qualifier=mapping.qualifier,
        )

    @classmethod
    def from_json(cls, text: bytes) -> "Kept":
        """As it was written. Members of a later version are passed over."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in orjson.loads(text).items() if name in known})

    def to_json(self) -> bytes:
        """For the disk."""
        return orjson.dumps(self)

    def to_wire(self) -> dict[str, Any]:
        """For everwarm's own HTTP operations."""
        return asdict(self)
