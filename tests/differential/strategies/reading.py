"""Query and Scan, on tables and indexes, page by page or all at once."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Index, Request, Schema, Step
from tests.differential.strategies.expressions import Scope, conditions, key_conditions, projections
from tests.differential.strategies.items import CAPACITY, keys, maybe
from tests.differential.strategies.schemas import PLAIN

_SELECT = st.sampled_from([None] * 5 + ["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"])
_LIMITS = st.sampled_from([None, None, None, 1, 2, 3, 10])


@st.composite
def queries(draw: DrawFn, schema: Schema) -> Step:
    """Query. Where equal sort keys leave the order open, all pages are read, so that what they have can be compared."""
    index = draw(_indexes(schema))
    request, scope = _begun(draw, index)
    keys_of = schema.keys if index is None else index.keys
    request["KeyConditionExpression"] = draw(key_conditions(schema, keys_of, scope))
    maybe(draw, request, "ScanIndexForward", st.sampled_from([None, None, True, False, False]))
    _options(draw, request, schema, scope)
    paged = index is not None or draw(st.booleans())
    if not paged and draw(st.integers(0, 4)) == 0:
        request["ExclusiveStartKey"] = draw(keys(schema))
    return Step("Query", scope.into(request), paged)


@st.composite
def scans(draw: DrawFn, schema: Schema) -> Step:
    """Scan, always to the end: where its pages begin and end is nobody's promise."""
    request, scope = _begun(draw, draw(_indexes(schema)))
    _options(draw, request, schema, scope)
    if draw(st.integers(0, 14)) == 0:
        total = draw(st.sampled_from([1, 1, 2, 0, 1_000_001]))
        request |= {"TotalSegments": total, "Segment": draw(st.sampled_from([0, 0, -1, total]))}
    if request.get("TotalSegments") == 2:
        # Which half an item is in is nobody's promise either.
        request.pop("Segment")
    return Step("Scan", scope.into(request), paged=True)


def _indexes(schema: Schema) -> st.SearchStrategy[Index | None]:
    return st.sampled_from([None, *schema.indexes, *schema.indexes])


def _begun(draw: DrawFn, index: Index | None) -> tuple[Request, Scope]:
    request: Request = {"TableName": TABLE}
    if index is not None:
        request["IndexName"] = index.name
    elif draw(st.integers(0, 39)) == 0:
        request["IndexName"] = "nowhere"
    return request, Scope()


def _options(draw: DrawFn, request: Request, schema: Schema, scope: Scope) -> None:
    if draw(st.integers(0, 2)) == 0:
        request["FilterExpression"] = draw(conditions(schema, scope))
    select = draw(_SELECT)
    if select == "SPECIFIC_ATTRIBUTES" or (select is None and draw(st.integers(0, 3)) == 0):
        request["ProjectionExpression"] = draw(projections(schema, scope))
    if select is not None:
        request["Select"] = select
    maybe(draw, request, "Limit", _LIMITS)
    maybe(draw, request, "ConsistentRead", st.sampled_from([None, None, None, False, True]))
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)


def legacy_names() -> st.SearchStrategy[list[str]]:
    """AttributesToGet."""
    return st.lists(st.sampled_from([*PLAIN, "pk", "g"]), min_size=1, max_size=3)
