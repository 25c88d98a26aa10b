"""What becomes of a batch after a call: pure rules, which `delivery.py` obeys.

Source: "Retries for DynamoDB stream events" in the Lambda developer guide. The backoff is our own choice, for AWS
publishes none.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from math import inf

from everwarm.lambdas.mappings.batch import Batch, created_s
from everwarm.lambdas.mappings.settings import MappingSettings

# Stream records live 24 hours; with no limits set, that is how long a batch is retried.
RETENTION_S = 24 * 3600.0

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 60.0


class Result(StrEnum):
    """How a call ended."""

    OK = "ok"
    FUNCTION_ERROR = "function error"
    NOT_STARTED = "not started"
    """It failed before the function ran: a throttle, no worker process to be had. Not an attempt."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known after a call.

    Attributes:
        result: how it ended.
        error: what went wrong, for a person to read.
        request_id: the call's; None if the function did not run.
        function_error: AWS's `Unhandled` if the function failed; None if it ran, and named what failed in its answer.
    """

    result: Result
    error: str | None = None
    request_id: str | None = None
    function_error: str | None = None

    @property
    def ok(self) -> bool:
        return self.result is Result.OK


class Condition(StrEnum):
    """Why a batch was given up, in AWS's words."""

    RETRY_ATTEMPTS_EXHAUSTED = "RetryAttemptsExhausted"
    RECORD_AGE_EXCEEDED = "RecordAgeExceeded"


@dataclass(frozen=True, slots=True)
class Commit:
    """Done: the position moves to this sequence number."""

    up_to: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Send this batch, after a pause in seconds."""

    batch: Batch
    after_s: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Let this batch go: the position moves past it, and somebody is told."""

    batch: Batch
    condition: Condition


Step = Commit | Retry | GiveUp


def next_step(batch: Batch, outcome: Outcome, settings: MappingSettings, now: float, jitter: float) -> Step:
    """Decide.

    Args:
        batch: as it was sent, `attempts` not yet counting this call.
        outcome: how the call ended.
        settings: the mapping's.
        now: epoch seconds.
        jitter: from 0 to 1, by chance.
    """
    if outcome.ok:
        return Commit(batch.last)
    if outcome.result is Result.NOT_STARTED:
        tried = replace(batch, not_started=batch.not_started + 1)
    else:
        tried = replace(batch, attempts=batch.attempts + 1)
    # N retries come after the first call: the call N + 1 is the last one.
    if 0 <= settings.maximum_retry_attempts < tried.attempts:
        return GiveUp(tried, Condition.RETRY_ATTEMPTS_EXHAUSTED)
    _, rest = drop_expired(tried, now, age_limit_s(settings, tried=True))
    if rest is None:
        return GiveUp(tried, Condition.RECORD_AGE_EXCEEDED)
    return Retry(tried, backoff_s(tried.attempts + tried.not_started, jitter))


def age_limit_s(settings: MappingSettings, *, tried: bool) -> float:
    """The age in seconds past which a record is not sent.

    Retries end when the record leaves the stream, whatever the settings say. A record that was never sent, because
    nothing ran for a day, is sent for as long as the stream still has it.
    """
    limit_s = inf if settings.maximum_record_age_s == -1 else float(settings.maximum_record_age_s)
    return min(limit_s, RETENTION_S) if tried else limit_s


def drop_expired(batch: Batch, now: float, maximum_age_s: float) -> tuple[Batch | None, Batch | None]:
    """Part a batch into what is too old and the rest; None for a part without records.

    Only the head is looked at, as recorded on AWS: the rest begins with the first record that is young enough.
    """
    records = batch.records
    old = sum(1 for _ in takewhile(lambda record: now - created_s(record) > maximum_age_s, records))
    return _part(batch, 0, old), _part(batch, old, len(records))


def backoff_s(failures: int, jitter: float) -> float:
    """The pause after so many failures in a row: doubling from 0.5 s up to 60 s, of which chance takes up to half.

    A batch that keeps failing is called 8 times in its first minute with a middling jitter; 8 is what was recorded on
    AWS for a maximum age of 60 s.

    Args:
        failures: from 1.
        jitter: from 0 to 1; 0 gives the shortest pause.
    """
    doublings = min(failures - 1, 16)
    return float(min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2**doublings)) * (0.5 + jitter / 2)


def _part(batch: Batch, start: int, end: int) -> Batch | None:
    return replace(batch, records=batch.records[start:end]) if start < end else None
