"""Items and keys of a table, and the operations on single items."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Request, Schema, Step
from tests.differential.strategies import values
from tests.differential.strategies.expressions import Scope, conditions, projections, updates
from tests.differential.strategies.schemas import PLAIN

CAPACITY = st.sampled_from([None, None, None, "TOTAL", "INDEXES", "NONE"])
_METRICS = st.sampled_from([None, None, None, "SIZE", "NONE"])


@st.composite
def keys(draw: DrawFn, schema: Schema) -> Request:
    return {key: draw(values.key_values(schema.type_of(key) or "S")) for key in schema.keys}


@st.composite
def items(draw: DrawFn, schema: Schema) -> Request:
    """An item that can be put; index keys are sometimes missing, which makes the index sparse."""
    item: Request = draw(keys(schema))
    for name, tag in schema.types:
        if name not in schema.keys and draw(st.integers(0, 9)) < 8:
            item[name] = draw(values.key_values(tag))
    for name in PLAIN:
        if draw(st.integers(0, 9)) < 6:
            item[name] = draw(values.values)
    if draw(st.integers(0, 9)) == 0:
        item["name"] = draw(values.scalars)
    return item


@st.composite
def spoiled_items(draw: DrawFn, schema: Schema) -> Request:
    """An item that cannot: a value that is none, or a key, here or of an index, that is wrong or missing."""
    item: Request = draw(items(schema))
    name = draw(st.sampled_from([*dict(schema.types), *PLAIN]))
    tag = schema.type_of(name)
    if tag is not None and draw(st.booleans()):
        item[name] = draw(values.bad_key_values(tag))
    elif tag is not None and draw(st.booleans()):
        item.pop(name, None)
    else:
        item[name] = draw(values.bad_values)
    return item


@st.composite
def any_keys(draw: DrawFn, schema: Schema) -> Request:
    """A key, now and then a wrong one."""
    key: Request = draw(keys(schema))
    if draw(st.integers(0, 29)) == 0:
        name = draw(st.sampled_from([*schema.keys, "a"]))
        if name in key and draw(st.booleans()):
            del key[name]
        else:
            key[name] = draw(st.one_of(values.bad_key_values(schema.type_of(name) or "S"), values.bad_values))
    return key


def any_items(schema: Schema) -> st.SearchStrategy[Request]:
    """An item, now and then one that cannot be put."""
    return st.integers(0, 19).flatmap(lambda n: spoiled_items(schema) if n == 0 else items(schema))


@st.composite
def puts(draw: DrawFn, schema: Schema) -> Step:
    """A plain put, to have something there."""
    return Step("PutItem", {"TableName": TABLE, "Item": draw(items(schema))})


@st.composite
def writes(draw: DrawFn, schema: Schema) -> Step:
    """PutItem, UpdateItem or DeleteItem with everything that they take."""
    action = draw(st.sampled_from(["PutItem", "UpdateItem", "UpdateItem", "UpdateItem", "DeleteItem"]))
    request: Request = {"TableName": TABLE}
    scope = Scope()
    if action == "PutItem":
        request["Item"] = draw(any_items(schema))
    else:
        request["Key"] = draw(any_keys(schema))
    if action == "UpdateItem" and draw(st.integers(0, 29)):
        request["UpdateExpression"] = draw(updates(schema, scope))
    if draw(st.integers(0, 2)) == 0:
        request["ConditionExpression"] = draw(conditions(schema, scope))
        _maybe(draw, request, "ReturnValuesOnConditionCheckFailure", st.sampled_from([None, "ALL_OLD", "NONE"]))
    kinds = ["ALL_OLD", "NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]
    _maybe(draw, request, "ReturnValues", st.sampled_from([None, *(kinds if action == "UpdateItem" else kinds[:3])]))
    if action != "UpdateItem" and draw(st.integers(0, 39)) == 0:
        request["ReturnValues"] = "ALL_NEW"
    _maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    _maybe(draw, request, "ReturnItemCollectionMetrics", _METRICS)
    return Step(action, scope.into(request))


@st.composite
def reads(draw: DrawFn, schema: Schema) -> Step:
    """GetItem."""
    request: Request = {"TableName": TABLE, "Key": draw(any_keys(schema))}
    scope = Scope()
    if draw(st.integers(0, 2)) == 0:
        request["ProjectionExpression"] = draw(projections(schema, scope))
    _maybe(draw, request, "ConsistentRead", st.sampled_from([None, True, False]))
    _maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step("GetItem", scope.into(request))


def _maybe(draw: DrawFn, request: Request, member: str, of: st.SearchStrategy[Any]) -> None:
    value = draw(of)
    if value is not None:
        request[member] = value


maybe = _maybe
