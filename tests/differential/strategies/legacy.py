"""The parameters from before expressions: Expected, AttributeUpdates, KeyConditions and their like."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Request, Schema, Step
from tests.differential.strategies import values
from tests.differential.strategies.items import CAPACITY, any_keys, items, keys, maybe
from tests.differential.strategies.reading import legacy_names
from tests.differential.strategies.schemas import PLAIN

_OPERATORS = {
    "EQ": (1, 1),
    "NE": (1, 1),
    "LT": (1, 1),
    "LE": (1, 1),
    "GT": (1, 1),
    "GE": (1, 1),
    "NOT_NULL": (0, 0),
    "NULL": (0, 0),
    "CONTAINS": (1, 1),
    "NOT_CONTAINS": (1, 1),
    "BEGINS_WITH": (1, 1),
    "IN": (1, 3),
    "BETWEEN": (2, 2),
}
_ATTRIBUTES = st.sampled_from([*PLAIN, *PLAIN, "l", "g", "pk"])
_OPERATOR = st.sampled_from([None, None, "AND", "OR"])


@st.composite
def comparisons(draw: DrawFn) -> Request:
    """A comparison operator with its values, now and then too few or too many of them."""
    operator = draw(st.sampled_from(sorted(_OPERATORS)))
    least, most = _OPERATORS[operator]
    count = draw(st.integers(least, most)) if draw(st.integers(0, 19)) else draw(st.integers(0, 3))
    made: Request = {"ComparisonOperator": operator}
    if count or draw(st.integers(0, 9)) == 0:
        made["AttributeValueList"] = [draw(values.values) for _ in range(count)]
    return made


@st.composite
def _expectations(draw: DrawFn) -> Request:
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return {"Exists": False}
    if kind == 1:
        return {"Value": draw(values.values)}
    if kind == 2:
        return {"Value": draw(values.values), "Exists": draw(st.sampled_from([True, True, False]))}
    made: Request = draw(comparisons())
    return made


@st.composite
def _attribute_updates(draw: DrawFn) -> Request:
    made: Request = {}
    maybe(draw, made, "Action", st.sampled_from([None, "PUT", "ADD", "DELETE"]))
    if made.get("Action") == "ADD":
        made["Value"] = draw(st.one_of(values.numbers, values.sets, values.values))
    elif made.get("Action") != "DELETE" or draw(st.booleans()):
        made["Value"] = draw(st.one_of(values.values, values.sets))
    return made


@st.composite
def writes(draw: DrawFn, schema: Schema) -> Step:
    """PutItem, UpdateItem, DeleteItem with Expected, ConditionalOperator and AttributeUpdates."""
    action = draw(st.sampled_from(["PutItem", "UpdateItem", "UpdateItem", "DeleteItem"]))
    request: Request = {"TableName": TABLE}
    if action == "PutItem":
        request["Item"] = draw(items(schema))
    else:
        request["Key"] = draw(any_keys(schema))
    if action == "UpdateItem":
        names = st.sampled_from([*PLAIN, *PLAIN, "l", "g", "pk"] if draw(st.integers(0, 9)) == 0 else [*PLAIN, "z"])
        updates = draw(st.dictionaries(names, _attribute_updates(), min_size=1, max_size=3))
        if all(update.get("Action") == "DELETE" for update in updates.values()):
            updates["a"] = {"Value": draw(values.values)}  # removals alone create no item, but Local creates one
        request["AttributeUpdates"] = updates
    if draw(st.booleans()):
        request["Expected"] = draw(st.dictionaries(_ATTRIBUTES, _expectations(), min_size=1, max_size=2))
        maybe(draw, request, "ConditionalOperator", _OPERATOR)
    kinds = ["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"] if action == "UpdateItem" else ["ALL_OLD", "NONE"]
    maybe(draw, request, "ReturnValues", st.sampled_from([None, *kinds]))
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step(action, request)


@st.composite
def reads(draw: DrawFn, schema: Schema) -> Step:
    """GetItem, Query and Scan with AttributesToGet, KeyConditions, QueryFilter and ScanFilter."""
    action = draw(st.sampled_from(["GetItem", "Query", "Query", "Scan"]))
    request: Request = {"TableName": TABLE}
    if action == "GetItem":
        request["Key"] = draw(keys(schema))
    else:
        if action == "Query":
            request["KeyConditions"] = draw(_key_conditions(schema))
        if draw(st.booleans()):
            filters = st.dictionaries(_ATTRIBUTES, comparisons(), min_size=1, max_size=2)
            request["QueryFilter" if action == "Query" else "ScanFilter"] = draw(filters)
            maybe(draw, request, "ConditionalOperator", _OPERATOR)
        maybe(draw, request, "Limit", st.sampled_from([None, 1, 2]))
    if draw(st.integers(0, 2)) == 0:
        request["AttributesToGet"] = draw(legacy_names())
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step(action, request, paged=action != "GetItem")


@st.composite
def _key_conditions(draw: DrawFn, schema: Schema) -> Request:
    made: Request = {}
    for number, key in enumerate(schema.keys):
        of = values.key_values(schema.type_of(key) or "S")
        if number == 0:
            made[key] = {"ComparisonOperator": "EQ", "AttributeValueList": [draw(of)]}
        elif draw(st.integers(0, 2)):
            operator = draw(st.sampled_from(["EQ", "LT", "LE", "GT", "GE", "BEGINS_WITH", "BETWEEN", "NE", "IN"]))
            count = 2 if operator == "BETWEEN" else 1
            made[key] = {"ComparisonOperator": operator, "AttributeValueList": [draw(of) for _ in range(count)]}
    if draw(st.integers(0, 19)) == 0:
        made["a"] = draw(comparisons())
    return made
