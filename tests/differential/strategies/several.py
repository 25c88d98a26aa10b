"""Operations on several items at once: batches and transactions."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Request, Schema, Step
from tests.differential.strategies import items as single
from tests.differential.strategies.expressions import Scope, conditions, projections
from tests.differential.strategies.items import CAPACITY, any_items, any_keys, items, maybe
from tests.differential.strategies.reading import legacy_names

_METRICS = st.sampled_from([None, None, "SIZE"])


@st.composite
def batch_writes(draw: DrawFn, schema: Schema) -> Step:
    """BatchWriteItem: the few keys that there are make duplicates, which are refused, come up by themselves."""
    requests = []
    for _ in range(draw(st.integers(1, 5))):
        if draw(st.integers(0, 2)):
            requests.append({"PutRequest": {"Item": draw(any_items(schema))}})
        else:
            requests.append({"DeleteRequest": {"Key": draw(any_keys(schema))}})
    request: Request = {"RequestItems": {TABLE: requests}}
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    maybe(draw, request, "ReturnItemCollectionMetrics", _METRICS)
    return Step("BatchWriteItem", request)


@st.composite
def fillings(draw: DrawFn, schema: Schema) -> Step:
    """BatchWriteItem of different items, to have enough of them for queries and scans."""
    some = draw(
        st.lists(items(schema), min_size=1, max_size=8, unique_by=lambda item: repr([item[k] for k in schema.keys]))
    )
    return Step("BatchWriteItem", {"RequestItems": {TABLE: [{"PutRequest": {"Item": item}} for item in some]}})


@st.composite
def batch_reads(draw: DrawFn, schema: Schema) -> Step:
    """BatchGetItem."""
    wanted: Request = {"Keys": [draw(any_keys(schema)) for _ in range(draw(st.sampled_from([1, 2, 3, 4])))]}
    scope = Scope()
    kind = draw(st.integers(0, 5))
    if kind <= 1:
        wanted["ProjectionExpression"] = draw(projections(schema, scope))
        scope.into(wanted)
    elif kind == 2:
        wanted["AttributesToGet"] = draw(legacy_names())
    maybe(draw, wanted, "ConsistentRead", st.sampled_from([None, None, True, False]))
    request: Request = {"RequestItems": {TABLE: wanted}}
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step("BatchGetItem", request)


@st.composite
def transact_writes(draw: DrawFn, schema: Schema) -> Step:
    """TransactWriteItems."""
    request: Request = {
        "TransactItems": [draw(_actions(schema)) for _ in range(draw(st.sampled_from([1, 1, 2, 3, 4])))]
    }
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    maybe(draw, request, "ReturnItemCollectionMetrics", _METRICS)
    return Step("TransactWriteItems", request)


@st.composite
def _actions(draw: DrawFn, schema: Schema) -> Request:
    if draw(st.integers(0, 4)) == 0:
        scope = Scope()
        check: Request = {"TableName": TABLE, "Key": draw(any_keys(schema))}
        check["ConditionExpression"] = draw(conditions(schema, scope))
        maybe(draw, check, "ReturnValuesOnConditionCheckFailure", st.sampled_from([None, "ALL_OLD"]))
        return {"ConditionCheck": scope.into(check)}
    step: Step = draw(single.writes(schema))
    request = dict(step.request)
    for member in ("ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"):
        request.pop(member, None)
    return {step.action.removesuffix("Item"): request}


@st.composite
def transact_reads(draw: DrawFn, schema: Schema) -> Step:
    """TransactGetItems."""
    gets = []
    for _ in range(draw(st.sampled_from([1, 2, 2, 3]))):
        get: Request = {"TableName": TABLE, "Key": draw(any_keys(schema))}
        scope = Scope()
        if draw(st.integers(0, 2)) == 0:
            get["ProjectionExpression"] = draw(projections(schema, scope))
        gets.append({"Get": scope.into(get)})
    request: Request = {"TransactItems": gets}
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step("TransactGetItems", request)
