"""The comparison itself: what counts as the same, and what does not. Needs neither DynamoDB Local nor a server."""

from typing import Any

import pytest

from tests.differential.case import Case, Index, Schema, Step
from tests.differential.compare import Difference, compare
from tests.differential.endpoint import Answer
from tests.differential.smaller import smaller, with_shorter_texts

SCHEMA = Schema("pk", "sk", (("pk", "S"), ("sk", "N"), ("g", "S")), (Index("global0", "pk", "g", "ALL"),))


def ok(**body: Any) -> Answer:
    return Answer(200, None, None, body)


def refused(error: str, message: str) -> Answer:
    return Answer(400, error, message, {})


def differs(step: Step, ours: Answer, local: Answer) -> Difference:
    difference = compare(step, SCHEMA, ours, local)
    assert difference is not None
    return difference


def items(*numbers: int, **more: Any) -> list[Any]:
    return [{"sk": {"N": str(number)}, **more} for number in numbers]


GET = Step("GetItem", {})
QUERY = Step("Query", {})
SCAN = Step("Scan", {}, paged=True)
ON_INDEX = Step("Query", {"IndexName": "global0"}, paged=True)


def test_sets_have_no_order() -> None:
    one, other = ({"Item": {"a": {"SS": some}}} for some in (["x", "y"], ["y", "x"]))
    assert compare(GET, SCHEMA, ok(**one), ok(**other)) is None


def test_lists_have_one() -> None:
    one, other = ({"Item": {"a": {"L": [{"S": x} for x in some]}}} for some in ("xy", "yx"))
    assert differs(GET, ok(**one), ok(**other)).where == ".Item.a.L[0].S"


def test_a_scan_has_no_order() -> None:
    assert compare(SCAN, SCHEMA, ok(Items=items(1, 2)), ok(Items=items(2, 1))) is None
    assert compare(SCAN, SCHEMA, ok(Items=items(1, 2)), ok(Items=items(2, 2))) is not None


def test_a_query_has_its_sort_key_s() -> None:
    assert compare(QUERY, SCHEMA, ok(Items=items(1, 2)), ok(Items=items(2, 1))) is not None


def test_equal_sort_keys_of_an_index_have_none() -> None:
    x, y = {"S": "x"}, {"S": "y"}
    one = items(1, 2, g=x) + items(3, g=y)
    assert compare(ON_INDEX, SCHEMA, ok(Items=one), ok(Items=items(2, 1, g=x) + items(3, g=y))) is None
    assert compare(ON_INDEX, SCHEMA, ok(Items=one), ok(Items=items(3, g=y) + items(1, 2, g=x))) is not None


def test_times_and_random_members_of_tables_do_not_count() -> None:
    one, other = ({"Table": {"TableName": "t", "CreationDateTime": time, "TableId": str(time)}} for time in (1, 2))
    assert compare(Step("DescribeTable", {}), None, ok(**one), ok(**other)) is None


def test_errors_and_their_texts_count() -> None:
    one, other = refused("ValidationException", "this"), refused("ValidationException", "that")
    assert differs(GET, one, other).where == "message"
    assert differs(GET, one, refused("SerializationException", "this")).where == "error"
    assert differs(GET, one, ok()).where == "error"


# PutItem and UpdateItem put it before their texts; DynamoDB Local knows nothing of it.
def test_the_count_of_errors_before_a_text_does_not_count() -> None:
    text = "Invalid ConditionExpression: The expression can not be empty;"
    counted = refused("ValidationException", f"1 validation error detected: {text}")
    assert compare(GET, SCHEMA, counted, refused("ValidationException", text)) is None


# Only then is what follows in a case still about the same data.
def test_two_refusals_leave_the_data_as_it_was() -> None:
    one, other = refused("ValidationException", "this"), refused("ValidationException", "that")
    assert differs(GET, one, other).both_refused
    assert not differs(GET, one, ok()).both_refused
    assert not differs(GET, one, Answer(500, "InternalFailure", "", {})).both_refused


@pytest.mark.parametrize("value", ["{'a': 1}", '"a"', "12.5", ":v0", "#n1"])
def test_a_kind_of_difference_has_no_values_in_it(value: str) -> None:
    with_value = Difference("PutItem", "message", f"wrong: {value}", "right")
    assert with_value.kind == Difference("PutItem", "message", "wrong: 'x'", "right").kind


def test_a_case_is_made_smaller_as_long_as_it_fails() -> None:
    step = Step("PutItem", {"Item": {"pk": {"S": "a"}, "bad": {"N": "x"}}, "ReturnValues": "NONE"})
    case = Case(SCHEMA, (GET, step, QUERY))

    def still_fails(one: Case) -> bool:
        return any("bad" in step.request.get("Item", {}) for step in one.steps)

    assert smaller(case, still_fails).steps == (Step("PutItem", {"Item": {"bad": {}}}),)


def test_an_expression_is_made_smaller_by_its_parts() -> None:
    request = {"FilterExpression": "a = :x AND b = :y", "Limit": 1}
    assert [one["FilterExpression"] for one in with_shorter_texts(request)] == ["b = :y", "a = :x"]
