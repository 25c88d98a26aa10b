"""Filter patterns that AWS accepts, and that nothing ever matches, or everything does.

A pattern is walked beside what a record of this table's stream can look like: its top level, the parts of `dynamodb`,
attributes with their type keys, values. Not here: what is no pattern at all, which is an error when the file is read.

Source: "Using event filtering with a DynamoDB event source", Lambda developer guide.
"""

import json
from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedTrigger, Subject
from everwarm.serverless.nodes import Node

NEVER_MATCHES = Rule(
    "filter-never-matches",
    Weight.ERROR,
    "A filter pattern asks for what no record of the stream has.",
    "AWS accepts the pattern, and passes over every record: the function is never called by it, and nothing is said.",
)
ALWAYS_MATCHES = Rule(
    "filter-always-matches",
    Weight.ERROR,
    "`exists: false` stands right on an attribute's name.",
    "Only a leaf can be asked whether it exists, and an attribute is none, its value lies below its type. So the rule "
    "holds for every record, those that have the attribute included.",
)
MANY_FILTERS = Rule(
    "many-filters",
    Weight.NOTICE,
    "A trigger has more than five filter patterns.",
    "AWS allows five for a mapping, and up to ten once the account's quota has been raised.",
)

_FREE = 5
_TOP = (
    "awsRegion",
    "dynamodb",
    "eventID",
    "eventName",
    "eventSource",
    "eventSourceARN",
    "eventVersion",
    "userIdentity",
)
_PARTS = (
    "ApproximateCreationDateTime",
    "Keys",
    "NewImage",
    "OldImage",
    "SequenceNumber",
    "SizeBytes",
    "StreamViewType",
)
_IMAGES = {"NewImage": ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"), "OldImage": ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")}
# Which changes leave the image.
_CHANGES = {"NewImage": {"INSERT", "MODIFY"}, "OldImage": {"MODIFY", "REMOVE"}}
_EVENT_NAMES = {"INSERT", "MODIFY", "REMOVE"}
_TYPES = ("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS")
_TEXT_TYPES = ("S", "N", "B", "SS", "NS", "BS")
_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each trigger's patterns."""
    for trigger in subject.triggers:
        patterns = _patterns(trigger)
        if len(patterns) > _FREE:
            yield trigger.finding(
                MANY_FILTERS, "FilterCriteria", f"{trigger.words} has {len(patterns)} filter patterns"
            )
        for pattern in patterns:
            yield from _Walk(trigger).record(pattern)


def _patterns(trigger: CheckedTrigger) -> list[Node]:
    """The patterns, each value at its place; of those that are JSON text, all stand where the text does."""
    written = trigger.trigger.node.get("filterPatterns") if trigger.trigger.is_event else None
    if written is not None and trigger.trigger.properties["FilterCriteria"].key_place == written.key_place:
        return written.sequence("filterPatterns")
    criteria = trigger.trigger.properties.get("FilterCriteria")
    place = trigger.place_of("FilterCriteria") if criteria is None else criteria.place
    return [Node.of(json.loads(text), place) for text in trigger.trigger.settings.filters]


class _Walk:
    """One pattern, beside the records of one stream."""

    def __init__(self, trigger: CheckedTrigger) -> None:
        self.view_type = trigger.view_type
        self.table = trigger.table
        self.changes: set[str] | None = None

    def record(self, pattern: Node) -> Iterator[Finding]:
        """The top level of a record."""
        self.changes = _event_names(pattern)
        for key, node in pattern.mapping("a pattern").items():
            if key == "$or":
                for one in node.value if isinstance(node.value, list) else []:
                    yield from self.record(one) if isinstance(one.value, dict) else ()
                continue
            if key not in _TOP:
                below = " below dynamodb" if key in _PARTS else ""
                hint = f"; {key} stands{below}" if below else f"; it has {', '.join(_TOP)}"
                yield from _never(node, f"a record has no {key} at its top{hint}", self._below(key, node))
            elif key == "eventName":
                yield from _words(node, "eventName", _EVENT_NAMES)
            elif key == "userIdentity":
                yield from self._identity(node)
            elif key == "dynamodb" and isinstance(node.value, dict):
                yield from self._parts(node)

    def _below(self, key: str, node: Node) -> str:
        return f"dynamodb:\n  {key}: ..." if key in _PARTS else ""

    def _identity(self, node: Node) -> Iterator[Finding]:
        if self.changes is not None and "REMOVE" not in self.changes:
            yield from _never(node, "userIdentity is there only where Time to Live deletes, which is a REMOVE")
        for key, value in node.value.items() if isinstance(node.value, dict) else ():
            if key in _IDENTITY:
                yield from _words(value, key, {_IDENTITY[key]})
            else:
                lower = f"{key[:1].lower()}{key[1:]}"
                hint = f"; Lambda writes it {lower}" if lower in _IDENTITY else "; it has type and principalId"
                yield from _never(
                    value, f"userIdentity has no {key}{hint}", f"{lower}: ..." if lower in _IDENTITY else ""
                )

    def _parts(self, node: Node) -> Iterator[Finding]:
        for key, value in node.mapping("dynamodb").items():
            if key == "$or":
                for one in value.value if isinstance(value.value, list) else []:
                    yield from self._parts(one) if isinstance(one.value, dict) else ()
            elif key not in _PARTS:
                yield from _never(value, f"dynamodb has no {key}; it has {', '.join(_PARTS)}")
            elif key == "Keys" and isinstance(value.value, dict):
                yield from self._keys(value)
            elif key in _IMAGES:
                yield from self._image(key, value)

    def _keys(self, node: Node) -> Iterator[Finding]:
        table = self.table
        if table is not None:
            keys = [part["AttributeName"] for part in table.create_request["KeySchema"]]
            for name, value in node.mapping("Keys").items():
                if name not in keys and name != "$or":
                    yield from _never(value, f"{name} is no key of {table.name}; its key is {', '.join(keys)}")
                    return
        yield from self._attributes(node)

    def _image(self, key: str, node: Node) -> Iterator[Finding]:
        is_wanted = not _asks_for_absence(node)
        if is_wanted and self.view_type is not None and self.view_type not in _IMAGES[key]:
            yield from _never(
                node,
                f"the stream's view type {self.view_type} has no {key}",
                "StreamSpecification:\n  StreamViewType: NEW_AND_OLD_IMAGES",
            )
        elif is_wanted and self.changes is not None and not self.changes & _CHANGES[key]:
            yield from _never(node, f"{' and '.join(sorted(self.changes))} has no {key}")
        if isinstance(node.value, dict):
            yield from self._attributes(node)

    def _attributes(self, node: Node) -> Iterator[Finding]:
        for name, value in node.mapping("attributes").items():
            if name == "$or":
                for one in value.value if isinstance(value.value, list) else []:
                    yield from self._attributes(one) if isinstance(one.value, dict) else ()
                continue
            if isinstance(value.value, list):
                yield from self._no_type(name, value)
                continue
            for kind, inner in value.mapping(name).items():
                if kind in _TYPES:
                    yield from self._value(name, kind, inner)
                elif kind == "null":
                    yield from _never(
                        inner, f"NULL without quotes is YAML's null, and {name} has no null", "'NULL': [true]"
                    )
                elif kind != "$or":
                    yield from _never(
                        inner,
                        f"{kind} is no type of DynamoDB's; a map's attributes stand below M",
                        f"{name}: {{M: {{{kind}: ...}}}}",
                    )

    def _no_type(self, name: str, node: Node) -> Iterator[Finding]:
        rules = node.value if isinstance(node.value, list) else []
        if any((exists := rule.get("exists")) is not None and exists.value is False for rule in rules):
            yield Finding(
                ALWAYS_MATCHES,
                node.key_place,
                f"exists: false on {name} holds for every record; it has to stand on the type, below it",
                f"{name}: {{S: [{{exists: false}}]}}",
            )
        else:
            given = next((rule for rule in rules if not isinstance(rule.value, dict)), None)
            example = (
                "{exists: true}" if given is None else given.kind.removeprefix("the text ").removeprefix("the number ")
            )
            yield from _never(node, f"{name} is asked without its type, S, N or another", f"{name}: {{S: [{example}]}}")

    def _value(self, name: str, kind: str, node: Node) -> Iterator[Finding]:
        if kind == "M" and isinstance(node.value, dict):
            yield from self._attributes(node)
        if kind in ("M", "L") and isinstance(node.value, list):
            yield from _never(
                node, f"{name} is a {'map' if kind == 'M' else 'list'}, which is no leaf that a rule can hold for"
            )
        if not isinstance(node.value, list) or kind in ("M", "L"):
            return
        for rule in node.value:
            if kind in _TEXT_TYPES and rule.get("numeric") is not None:
                yield from _never(
                    rule, f"{name} is carried as text, as all numbers are, and numeric holds for numbers alone"
                )
            elif kind in _TEXT_TYPES and isinstance(rule.value, int | float):
                example = str(rule.value).lower() if isinstance(rule.value, bool) else rule.text("it")
                yield from _never(
                    rule, f"{name} is carried as text, and {example} without quotes is none", f"{kind}: ['{example}']"
                )
            elif kind in ("BOOL", "NULL") and isinstance(rule.value, str):
                yield from _never(rule, f"{name} is true or false, not text", f"{kind}: [{rule.value.lower()}]")


def _never(node: Node, what: str, fix: str = "") -> Iterator[Finding]:
    yield Finding(NEVER_MATCHES, node.key_place, f"the filter pattern never matches: {what}", fix)


def _words(node: Node, name: str, wanted: set[str]) -> Iterator[Finding]:
    """A list of words of which at least one has to be one of those that there are."""
    rules = node.value if isinstance(node.value, list) else []
    words = [rule for rule in rules if not isinstance(rule.value, dict)]
    for word in words:
        if word.value not in wanted:
            known = ", ".join(sorted(wanted))
            yield from _never(word, f"{name} is never {word.value}; it is {known}", f"{name}: [{known}]")


def _event_names(pattern: Node) -> set[str] | None:
    """The kinds of change that a pattern lets through; None where it does not say so plainly."""
    node = pattern.get("eventName")
    if node is None or not isinstance(node.value, list):
        return None
    names = {rule.value for rule in node.value if isinstance(rule.value, str)}
    return names if len(names) == len(node.value) and names <= _EVENT_NAMES else None


def _asks_for_absence(node: Node) -> bool:
    """Whether all that is asked of a part is that something is not there."""
    if isinstance(node.value, dict):
        return bool(node.value) and all(map(_asks_for_absence, node.value.values()))
    rules = node.value if isinstance(node.value, list) else []
    return bool(rules) and all((exists := rule.get("exists")) is not None and exists.value is False for rule in rules)
