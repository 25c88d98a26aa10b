"""Requests at the limits: the sizes of items, keys, pages, names and expressions, and how deep things may be nested."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Request, Schema, Step
from tests.differential.strategies.items import CAPACITY, keys, maybe

ITEM_BYTES = 400 * 1024


@st.composite
def writes(draw: DrawFn, schema: Schema) -> Step:
    """A PutItem or an UpdateItem at one of the limits, on this side or on that."""
    kind = draw(st.sampled_from(["item", "hash", "sort", "depth", "name", "expression", "operators", "update"]))
    request: Request = {"TableName": TABLE, "Item": draw(keys(schema))}
    if kind == "item":
        _fill(draw, request["Item"])
    elif kind in ("hash", "sort"):
        name = schema.hash if kind == "hash" else schema.range or schema.hash
        limit = 2048 if name == schema.hash else 1024
        if schema.type_of(name) == "S":
            request["Item"][name] = {"S": "k" * draw(st.sampled_from([limit, limit + 1]))}
    elif kind == "depth":
        request["Item"]["a"] = _nested(draw(st.sampled_from([30, 31, 32, 33, 40])))
    elif kind == "name":
        request["Item"]["n" * draw(st.sampled_from([255, 256, 65535, 65536]))] = {"S": "a"}
    elif kind == "expression":
        request["ConditionExpression"] = _of_length(draw(st.sampled_from([4096, 4097])))
    elif kind == "operators":
        count = draw(st.sampled_from([149, 150, 151, 299, 300, 301, 302]))
        request["ConditionExpression"] = " OR ".join(["a = b"] * count) if count < 160 else _nots(count)
    else:
        return draw(_growing(schema))
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step("PutItem", request)


def _fill(draw: DrawFn, item: Request) -> None:
    """As large as an item may be, or a byte larger; numbers are left out, whose size is not told exactly."""
    names_and_values = sum(
        len(name.encode()) + sum(len(str(text).encode()) for text in value.values())
        for name, value in item.items()
        if "S" in value
    )
    size_bytes = draw(st.sampled_from([ITEM_BYTES, ITEM_BYTES + 1, ITEM_BYTES // 2]))
    item["a"] = {"S": "x" * (size_bytes - names_and_values - 1)}


def _nested(levels: int) -> Any:
    value: Any = {"S": "a"}
    for _ in range(levels):
        value = {"M": {"x": value}}
    return value


def _of_length(length: int) -> str:
    text = "attribute_exists(a)"
    return text + " " * (length - len(text) - 1) + " "


def _nots(count: int) -> str:
    return "NOT " * (count - 1) + "attribute_exists(a)"


@st.composite
def _growing(draw: DrawFn, schema: Schema) -> Step:
    """An update that makes an item grow past its limit when it is done again."""
    size_bytes = draw(st.sampled_from([ITEM_BYTES // 2, ITEM_BYTES - 500, ITEM_BYTES]))
    return Step(
        "UpdateItem",
        {
            "TableName": TABLE,
            "Key": draw(keys(schema)),
            "UpdateExpression": f"SET {draw(st.sampled_from('abc'))} = :large",
            "ExpressionAttributeValues": {":large": {"S": "x" * size_bytes}},
        },
    )


@st.composite
def large_fillings(draw: DrawFn, schema: Schema) -> Step:
    """A few large items, more than a page of them."""
    some = draw(st.lists(keys(schema), min_size=3, max_size=6, unique_by=repr))
    size_bytes = draw(st.sampled_from([350_000, 200_000]))
    puts = [{"PutRequest": {"Item": {**key, "b": {"S": "x" * size_bytes}}}} for key in some]
    return Step("BatchWriteItem", {"RequestItems": {TABLE: puts}})
