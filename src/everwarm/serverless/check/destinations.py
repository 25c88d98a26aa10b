"""Where given-up records go, and whether Lambda can send them there."""

from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedTrigger, Subject

FIFO_DESTINATION = Rule(
    "fifo-destination",
    Weight.ERROR,
    "A destination is a FIFO queue or topic.",
    "Lambda sends to standard queues and topics alone. The deployment is refused, or the failure's record is lost.",
)
DESTINATION_TYPE = Rule(
    "destination-type",
    Weight.ERROR,
    "The type of a destination is not that of its ARN.",
    "The framework gives the function's role rights by the type, sqs or sns. So they are the wrong ones, and AWS "
    "refuses the mapping.",
)


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each destination."""
    for trigger in subject.triggers:
        if trigger.trigger.settings.on_failure is not None:
            yield from _of(trigger, trigger.trigger.settings.on_failure)


def _of(trigger: CheckedTrigger, arn: str) -> Iterator[Finding]:
    service = arn.split(":")[2]
    if arn.endswith(".fifo"):
        yield trigger.finding(
            FIFO_DESTINATION,
            "DestinationConfig",
            f"{trigger.words} tells {arn.rpartition(':')[2]} of failures, which is FIFO",
            "Failures:\n  Type: AWS::SQS::Queue  # without FifoQueue",
        )
    given = trigger.trigger.node.get("destinations")
    on_failure = None if given is None else given.get("onFailure")
    kind = None if on_failure is None else on_failure.get("type")
    # An ARN in S3 has no type; what comes of it is for permissions.py.
    if kind is not None and service in ("sqs", "sns") and kind.value != service:
        yield Finding(
            DESTINATION_TYPE,
            kind.place,
            f"the destination is of {service}, and its type says {kind.value}",
            f"type: {service}",
        )
