"""What becomes of records that the function cannot handle: retries, bisecting, partial responses, destinations."""

from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedTrigger, Subject
from everwarm.serverless.stream_event import PROPERTIES, ZERO_IS_ABSENT

ENDLESS_RETRIES = Rule(
    "endless-retries",
    Weight.WARNING,
    "Neither the attempts nor the age of a failing batch has a limit.",
    "A batch that the function cannot handle is sent again until its records expire, which takes 24 hours. All that "
    "time nothing behind it in its shard is handled, and each attempt is paid for.",
)
NO_DESTINATION = Rule(
    "no-destination",
    Weight.WARNING,
    "Records may be given up, and nobody is told.",
    "Once attempts or age are used up, Lambda goes on behind the batch. Without a destination, nothing tells which "
    "records those were; after 24 hours they are gone from the stream, too.",
)
NO_BISECT = Rule(
    "no-bisect",
    Weight.WARNING,
    "A batch of several records fails as a whole.",
    "One record that cannot be handled makes all others of its batch be sent again with it, and be given up with it. "
    "With bisecting, Lambda halves the batch until the bad record stands alone.",
)
IGNORED_PARTIAL_RESPONSE = Rule(
    "ignored-partial-response",
    Weight.WARNING,
    "The code answers with batchItemFailures, and the mapping does not look at it.",
    "Without functionResponseType, Lambda does not read the answer: the call counts as a success, and the records that "
    "it names as failed are never sent again.",
)
UNUSED_PARTIAL_RESPONSE = Rule(
    "unused-partial-response",
    Weight.WARNING,
    "The mapping asks for batchItemFailures, and the code never names any.",
    "An exception fails the whole batch, and an answer without batchItemFailures counts as a success, as if "
    "functionResponseType were not there.",
)
NO_WINDOW_STATE = Rule(
    "no-window-state",
    Weight.WARNING,
    "The mapping has tumbling windows, and the code never names a state.",
    "Each answer of a window has to hold `state`, which the next call gets. An answer without it counts as failed, and "
    "the batch is sent again.",
)
ZERO_COUNTS_AS_ABSENT = Rule(
    "zero-counts-as-absent",
    Weight.WARNING,
    "A setting of 0 is passed over by the framework.",
    "The framework asks whether the setting is true, and 0 is not, so its default holds. Its schema has no 0 there: "
    "unless configValidationMode says otherwise, today's versions refuse the file.",
)

_PARTIAL_RESPONSE = (
    r"batchItemFailures",
    r"batch_item_failures",
    r"BatchProcessor",  # Powertools for Lambda makes the answer
    r"process_partial_response",
    r"processPartialResponse",
)


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each trigger."""
    for trigger in subject.triggers:
        yield from _limits(trigger)
        yield from _partial_responses(trigger)
        yield from _windows(trigger)
        yield from _zeros(trigger)


def _limits(trigger: CheckedTrigger) -> Iterator[Finding]:
    settings = trigger.trigger.settings
    is_endless = settings.maximum_retry_attempts == -1 and settings.maximum_record_age_s == -1
    if is_endless:
        yield trigger.finding(
            ENDLESS_RETRIES,
            "MaximumRetryAttempts",
            f"{trigger.words} sends a failing batch again for as long as its records last",
            trigger.fix(MaximumRetryAttempts="3"),
        )
    if not _has_destination(trigger) and not is_endless:
        yield trigger.finding(
            NO_DESTINATION,
            "MaximumRetryAttempts" if settings.maximum_retry_attempts != -1 else "MaximumRecordAgeInSeconds",
            f"{trigger.words} gives up records without telling anybody",
            _destination(trigger),
        )
    if settings.batch_size > 1 and not (settings.bisect_batch_on_function_error or settings.report_batch_item_failures):
        yield trigger.finding(
            NO_BISECT,
            "BisectBatchOnFunctionError" if trigger.given("BisectBatchOnFunctionError") else "BatchSize",
            f"{trigger.words} has batches of up to {settings.batch_size:,} records that fail as a whole",
            trigger.fix(BisectBatchOnFunctionError="true"),
        )


def _has_destination(trigger: CheckedTrigger) -> bool:
    """Whether one is written, also one whose ARN nobody can tell here, of another stack say."""
    config = trigger.trigger.properties.get("DestinationConfig")
    on_failure = None if config is None else config.get("OnFailure")
    return on_failure is not None and on_failure.get("Destination") is not None


def _destination(trigger: CheckedTrigger) -> str:
    if not trigger.trigger.is_event:
        mapping = "DestinationConfig:\n  OnFailure:\n    Destination: !GetAtt Failures.Arn"
    else:
        mapping = "destinations:\n  onFailure:\n    type: sqs\n    arn: !GetAtt Failures.Arn"
    return f"{mapping}\n# and below resources.Resources:\nFailures:\n  Type: AWS::SQS::Queue"


def _partial_responses(trigger: CheckedTrigger) -> Iterator[Finding]:
    code = trigger.called.code
    if not code.is_found:
        return
    names_them = code.is_cache or code.has(*_PARTIAL_RESPONSE)
    if names_them and not trigger.trigger.settings.report_batch_item_failures:
        value = "ReportBatchItemFailures" if trigger.trigger.is_event else "[ReportBatchItemFailures]"
        yield trigger.finding(
            IGNORED_PARTIAL_RESPONSE,
            "FunctionResponseTypes",
            f"the code of function {trigger.called.key} names failed records in its answer, which nobody reads",
            trigger.fix(FunctionResponseTypes=value),
        )
    if trigger.trigger.settings.report_batch_item_failures and not names_them:
        yield trigger.finding(
            UNUSED_PARTIAL_RESPONSE,
            "FunctionResponseTypes",
            f"the code of function {trigger.called.key} never names failed records in its answer",
            'Let the handler return {"batchItemFailures": [{"itemIdentifier": SEQUENCE_NUMBER}]}, or take '
            f"{trigger.setting('FunctionResponseTypes')} away.",
        )


def _windows(trigger: CheckedTrigger) -> Iterator[Finding]:
    code = trigger.called.code
    if trigger.trigger.settings.tumbling_window_s and code.is_found and not code.has(r"\bstate\b"):
        yield trigger.finding(
            NO_WINDOW_STATE,
            "TumblingWindowInSeconds",
            f"function {trigger.called.key} is called for windows, and its code never names a state",
            'Let the handler return {"state": ...}, made of event["state"] and the records.',
        )


def _zeros(trigger: CheckedTrigger) -> Iterator[Finding]:
    for setting in sorted(ZERO_IS_ABSENT):
        node = trigger.trigger.node.get(setting) if trigger.trigger.is_event else None
        if node is not None and node.value == 0 and node.value is not False:
            default = {"batchSize": "10"}.get(setting, "no limit" if setting.startswith("maximum") else "1")
            yield Finding(
                ZERO_COUNTS_AS_ABSENT,
                node.key_place,
                f"{PROPERTIES[setting]} is not 0 but {default}: the framework passes over {setting}: 0",
                f"Take {setting} away, or give the number that is meant.",
            )
