"""The `events` of functions: stream events as event source mappings, and notices for all others.

A setting that everwarm does not have yet is refused, never silently ignored; so is one that nobody has.

Not here: the settings' ranges (`everwarm.lambdas.mappings.settings`), obeying them.
Source: "Streams", Serverless Framework documentation, and `lib/plugins/aws/package/compile/events/stream.js`.
"""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from everwarm.errors import MappingError
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.serverless.functions import FunctionSource
from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node, Notice
from everwarm.serverless.tables import TableResource

FRAMEWORK_BATCH_SIZE = 10

# The label is the moment at which the author's cloud made the stream: another one here, so any will do.
_STREAM_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/(?P<table>[A-Za-z0-9_.-]{3,255})/stream/.+")

_NUMBERS = {
    "batchSize": "batch_size",
    "batchWindow": "batching_window_s",
    "maximumRetryAttempts": "maximum_retry_attempts",
    "maximumRecordAgeInSeconds": "maximum_record_age_s",
}
# The framework drops a zero of these: it asks whether they are true.
_ZERO_IS_ABSENT = frozenset({"batchSize", "maximumRecordAgeInSeconds"})
_KINESIS_ONLY = frozenset({"consumer", "startingPositionTimestamp"})
_NOT_YET = frozenset({"filterPatterns", "functionResponseType"})
# AWS's defaults and limits of the settings that may be given as long as they change nothing.
_NOT_YET_NUMBERS = {"parallelizationFactor": (1, 1, 10), "tumblingWindowInSeconds": (0, 0, 900)}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A table's stream that calls a function.

    Attributes:
        function_key, function_name: the function, as the file calls it and as it is deployed.
        table_name: the table whose stream it is.
        table_logical_id: that table in the file; None where the file does not have it, so that it has to exist already.
        settings: how the records reach the function.
    """

    function_key: str
    function_name: str
    table_name: str
    table_logical_id: str | None
    settings: MappingSettings


def read(
    source: FunctionSource, template: Template, tables: Sequence[TableResource]
) -> tuple[list[Trigger], list[Notice]]:
    """The triggers of a function, and notices for the events that are not run here.

    Args:
        template: knows the attributes that the tables will have.
        tables: the tables of the file.

    Raises:
        ProjectError: a setting that is unknown, out of range or not there yet; a table without a stream.
    """
    triggers: list[Trigger] = []
    notices: list[Notice] = []
    for entry in [] if source.events is None else source.events.sequence(f"events of function {source.key}"):
        if isinstance(entry.value, str):
            kind, event = entry.value, Node(None, entry.place, entry.place)
        else:
            named = entry.mapping(f"an event of function {source.key}")
            if len(named) != 1:
                raise entry.error(
                    f"an event of function {source.key} is a map of one key, its kind; "
                    f"this has {len(named)}: {', '.join(named) or 'none'} (settings stand further to the right)"
                )
            ((kind, event),) = named.items()
        if kind != "stream":
            notices.append(event.notice(f"the {kind} event of function {source.key} is not run here"))
            continue
        trigger = _trigger(source, event, template, tables)
        if isinstance(trigger, Notice):
            notices.append(trigger)
        else:
            triggers.append(trigger)
    return triggers, notices


def _trigger(
    source: FunctionSource, event: Node, template: Template, tables: Sequence[TableResource]
) -> Trigger | Notice:
    owner = f"the stream event of function {source.key}"
    settings: dict[str, Node] = {}
    arn: Node | None = event
    if not isinstance(event.value, str):
        settings = {key: value for key, value in event.mapping(owner).items() if value.value is not None}
        arn = settings.pop("arn", None)
    if arn is None:
        raise event.key_error(f"{owner} has no arn")
    kind = _kind(arn, settings.pop("type", None), owner)
    if kind == "kinesis":
        return event.notice(f"{owner} reads a Kinesis stream and is not run here")
    try:
        evaluated = template.evaluate(arn)
    except NotCreatedHere as error:
        return event.notice(f"{owner} is not run here: {error.problem}")
    found = None if evaluated is None else _STREAM_ARN.fullmatch(evaluated.text(f"arn of {owner}"))
    if found is None:
        raise arn.error(
            f"arn of {owner} is not the ARN of a table's stream: arn:aws:dynamodb:...:table/NAME/stream/LABEL"
        )
    table_name = found["table"]
    table = next((table for table in tables if table.name == table_name), None)
    if table is not None and not table.has_stream:
        raise arn.error(f"the table {table_name} has no stream; it needs a StreamSpecification")
    return Trigger(
        function_key=source.key,
        function_name=source.function.name,
        table_name=table_name,
        table_logical_id=None if table is None else table.logical_id,
        settings=_settings(settings, owner),
    )


def _kind(arn: Node, given: Node | None, owner: str) -> str:
    if given is not None:
        kind = given.text(f"type of {owner}")
        if kind not in ("dynamodb", "kinesis"):
            raise given.error(f"type of {owner} is {kind!r}; it has to be dynamodb or kinesis")
        return kind
    if not isinstance(arn.value, str):
        raise arn.key_error(f"{owner} needs a type beside an arn that is not text: type: dynamodb")
    return "kinesis" if arn.value.split(":")[2:3] == ["kinesis"] else "dynamodb"


def _settings(given: dict[str, Node], owner: str) -> MappingSettings:
    settings = MappingSettings(batch_size=FRAMEWORK_BATCH_SIZE)
    for key, node in given.items():
        name = f"{key} of {owner}"
        if key in _NUMBERS:
            number = node.whole_number(name)
            if number == 0 and key in _ZERO_IS_ABSENT:
                continue
            change: dict[str, Any] = {_NUMBERS[key]: number}
            try:
                settings = dataclasses.replace(settings, **change)
            except MappingError as error:
                raise node.error(f"{name}: {error}") from error
        elif key == "startingPosition":
            settings = dataclasses.replace(settings, starting_position=_position(node, name))
        elif key == "enabled":
            settings = dataclasses.replace(settings, enabled=node.flag(name))
        else:
            _refuse_unless_default(key, node, name)
    return settings


def _position(node: Node, name: str) -> StartingPosition:
    text = node.text(name)
    if text not in list(StartingPosition):
        hint = ", which is for Kinesis" if text == "AT_TIMESTAMP" else ""
        raise node.error(f"{name} is {text!r}{hint}; it has to be {' or '.join(StartingPosition)}")
    return StartingPosition(text)


def _refuse_unless_default(key: str, node: Node, name: str) -> None:
    if key in _NOT_YET_NUMBERS:
        default, low, high = _NOT_YET_NUMBERS[key]
        number = node.whole_number(name)
        if not low <= number <= high:
            raise node.error(f"{name} is {number}; it has to be from {low} to {high}")
        refused = number != default
    elif key == "bisectBatchOnFunctionError":
        refused = node.flag(name)
    elif key == "destinations":
        refused = node.get("onFailure") is not None
    elif key in _KINESIS_ONLY:
        raise node.key_error(f"{name} is for Kinesis, not for a table's stream")
    elif key in _NOT_YET:
        refused = True
    else:
        raise node.key_error(f"{name} is not a setting that a stream event has")
    if refused:
        setting = "destinations.onFailure" if key == "destinations" else key
        raise node.key_error(f"{setting}: everwarm does not have this setting yet; without it the project can be run")
