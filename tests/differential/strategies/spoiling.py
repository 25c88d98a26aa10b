"""Requests made wrong: any request, with one thing about it changed that usually is not allowed."""

import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import Request, Step
from tests.differential.strategies import values

_JUNK: list[Any] = [None, "", "a", 0, 1, -1, 1.5, True, [], {}, ["a"], {"a": "b"}, {"S": "a"}, "x" * 300, 10**12]
_TEXT_JUNK = [
    "",
    " ",
    "a",
    "AND",
    ")",
    "a =",
    "a = :undefined",
    "#undefined",
    "size(a)",
    "a..b",
    "a[x]",
    "SET",
    "1",
    "é",
]
_EXPRESSIONS = (
    "ConditionExpression",
    "UpdateExpression",
    "ProjectionExpression",
    "FilterExpression",
    "KeyConditionExpression",
)
_EXTRA: list[tuple[str, Any]] = [
    ("ExpressionAttributeNames", {"#unused": "a"}),
    ("ExpressionAttributeValues", {":unused": {"S": "a"}}),
    ("ExpressionAttributeNames", {}),
    ("ExpressionAttributeValues", {}),
    ("ExpressionAttributeNames", {"unused": "a"}),
    ("ExpressionAttributeValues", {"unused": {"S": "a"}}),
    ("ConditionExpression", ""),
    ("ConditionExpression", "attribute_exists(a)"),
    ("ProjectionExpression", ""),
    ("FilterExpression", "attribute_exists(pk)"),
    ("Expected", {"a": {"Exists": False}}),
    ("AttributesToGet", ["a"]),
    ("ConditionalOperator", "AND"),
    ("ReturnValues", "ALL"),
    ("ReturnConsumedCapacity", "all"),
    ("ReturnItemCollectionMetrics", "size"),
    ("ConsistentRead", "yes"),
    ("Unknown", "member"),
    ("TableName", "a"),
    ("TableName", "no-such-table"),
    ("TableName", "not a name"),
    ("TableName", "x" * 256),
]


@st.composite
def spoiled(draw: DrawFn, step: Step) -> Step:
    """The same step, with one thing wrong, or at least unusual."""
    request: Request = copy.deepcopy(step.request)
    kind = draw(st.integers(0, 5))
    if kind == 0:
        member, value = draw(st.sampled_from(_EXTRA))
        request[member] = value
    elif kind == 1 and any(member in request for member in _EXPRESSIONS):
        member = draw(st.sampled_from([member for member in _EXPRESSIONS if member in request]))
        request[member] = draw(_spoiled_text(request[member]))
    elif kind == 2:
        placeholders = [m for m in ("ExpressionAttributeNames", "ExpressionAttributeValues") if m in request]
        if placeholders:
            _spoil_placeholder(draw, request[draw(st.sampled_from(placeholders))])
    else:
        _spoil_anywhere(draw, request)
    return step._replace(request=request)


@st.composite
def _spoiled_text(draw: DrawFn, text: str) -> str:
    words = text.split(" ")
    at = draw(st.integers(0, len(words) - 1))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        del words[at]
    elif kind == 1:
        words.insert(at, draw(st.sampled_from(_TEXT_JUNK)))
    elif kind == 2:
        words[at] = draw(st.sampled_from(_TEXT_JUNK))
    else:
        words.append(words[at])
    return " ".join(words)


def _spoil_placeholder(draw: DrawFn, placeholders: Request) -> None:
    name = draw(st.sampled_from(sorted(placeholders)))
    kind = draw(st.integers(0, 2))
    if kind == 0:
        del placeholders[name]
    elif kind == 1:
        placeholders[name[0] + "unused"] = placeholders[name]
    else:
        placeholders[name] = draw(values.bad_values)


def _spoil_anywhere(draw: DrawFn, request: Request) -> None:
    """Take out, or exchange, whatever stands at some place of the request."""
    places = _places(request)
    container, key = places[draw(st.integers(0, len(places) - 1))]
    if draw(st.integers(0, 2)) == 0:
        del container[key]
    else:
        container[key] = copy.deepcopy(draw(st.sampled_from(_JUNK)))


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    entries = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, member in entries:
        found.append((value, key))
        found += _places(member)
    return found
