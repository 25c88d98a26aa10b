"""What triggers functions: their `stream` events, and mappings among the resources; notices for all other events.

A setting that nobody has is refused, as the framework does, unless the file's `configValidationMode` says otherwise.

Not here: a stream event (`stream_event.py`), a mapping (`mappings.py`).
"""

from collections.abc import Iterable, Mapping, Sequence

from everwarm.serverless import mappings, stream_event
from everwarm.serverless.functions import FunctionSource
from everwarm.serverless.intrinsics import Template
from everwarm.serverless.mappings import Trigger
from everwarm.serverless.nodes import Node, Notice
from everwarm.serverless.resources import MAPPING_TYPE
from everwarm.serverless.tables import TableResource

_SETTING = {name: setting for setting, name in stream_event.PROPERTIES.items()}


def read(
    functions: Sequence[FunctionSource],
    template: Template,
    tables: Sequence[TableResource],
    *,
    strict: bool,
) -> tuple[list[Trigger], list[Notice]]:
    """The triggers of a project, and notices for what is not run here.

    Args:
        functions: those that run here.
        template: knows the attributes that tables and functions will have.
        tables: the tables of the file.
        strict: refuse settings that a stream event does not have, rather than tell of them.

    Raises:
        ProjectError: a setting that is unknown or out of range; a table without a stream; two mappings of one stream
            to one function.
    """
    triggers: dict[str, Trigger] = {}
    notices: list[Notice] = []
    for source in functions:
        for event in _stream_events(source, notices):
            found = _of_event(source, event, template, tables, functions, strict)
            if isinstance(found, Notice):
                notices.append(found)
                continue
            trigger, more = found
            notices += more
            if trigger.logical_id in triggers:
                notices.append(
                    triggers[trigger.logical_id].node.notice(
                        f"function {source.key} has another stream event that reads the same stream; "
                        "that one replaces this one, as the framework gives both one logical id",
                        "replaced-event",
                    )
                )
            triggers[trigger.logical_id] = trigger
    for logical_id, resource in template.resources.items():
        kind = resource.get("Type")
        if kind is None or kind.value != MAPPING_TYPE or not template.is_wanted(logical_id, resource):
            continue
        found = _of_resource(logical_id, resource, template, tables, functions)
        if isinstance(found, Notice):
            notices.append(found)
        else:
            triggers[logical_id] = found[0]
            notices += found[1]
    _refuse_doubles(triggers.values())
    return list(triggers.values()), notices


def _stream_events(source: FunctionSource, notices: list[Notice]) -> list[Node]:
    streams = []
    events = source.node.get("events")
    for entry in [] if events is None else events.sequence(f"events of function {source.key}"):
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
        if kind == "stream":
            streams.append(event)
        else:
            notices.append(event.notice(f"the {kind} event of function {source.key} is not run here"))
    return streams


def _of_event(
    source: FunctionSource,
    event: Node,
    template: Template,
    tables: Sequence[TableResource],
    functions: Sequence[FunctionSource],
    strict: bool,
) -> tuple[Trigger, list[Notice]] | Notice:
    compiled = stream_event.compiled(source.key, event, strict=strict)
    if isinstance(compiled, Notice):
        return compiled
    result, notices = compiled
    properties = result.properties
    owner = f"the stream event of function {source.key}"
    if (extension := template.extensions.get(result.logical_id)) is not None:
        if not template.is_wanted(result.logical_id, extension):
            return event.notice(f"{owner} is not run here: the condition of its extension does not hold")
        properties = {**properties, **_extended(result.logical_id, extension)}
    found = mappings.read(
        result.logical_id,
        event,
        properties,
        template,
        tables=tables,
        functions=functions,
        owner=owner,
        name=lambda key: f"{_SETTING.get(key, key)} of {owner}",
        is_event=True,
    )
    return found if isinstance(found, Notice) else (found[0], notices + found[1])


def _extended(logical_id: str, extension: Node) -> Mapping[str, Node]:
    properties = extension.get("Properties")
    return {} if properties is None else properties.mapping(f"Properties of the extension {logical_id}")


def _of_resource(
    logical_id: str,
    resource: Node,
    template: Template,
    tables: Sequence[TableResource],
    functions: Sequence[FunctionSource],
) -> tuple[Trigger, list[Notice]] | Notice:
    properties = resource.get("Properties")
    given = {} if properties is None else properties.mapping(f"Properties of {logical_id}")
    return mappings.read(
        logical_id,
        resource,
        # AWS's own default, which then stands where the resource's key does.
        {"BatchSize": Node.of(100, resource.key_place), **given},
        template,
        tables=tables,
        functions=functions,
        owner=f"the mapping {logical_id}",
        name=lambda key: f"{key} of {logical_id}",
        is_event=False,
    )


def _refuse_doubles(triggers: Iterable[Trigger]) -> None:
    seen: set[tuple[str, str]] = set()
    for trigger in triggers:
        key = (trigger.function_name, trigger.table_name)
        if key in seen:
            raise trigger.node.key_error(
                f"function {trigger.function_key} reads the stream of {trigger.table_name} twice; "
                "AWS has one mapping for a function and a stream"
            )
        seen.add(key)
