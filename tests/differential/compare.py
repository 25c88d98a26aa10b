"""Two answers to one request: are they the same, as far as DynamoDB promises anything?

Order counts where it is defined (a query's by its sort key) and not where it is not (sets, scans, batches, equal sort
keys in an index). What differs all the same, and why that is right: known.
"""

import json
import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tests.differential.case import Request, Schema, Step
from tests.differential.endpoint import Answer

_SETS = ("SS", "NS", "BS")
_UNPREDICTABLE = {
    "Backfilling",
    "CreationDateTime",
    "IndexStatus",
    "LastDecreaseDateTime",
    "LastIncreaseDateTime",
    "LastUpdateToPayPerRequestDateTime",
    "LatestStreamArn",
    "LatestStreamLabel",
    "SizeEstimateRangeGB",
    "TableId",
    "TableStatus",
}
"""Members that are times, random, or a matter of moments; of tables, where no attribute is called so."""
_COUNTED = re.compile(r"1 validation error detected: (?!Value )")
"""How DynamoDB has begun many texts since 2026, which this version of Local does not know."""
_MASKED = re.compile(r"'[^']*'|\"[^\"]*\"|[:#]\w+|-?\d[\d.E+-]*|\{.*\}|\[.*\]")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that differs between two answers.

    Attributes:
        where: `error`, `message`, or the place in the body.
        ours, local: what stands there, as text.
        request: as JSON.
        number: of the step; `both_refused` says that the next one can be compared all the same.
    """

    action: str
    where: str
    ours: str
    local: str
    request: str = ""
    number: int = 0
    both_refused: bool = False

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """The same for differences that are probably one: without names, numbers and values."""
        where = re.sub(r"\[\d+\]", "[]", self.where)
        return (self.action, where, masked(self.ours), masked(self.local))


def masked(text: str) -> str:
    """A text without names, numbers and values."""
    return _MASKED.sub("*", text)


def compare(step: Step, schema: Schema | None, ours: Answer, local: Answer) -> Difference | None:
    """The first difference; None if there is none."""
    # After a 500 anything may have happened.
    refused = 400 <= ours.status < 500 and 400 <= local.status < 500

    def difference(where: str, mine: str, other: str) -> Difference:
        return Difference(step.action, where, mine, other, _text(step.request), both_refused=refused)

    if (ours.status, ours.error) != (local.status, local.error):
        return difference("error", shown(ours), shown(local))
    if _told(ours) != _told(local):
        return difference("message", shown(ours), shown(local))
    a, b = (normal(step, schema, answer.body) for answer in (ours, local))
    found = _first_difference(a, b, "")
    if found is None:
        return None
    where, mine, other = found
    return difference(where, _text(mine), _text(other))


def normal(step: Step, schema: Schema | None, body: Request) -> Any:
    """A body without what is not promised."""
    made: Any = _canonical(body)
    if made.get("Items"):
        made["Items"] = _ordered(step, schema, made["Items"])
    if step.action == "Scan":
        made.pop("LastEvaluatedKey", None)
    for member in ("TableDescription", "Table", "ItemCollectionMetrics"):
        if member in made:
            made[member] = _predictable(made[member])
    if step.action == "BatchGetItem":
        made["Responses"] = {name: _as_multiset(found) for name, found in made.get("Responses", {}).items()}
    if isinstance(made.get("ConsumedCapacity"), list):
        made["ConsumedCapacity"] = sorted(made["ConsumedCapacity"], key=_text)
    return made


def _canonical(value: Any) -> Any:
    """Sets in one order."""
    if isinstance(value, dict):
        if len(value) == 1 and (tag := next(iter(value))) in _SETS and isinstance(value[tag], list):
            return {tag: sorted(value[tag], key=_text)}
        return {name: _canonical(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_canonical(member) for member in value]
    return value


def _ordered(step: Step, schema: Schema | None, items: list[Any]) -> list[Any]:
    """A query's items in its order, those with equal sort keys in one of ours; a scan's in one of ours."""
    if step.action != "Query" or schema is None:
        return _as_multiset(items)
    name = step.request.get("IndexName")
    if name is None:
        return items
    sort = next((index.range for index in schema.indexes if index.name == name), None)
    if sort is None or any(sort not in item for item in items):
        return _as_multiset(items)
    groups = groupby(items, key=lambda item: _text(item[sort]))
    return [item for _, group in groups for item in _as_multiset(list(group))]


def _as_multiset(items: list[Any]) -> list[Any]:
    return sorted(items, key=_text)


def _predictable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _predictable(member) for name, member in value.items() if name not in _UNPREDICTABLE}
    if isinstance(value, list):
        made = [_predictable(member) for member in value]
        # Keys have an order; indexes and definitions have none.
        unordered = any("IndexName" in member or "AttributeType" in member for member in made)
        return sorted(made, key=_text) if unordered else made
    return value.replace(":us-east-1:", ":ddblocal:") if isinstance(value, str) else value


def _first_difference(a: Any, b: Any, where: str) -> tuple[str, Any, Any] | None:
    if isinstance(a, dict) and isinstance(b, dict):
        for name in sorted(a.keys() | b.keys()):
            if name not in a or name not in b:
                return (f"{where}.{name}", a.get(name, "nothing"), b.get(name, "nothing"))
            if found := _first_difference(a[name], b[name], f"{where}.{name}"):
                return found
        return None
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (mine, other) in enumerate(zip(a, b, strict=True)):
            if found := _first_difference(mine, other, f"{where}[{number}]"):
                return found
        return None
    return None if a == b else (where, a, b)


def shown(answer: Answer) -> str:
    """An answer in a line."""
    if answer.error is None:
        return f"{answer.status} {_text(answer.body)}"
    status = "" if answer.status == 400 else f"{answer.status} "
    return f"{status}{answer.error}: {_told(answer)}"


def _told(answer: Answer) -> str:
    return _COUNTED.sub("", answer.message or "")


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
