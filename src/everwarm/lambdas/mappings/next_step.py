"""What becomes of a batch after a call: pure rules, which `delivery.py` obeys.

Each step parts the records that were sent: some are done, some are sent again, some are given up.

Not here: what the function's answer says of single records (`answers.py`).

Source: "Retries for DynamoDB stream events", "Partial batch responses" in the Lambda developer guide. The backoff is
our own choice, for AWS publishes none.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from math import inf

from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.stream_record import created_s

# Stream records live 24 hours; with no limits set, that is how long a batch is retried.
RETENTION_S = 24 * 3600.0

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 60.0


class Result(StrEnum):
    """How a call ended."""

    OK = "ok"
    PARTIAL = "partial failure"
    """The function answered, and named records that failed."""
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
        executed_version: of the function.
        failed_from: with `PARTIAL`, how many records at the batch's head are done; the next one is the first that
            the function named.
        state: what the function returned as the state of its window, JSON.
    """

    result: Result
    error: str | None = None
    request_id: str | None = None
    function_error: str | None = None
    executed_version: str = LATEST
    failed_from: int = 0
    state: bytes | None = None

    @property
    def ok(self) -> bool:
        return self.result is Result.OK


class Condition(StrEnum):
    """Why a batch was given up, in AWS's words."""

    RETRY_ATTEMPTS_EXHAUSTED = "RetryAttemptsExhausted"
    RECORD_AGE_EXCEEDED = "RecordAgeExceeded"


@dataclass(frozen=True, slots=True)
class Commit:
    """All of the batch is done."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Send these, one after the other, after a pause in seconds. What came before them in the batch is done."""

    batches: tuple[Batch, ...]
    after_s: float
    done: Batch | None = None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Let this batch go: somebody is told, and the position moves past it. What came before it is done."""

    batch: Batch
    condition: Condition
    done: Batch | None = None


Step = Commit | Retry | GiveUp


def next_step(batch: Batch, outcome: Outcome, settings: MappingSettings, now: float, jitter: float) -> Step:
    """Decide.

    A batch that is split has not used up an attempt, so a record that fails is alone before its retries are counted.

    Args:
        batch: as it was sent, `attempts` not yet counting this call.
        outcome: how the call ended.
        settings: the mapping's.
        now: epoch seconds.
        jitter: from 0 to 1, by chance.
    """
    if outcome.ok:
        return Commit()
    if outcome.result is Result.NOT_STARTED:
        return _retry(replace(batch, not_started=batch.not_started + 1), settings, now, jitter)
    bisect = settings.bisect_batch_on_function_error
    count = len(batch.records)
    if bisect and outcome.result is Result.FUNCTION_ERROR and count > 1:
        halves = (batch.part(0, count // 2), batch.part(count // 2, count))
        return Retry(tuple(half for half in halves if half), backoff_s(batch.attempts + 1, jitter))
    done, rest = batch.part(0, outcome.failed_from), batch.part(outcome.failed_from, count) or batch
    tried = rest if bisect and done else replace(rest, attempts=rest.attempts + 1)
    # N retries come after the first call: the call N + 1 is the last one.
    if 0 <= settings.maximum_retry_attempts < tried.attempts:
        return GiveUp(tried, Condition.RETRY_ATTEMPTS_EXHAUSTED, done)
    return replace(_retry(tried, settings, now, jitter), done=done)


def _retry(tried: Batch, settings: MappingSettings, now: float, jitter: float) -> Retry | GiveUp:
    if drop_expired(tried, now, age_limit_s(settings, tried=True))[1] is None:
        return GiveUp(tried, Condition.RECORD_AGE_EXCEEDED)
    return Retry((tried,), backoff_s(max(1, tried.attempts + tried.not_started), jitter))


def age_limit_s(settings: MappingSettings, *, tried: bool) -> float:
    """The age in seconds past which a record is not sent.

    Retries end when the record leaves the stream, whatever the settings say. A record that was never sent, because
    nothing ran for a day, is sent for as long as the stream still has it.
    """
    limit_s = inf if settings.maximum_record_age_s == -1 else float(settings.maximum_record_age_s)
    return min(limit_s, RETENTION_S) if tried else limit_s


def drop_expired(batch: Batch, now: float, maximum_age_s: float) -> tuple[Batch | None, Batch | None]:
    """Part a batch into what is too old and the rest; None for a part without records.

    Only the head is looked at, as recorded on AWS: the rest begins with the first record that is young enough. The
    call that ends a window has no record; it is as old as the window's end.
    """
    if not batch.records:
        too_old = batch.window is not None and now - batch.window.end_s > max(maximum_age_s, RETENTION_S)
        return (batch, None) if too_old else (None, batch)
    records = batch.records
    old = sum(1 for _ in takewhile(lambda record: now - created_s(record) > maximum_age_s, records))
    return (batch.part(0, old), batch.part(old, len(records))) if old else (None, batch)


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
