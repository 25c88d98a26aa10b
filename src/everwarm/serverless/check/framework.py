"""What runs here and stops the framework, and what of the file is not run here."""

from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import Subject
from everwarm.serverless.nodes import Place

INVALID = Rule(
    "invalid",
    Weight.ERROR,
    "The file cannot be run as it stands.",
    "Nothing else is looked at until this is mended. The framework, or CloudFormation, would refuse it as well.",
)
NAMELESS_ARN = Rule(
    "nameless-arn",
    Weight.ERROR,
    "A stream event's arn is a function that the framework makes no name of.",
    "It makes the mapping's logical id of what Fn::GetAtt, Ref, Fn::ImportValue or the last part of Fn::Join names. At "
    "any other function packaging ends with a TypeError.",
)
UNKNOWN_SETTING = Rule(
    "unknown-setting",
    Weight.WARNING,
    "A stream event has a setting that there is not, or that is for Kinesis.",
    "The framework passes over it, if configValidationMode is warn or off, as it was by default until version 3; and "
    "the setting that was meant keeps its default.",
)
REPLACED_EVENT = Rule(
    "replaced-event",
    Weight.WARNING,
    "Two stream events of a function read the same stream.",
    "The framework gives both one logical id, so that the later one replaces the earlier one without a word.",
)
NOT_RUN_HERE = Rule(
    "not-run-here",
    Weight.NOTICE,
    "Something in the file is not run, or not created, on this machine.",
    "On AWS it is. Here it is passed over: events other than streams, resources other than tables, plugins.",
)

_BY_CODE = {rule.code: rule for rule in (UNKNOWN_SETTING, REPLACED_EVENT, NOT_RUN_HERE)}
_NAMED = ("Fn::GetAtt", "Ref", "Fn::ImportValue", "Fn::Join")


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each stream event, and the notices of the project."""
    for trigger in subject.triggers:
        arn = trigger.trigger.properties["EventSourceArn"]
        if trigger.trigger.is_event and isinstance(arn.value, dict) and not arn.value.keys() & set(_NAMED):
            table = trigger.trigger.table_logical_id
            yield Finding(
                NAMELESS_ARN,
                arn.place,
                f"the framework cannot package {next(iter(arn.value), 'this')} as the arn of a stream event",
                "arn: arn:aws:dynamodb:..." if table is None else f"arn: !GetAtt {table}.StreamArn",
            )
    for notice in subject.project.notices:
        yield Finding(_BY_CODE[notice.code], Place(notice.path, notice.line, notice.column), notice.text)
