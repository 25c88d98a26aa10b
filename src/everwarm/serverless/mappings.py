"""`AWS::Lambda::EventSourceMapping`: its properties, be they written or made of a stream event, as what is to run.

Not here: stream events (`stream_event.py`), the settings' ranges (`everwarm.lambdas.mappings.settings`), obeying them.
Source: "AWS::Lambda::EventSourceMapping", CloudFormation reference.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from everwarm.errors import InvalidFilter, MappingError
from everwarm.lambdas.mappings import filters
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.serverless.functions import FunctionSource
from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node, Notice
from everwarm.serverless.resources import MAPPING_TYPE
from everwarm.serverless.tables import TableResource

# The label is the moment at which the author's cloud made the stream: another one here, so any will do.
_STREAM_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/(?P<table>[A-Za-z0-9_.-]{3,255})/stream/.+")
_FUNCTION = re.compile(r"(?:(?:arn:[^:]+:lambda:[^:]*:)?[^:]*:function:)?(?P<name>[A-Za-z0-9_-]+)(?::[^:]+)?")
_DESTINATION = re.compile(r"arn:[^:]+:(sqs|sns|s3):[^:]*:[^:]*:\S+")

_NUMBERS = {
    "BatchSize": "batch_size",
    "MaximumBatchingWindowInSeconds": "batching_window_s",
    "MaximumRecordAgeInSeconds": "maximum_record_age_s",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "ParallelizationFactor": "parallelization_factor",
    "TumblingWindowInSeconds": "tumbling_window_s",
}
_FLAGS = {"BisectBatchOnFunctionError": "bisect_batch_on_function_error", "Enabled": "enabled"}
# Encryption, names and measuring on AWS; nothing of it is here.
_WITHOUT_EFFECT = frozenset({"KmsKeyArn", "LoggingConfig", "MetricsConfig", "Tags"})
# Of queues, Kafka and document databases.
_OF_OTHERS = frozenset(
    {
        "AmazonManagedKafkaEventSourceConfig",
        "DocumentDBEventSourceConfig",
        "ProvisionedPollerConfig",
        "Queues",
        "ScalingConfig",
        "SelfManagedEventSource",
        "SelfManagedKafkaEventSourceConfig",
        "SourceAccessConfigurations",
        "StartingPositionTimestamp",
        "Topics",
    }
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A table's stream that calls a function.

    Attributes:
        function_key, function_name: the function, as the file calls it and as it is deployed.
        table_name: the table whose stream it is.
        table_logical_id: that table in the file; None where the file does not have it, so that it has to exist already.
        settings: how the records reach the function.
        logical_id: the mapping's name in the template.
        node: the stream event, or the resource.
        properties: what the settings are made of: here each one has its place in the file.
        is_event: whether it was written as a stream event.
    """

    function_key: str
    function_name: str
    table_name: str
    table_logical_id: str | None
    settings: MappingSettings
    logical_id: str
    node: Node = field(repr=False, compare=False)
    properties: Mapping[str, Node] = field(repr=False, compare=False)
    is_event: bool = True


def read(
    logical_id: str,
    node: Node,
    properties: Mapping[str, Node],
    template: Template,
    *,
    tables: Sequence[TableResource],
    functions: Sequence[FunctionSource],
    owner: str,
    name: Callable[[str], str],
    is_event: bool,
) -> tuple[Trigger, list[Notice]] | Notice:
    """The trigger that a mapping's properties describe; a notice if it is not run here.

    Args:
        logical_id: the mapping's name in the template.
        node: where it stands.
        template: knows the attributes that tables and functions will have.
        tables, functions: those of the file that run here.
        owner: the mapping in words.
        name: a property in words, `batchSize of ...` say.
        is_event: whether it was written as a stream event.

    Raises:
        ProjectError: a property that is unknown or out of range; a table without a stream.
    """
    values: dict[str, Node] = {}
    notices: list[Notice] = []
    for key, given in properties.items():
        if key in _WITHOUT_EFFECT or given.value is None:
            continue
        try:
            value = template.evaluate(given)
        except NotCreatedHere as error:
            if key in ("EventSourceArn", "FunctionName"):
                return node.notice(f"{owner} is not run here: {error.problem}")
            notices.append(given.notice(f"{name(key)} is left out: {error.problem}"))
            continue
        if value is not None and value.value is not None:
            values[key] = value

    arn = _required(values, "EventSourceArn", node, name)
    found = _STREAM_ARN.fullmatch(arn.text(name("EventSourceArn")))
    if found is None:
        if not is_event and ":dynamodb:" not in arn.text(name("EventSourceArn")):
            return node.notice(f"{owner} reads no table's stream and is not run here")
        raise properties["EventSourceArn"].error(
            f"{name('EventSourceArn')} is not the ARN of a table's stream: arn:aws:dynamodb:...:table/NAME/stream/LABEL"
        )
    table = next((table for table in tables if table.name == found["table"]), None)
    if table is not None and not table.has_stream:
        raise properties["EventSourceArn"].error(
            f"the table {table.name} has no stream; it needs a StreamSpecification"
        )
    called = _required(values, "FunctionName", node, name).text(name("FunctionName"))
    match = _FUNCTION.fullmatch(called)
    function = next((function for function in functions if match and function.function.name == match["name"]), None)
    if function is None:
        return node.notice(f"{owner} is not run here: it calls the function {called}, which is not")
    trigger = Trigger(
        function_key=function.key,
        function_name=function.function.name,
        table_name=found["table"],
        table_logical_id=None if table is None else table.logical_id,
        settings=_settings(values, node, name),
        logical_id=logical_id,
        node=node,
        properties=dict(properties),
        is_event=is_event,
    )
    return trigger, notices


def _required(values: Mapping[str, Node], key: str, node: Node, name: Callable[[str], str]) -> Node:
    if key not in values:
        raise node.key_error(f"{name(key)} is missing")
    return values[key]


def _settings(values: Mapping[str, Node], node: Node, name: Callable[[str], str]) -> MappingSettings:
    position = _required(values, "StartingPosition", node, name)
    settings = MappingSettings(starting_position=_position(position, name("StartingPosition")))
    for key, value in values.items():
        change: dict[str, Any]
        if key in _NUMBERS:
            change = {_NUMBERS[key]: value.whole_number(name(key))}
        elif key in _FLAGS:
            change = {_FLAGS[key]: value.flag(name(key))}
        elif key == "FunctionResponseTypes":
            change = {"report_batch_item_failures": _reports(value, name(key))}
        elif key == "DestinationConfig":
            change = {"on_failure": _on_failure(value, name(key))}
        elif key == "FilterCriteria":
            change = {"filters": _filters(value, name(key))}
        elif key in ("EventSourceArn", "FunctionName", "StartingPosition"):
            continue
        elif key in _OF_OTHERS:
            raise value.key_error(f"{name(key)} is not for a table's stream")
        else:
            raise value.key_error(f"{MAPPING_TYPE} has no property {key}")
        try:
            settings = dataclasses.replace(settings, **change)
        except MappingError as error:
            raise value.error(f"{name(key)}: {error}") from error
    return settings


def _position(node: Node, name: str) -> StartingPosition:
    text = node.text(name)
    if text not in list(StartingPosition):
        hint = ", which is for Kinesis" if text == "AT_TIMESTAMP" else ""
        raise node.error(f"{name} is {text!r}{hint}; it has to be {' or '.join(StartingPosition)}")
    return StartingPosition(text)


def _reports(node: Node, name: str) -> bool:
    types = node.sequence(name)
    for one in types:
        if one.text(name) != "ReportBatchItemFailures":
            raise one.error(f"{name} is {one.value!r}; it has to be ReportBatchItemFailures")
    if len(types) > 1:
        raise node.error(f"{name} has {len(types)} entries; it has to have 1 at the most")
    return bool(types)


def _on_failure(node: Node, name: str) -> str | None:
    for key, value in node.mapping(name).items():
        if key != "OnFailure" and value.value is not None:
            raise value.key_error(f"{name} has no {key} for a stream, only OnFailure")
    on_failure = node.get("OnFailure")
    destination = None if on_failure is None else on_failure.get("Destination")
    if destination is None:
        return None
    arn = destination.text(f"Destination of {name}")
    if not _DESTINATION.fullmatch(arn) or len(arn) > 350:
        raise destination.error(
            f"{name}: {arn!r} is not the ARN of a queue, a topic or a bucket: arn:aws:sqs:REGION:ACCOUNT:NAME"
        )
    return arn


def _filters(node: Node, name: str) -> tuple[str, ...]:
    listed = node.get("Filters")
    patterns = []
    for entry in [] if listed is None else listed.sequence(f"Filters of {name}"):
        pattern = entry.get("Pattern")
        if pattern is None:
            raise entry.key_error(f"a filter of {name} has no Pattern")
        text = pattern.text(f"a Pattern of {name}")
        try:
            filters.parse([text])
        except InvalidFilter as error:
            raise pattern.error(f"a pattern of {name} is wrong: {error.problem}. AWS would say: {error}") from error
        patterns.append(text)
    return tuple(patterns)
