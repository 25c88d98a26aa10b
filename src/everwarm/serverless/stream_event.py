"""A `stream` event as the properties of the `AWS::Lambda::EventSourceMapping` that the framework makes of it.

Two things come out as the framework has them, and not as one would guess: a batch size, a record age or a
parallelization factor of 0 counts as absent, and a filter pattern is passed on letter for letter, with CloudFormation's
functions in it not answered.

Not here: what the properties mean (`mappings.py`).
Source: "Streams", Serverless Framework documentation, and `lib/plugins/aws/package/compile/events/stream.js`.
"""

import dataclasses
import difflib
from dataclasses import dataclass

from everwarm.serverless import naming
from everwarm.serverless.json_text import json_text
from everwarm.serverless.nodes import Node, Notice

FRAMEWORK_BATCH_SIZE = 10
MOST_PATTERNS = 10

PROPERTIES = {
    "arn": "EventSourceArn",
    "batchSize": "BatchSize",
    "batchWindow": "MaximumBatchingWindowInSeconds",
    "bisectBatchOnFunctionError": "BisectBatchOnFunctionError",
    "destinations": "DestinationConfig",
    "enabled": "Enabled",
    "filterPatterns": "FilterCriteria",
    "functionResponseType": "FunctionResponseTypes",
    "maximumRecordAgeInSeconds": "MaximumRecordAgeInSeconds",
    "maximumRetryAttempts": "MaximumRetryAttempts",
    "parallelizationFactor": "ParallelizationFactor",
    "startingPosition": "StartingPosition",
    "tumblingWindowInSeconds": "TumblingWindowInSeconds",
}
"""CloudFormation's name of each setting."""

ZERO_IS_ABSENT = frozenset({"batchSize", "maximumRecordAgeInSeconds", "parallelizationFactor"})
"""The framework asks whether they are true."""

_KINESIS_ONLY = frozenset({"consumer", "startingPositionTimestamp"})


@dataclass(frozen=True, slots=True)
class CompiledEvent:
    """What a stream event becomes.

    Attributes:
        logical_id: of the mapping in the framework's template.
        properties: with CloudFormation's functions in them not answered yet. A null takes a property away.
    """

    logical_id: str
    properties: dict[str, Node]


def compiled(key: str, event: Node, *, strict: bool) -> tuple[CompiledEvent, list[Notice]] | Notice:
    """Compile the stream event of a function; a notice if it reads a Kinesis stream.

    Args:
        key: the function's name inside the file.
        event: the ARN, or the map of settings.
        strict: refuse a setting that nobody has, rather than tell of it.

    Raises:
        ProjectError: an event without ARN or type, a setting of a wrong form.
    """
    owner = f"the stream event of function {key}"
    settings: dict[str, Node] = {}
    arn: Node | None = event
    if not isinstance(event.value, str):
        settings = {name: value for name, value in event.mapping(owner).items() if value.value is not None}
        arn = settings.pop("arn", None)
    if arn is None:
        raise event.key_error(f"{owner} has no arn")
    if _kind(arn, settings.pop("type", None), owner) == "kinesis":
        return event.notice(f"{owner} reads a Kinesis stream and is not run here")

    # All that nobody has written stands where the event's own key does.
    function = Node.of({"Fn::GetAtt": [naming.function(key), "Arn"]}, event.key_place)
    properties = {
        "EventSourceArn": arn,
        "FunctionName": function,
        "BatchSize": Node.of(FRAMEWORK_BATCH_SIZE, event.key_place),
        "StartingPosition": Node.of("TRIM_HORIZON", event.key_place),
        "Enabled": Node.of(True, event.key_place),
    }
    notices = []
    for setting, node in settings.items():
        name = f"{setting} of {owner}"
        if setting in _KINESIS_ONLY:
            notices.append(
                node.notice(f"{name} is for Kinesis, and passed over for a table's stream", "unknown-setting")
            )
        elif setting not in PROPERTIES:
            problem = f"{name} is not a setting that a stream event has{_meant(setting)}"
            if strict:
                raise node.key_error(problem)
            notices.append(node.notice(problem, "unknown-setting"))
        elif (value := _property(setting, node, name)) is not None:
            properties[PROPERTIES[setting]] = dataclasses.replace(value, key_place=node.key_place)
    return CompiledEvent(naming.stream_mapping(key, _stream_name(arn)), properties), notices


def _kind(arn: Node, given: Node | None, owner: str) -> str:
    if given is not None:
        kind = given.text(f"type of {owner}")
        if kind not in ("dynamodb", "kinesis"):
            raise given.error(f"type of {owner} is {kind!r}; it has to be dynamodb or kinesis")
        return kind
    if not isinstance(arn.value, str):
        raise arn.key_error(f"{owner} needs a type beside an arn that is not text: type: dynamodb")
    return "kinesis" if arn.value.split(":")[2:3] == ["kinesis"] else "dynamodb"


def _meant(setting: str) -> str:
    close = difflib.get_close_matches(setting, PROPERTIES, n=1)
    return f"; did you mean {close[0]}?" if close else f"; it has {', '.join(sorted(PROPERTIES))}, type"


def _property(setting: str, node: Node, name: str) -> Node | None:
    """The value that CloudFormation gets; None for none."""
    match setting:
        case "destinations":
            return _destinations(node, name)
        case "filterPatterns":
            return _filters(node, name)
        case "functionResponseType":
            given = node.text(name)
            if given != "ReportBatchItemFailures":
                raise node.error(f"{name} is {given!r}; it has to be ReportBatchItemFailures")
            return dataclasses.replace(node, value=[node])
    return None if setting in ZERO_IS_ABSENT and node.value == 0 else node


def _destinations(node: Node, name: str) -> Node | None:
    for key, value in node.mapping(name).items():
        if key != "onFailure":
            raise value.key_error(f"{name} has no {key}; for a stream there is onFailure alone")
    given = node.get("onFailure")
    if given is None:
        return None
    arn: Node | None = given
    if isinstance(given.value, dict):
        if any(key == "Ref" or key.startswith("Fn::") for key in given.value):
            raise given.error(f"onFailure in {name}: a function goes below arn, with a type: {{arn: ..., type: sqs}}")
        for key, value in given.value.items():
            if key not in ("arn", "type"):
                raise value.key_error(f"onFailure in {name} has no {key}; it has arn, type")
        arn = given.get("arn")
        kind = given.get("type")
        if arn is None:
            raise given.key_error(f"onFailure in {name} has no arn")
        if kind is None and not isinstance(arn.value, str):
            raise arn.key_error(f"onFailure in {name} needs a type beside an arn that is not text: type: sqs")
        if kind is not None and kind.value not in ("sns", "sqs"):
            raise kind.error(f"type of onFailure in {name} is {kind.kind}; it has to be sns or sqs")
    assert arn is not None
    on_failure = dataclasses.replace(given, value={"Destination": arn})
    return dataclasses.replace(node, value={"OnFailure": on_failure})


def _filters(node: Node, name: str) -> Node:
    patterns = node.sequence(name)
    if not 1 <= len(patterns) <= MOST_PATTERNS:
        raise node.error(f"{name} has {len(patterns)} patterns; it has to have from 1 to {MOST_PATTERNS}")
    filters = []
    for pattern in patterns:
        if not isinstance(pattern.value, dict):
            raise pattern.error(f"a pattern in {name} has to be a map, not {pattern.kind}")
        text = dataclasses.replace(pattern, value=json_text(pattern))
        filters.append(dataclasses.replace(pattern, value={"Pattern": text}))
    return dataclasses.replace(node, value={"Filters": dataclasses.replace(node, value=list(filters))})


def _stream_name(arn: Node) -> str:
    """What the framework calls the stream in a logical id; of some functions it knows no name."""
    if isinstance(arn.value, str):
        return arn.value.split("/")[1] if "/" in arn.value else ""
    function, argument = next(iter(arn.value.items())) if isinstance(arn.value, dict) and arn.value else ("", arn)
    listed = argument.value if isinstance(argument.value, list) else []
    match function:
        case "Fn::GetAtt" if listed:
            return str(listed[0].value)
        case "Ref" | "Fn::ImportValue" if isinstance(argument.value, str):
            return argument.value
        case "Fn::Join" if len(listed) == 2 and isinstance(listed[1].value, list) and listed[1].value:
            return str(listed[1].value[-1].value).split("/")[-1]
    return ""
