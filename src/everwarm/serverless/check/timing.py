"""Seconds and places that do not fit each other: timeouts, windows, ages, concurrency, where reading begins."""

from collections.abc import Iterator

from everwarm.lambdas.mappings.settings import StartingPosition
from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedTrigger, Subject
from everwarm.serverless.functions import DEFAULT_TIMEOUT_S

TIMEOUT_BEYOND_AGE = Rule(
    "timeout-beyond-record-age",
    Weight.WARNING,
    "One call may last longer than a record may wait.",
    "While a call runs, the records behind it in their shard grow older. One slow call, and they are past "
    "maximumRecordAgeInSeconds and given up without a single attempt.",
)
WINDOW_BEYOND_AGE = Rule(
    "window-beyond-record-age",
    Weight.WARNING,
    "Gathering a batch may take longer than a record may wait.",
    "A record that waits for the window to end is past maximumRecordAgeInSeconds by then, and given up unseen.",
)
LATEST = Rule(
    "latest-loses-records",
    Weight.NOTICE,
    "Reading begins at LATEST.",
    "What is written between a deployment and the moment, up to minutes later, at which the mapping is active is never "
    "seen. TRIM_HORIZON begins with the oldest record of the stream and misses none.",
)
SHORT_TIMEOUT = Rule(
    "default-timeout",
    Weight.NOTICE,
    "Large batches, and the framework's timeout of 6 seconds.",
    "A call that takes longer is ended, and its whole batch counts as failed and is sent again, what was done of it "
    "included.",
)
NO_CONCURRENCY = Rule(
    "no-concurrency",
    Weight.WARNING,
    "The function may not run at all.",
    "With reservedConcurrency: 0 each call is throttled. The stream waits, and records are lost after 24 hours.",
)
FEWER_CALLS_THAN_LANES = Rule(
    "fewer-calls-than-lanes",
    Weight.NOTICE,
    "A function may run fewer times at once than its trigger calls it.",
    "Lambda calls the function for as many batches of a shard at a time as parallelizationFactor says; what is beyond "
    "reservedConcurrency is throttled and waits.",
)


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each trigger, and of each function's concurrency."""
    for trigger in subject.triggers:
        yield from _ages(trigger)
        yield from _start(trigger)
        yield from _concurrency(trigger)


def _ages(trigger: CheckedTrigger) -> Iterator[Finding]:
    settings, function = trigger.trigger.settings, trigger.called.function
    age = settings.maximum_record_age_s
    if age != -1 and function.timeout_s >= age:
        yield trigger.finding(
            TIMEOUT_BEYOND_AGE,
            "MaximumRecordAgeInSeconds",
            f"function {trigger.called.key} may run for {function.timeout_s:g} s, and its records may wait for {age} s",
            trigger.fix(MaximumRecordAgeInSeconds=str(min(604_800, max(3600, int(function.timeout_s) * 10)))),
        )
    if age != -1 and settings.batching_window_s >= age:
        yield trigger.finding(
            WINDOW_BEYOND_AGE,
            "MaximumBatchingWindowInSeconds",
            f"{trigger.words} gathers for up to {settings.batching_window_s} s records that may wait for {age} s",
            trigger.fix(MaximumBatchingWindowInSeconds=str(age // 2)),
        )
    given = trigger.called.source.node.get("timeout")
    if given is None and function.timeout_s == DEFAULT_TIMEOUT_S and settings.batch_size > 100:
        yield Finding(
            SHORT_TIMEOUT,
            trigger.called.place,
            f"function {trigger.called.key} has the framework's 6 s for up to {settings.batch_size:,} records",
            "timeout: 60",
        )


def _start(trigger: CheckedTrigger) -> Iterator[Finding]:
    if trigger.trigger.settings.starting_position is StartingPosition.LATEST:
        yield trigger.finding(
            LATEST,
            "StartingPosition",
            f"{trigger.words} misses what is written before it is active",
            trigger.fix(StartingPosition="TRIM_HORIZON"),
        )


def _concurrency(trigger: CheckedTrigger) -> Iterator[Finding]:
    reserved = trigger.called.function.reserved_concurrency
    lanes = trigger.trigger.settings.parallelization_factor
    place = trigger.called.place_of("reservedConcurrency")
    if reserved == 0:
        yield Finding(
            NO_CONCURRENCY,
            place,
            f"function {trigger.called.key} may not run: reservedConcurrency is 0",
            "reservedConcurrency: 1",
        )
    elif reserved is not None and reserved < lanes:
        yield Finding(
            FEWER_CALLS_THAN_LANES,
            place,
            f"function {trigger.called.key} may run {reserved} times at once, and is called {lanes} times for a shard",
            f"reservedConcurrency: {lanes}",
        )
