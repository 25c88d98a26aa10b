"""Conditions of writes over the wire: who is refused before the item is looked at, and what comes of the rest."""

from typing import Any

import pytest

from tests.wire.refused import COUNTED, refused


def put_if(dynamodb: Any, table: str, key: dict[str, Any], condition: str, **more: Any) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "new": {"BOOL": True}}, ConditionExpression=condition, **more)


NEW = {"new": {"BOOL": True}}
ITEM = {
    "s": {"S": "hello"},
    "n": {"N": "5"},
    "ss": {"SS": ["a", "b"]},
    "m": {"M": {"k": {"L": [{"S": "x"}, {"M": {"deep": {"N": "1"}}}]}}},
}


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("attribute_exists(m.k[1].deep)", {}, True),
        ("attribute_exists(m.k[2].deep)", {}, False),
        ("attribute_not_exists(m.k[0].deep)", {}, True),
        ("m.k[1].deep = :one", {":one": {"N": "1.0"}}, True),
        ("s <> :one", {":one": {"N": "1"}}, True),
        ("gone <> :one", {":one": {"N": "1"}}, True),
        ("gone = :one", {":one": {"N": "1"}}, False),
        ("NOT gone = :one", {":one": {"N": "1"}}, True),
        ("s < :one", {":one": {"N": "1"}}, False),
        ("NOT s < :one", {":one": {"N": "1"}}, True),
        ("n BETWEEN :low AND :high", {":low": {"N": "4"}, ":high": {"N": "5"}}, True),
        ("n IN (:a, s, :b)", {":a": {"S": "5"}, ":b": {"N": "5.00"}}, True),
        ("ss = :ss", {":ss": {"SS": ["b", "a"]}}, True),
        ("contains(ss, :a) AND contains(s, :ell)", {":a": {"S": "a"}, ":ell": {"S": "ell"}}, True),
        ("contains(n, :five)", {":five": {"N": "5"}}, False),
        ("begins_with(s, :he)", {":he": {"S": "he"}}, True),
        ("attribute_type(m.k, :l)", {":l": {"S": "L"}}, True),
        ("size(m.k) = :two AND size(s) > :two", {":two": {"N": "2"}}, True),
        ("size(n) = :one", {":one": {"N": "1"}}, False),
        ("s = :x OR n = :five AND NOT ss = :x", {":x": {"S": "x"}, ":five": {"N": "5"}}, True),
    ],
)
def test_what_holds(
    dynamodb: Any, table: str, key: dict[str, Any], condition: str, values: dict[str, Any], holds: bool
) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    more = {"ExpressionAttributeValues": values} if values else {}
    if holds:
        put_if(dynamodb, table, key, condition, **more)
    else:
        with refused("ConditionalCheckFailedException", "The conditional request failed"):
            put_if(dynamodb, table, key, condition, **more)
    found = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert found == ({**key, **NEW} if holds else {**key, **ITEM})


A = {":a": {"S": "a"}}


@pytest.mark.parametrize(
    ("condition", "more", "problem"),
    [
        ("", {}, "Invalid ConditionExpression: The expression can not be empty;"),
        ("a = ", {}, 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "= "'),
        ("a = 'x'", {}, 'Invalid ConditionExpression: Syntax error; token: "\'", near: "= \'x"'),
        ("a == :a", {}, 'Invalid ConditionExpression: Syntax error; token: "=", near: "== :a"'),
        ("name = :a", {}, "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name"),
        ("((a = :a))", {}, "Invalid ConditionExpression: The expression has redundant parentheses;"),
        ("exists(a)", {}, "Invalid ConditionExpression: Invalid function name; function: exists"),
        (
            "size(a)",
            {},
            (
                "Invalid ConditionExpression: The function is not allowed to be used this way in an expression; "
                "function: size"
            ),
        ),
        (
            "if_not_exists(a, :a) = :a",
            {},
            (
                "Invalid ConditionExpression: The function is not allowed in a condition expression; "
                "function: if_not_exists"
            ),
        ),
        (
            "a = :b",
            {},
            (
                "Invalid ConditionExpression: An expression attribute value used in expression is not defined; "
                "attribute value: :b"
            ),
        ),
        (
            "#x = :a",
            {},
            (
                "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; "
                "attribute name: #x"
            ),
        ),
        (
            "attribute_exists(:a)",
            {},
            (
                "Invalid ConditionExpression: Operator or function requires a document path; "
                "operator or function: attribute_exists"
            ),
        ),
        (
            "begins_with(a, :a, :a)",
            {},
            (
                "Invalid ConditionExpression: Incorrect number of operands for operator or function; "
                "operator or function: begins_with, number of operands: 3"
            ),
        ),
        (
            "a = :a",
            {"ExpressionAttributeNames": {"#u": "u", "#v": "v"}, "ExpressionAttributeValues": {**A, ":b": {"N": "1"}}},
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u, #v}",
        ),
        (
            "a = :a",
            {"ExpressionAttributeValues": {**A, ":b": {"N": "1"}}},
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}",
        ),
        (
            "a = :a",
            {"ExpressionAttributeValues": {":a": {"NS": []}}},
            "One or more parameter values were invalid: An number set  may not be empty",
        ),
    ],
)
def test_what_is_refused(
    unchecked: Any, table: str, key: dict[str, Any], condition: str, more: dict[str, Any], problem: str
) -> None:
    with refused("ValidationException", COUNTED + problem):
        put_if(unchecked, table, key, condition, **{"ExpressionAttributeValues": A, **more})


# What is wrong with a single value, and what takes the table to find out, is told as it is.
def test_what_is_told_without_a_count(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    problem = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"
    with refused("ValidationException", problem):
        put_if(dynamodb, table, key, "pk.a = :a", ExpressionAttributeValues=A)
    problem = "The parameter cannot be converted to a numeric value: x for key :a"
    with refused("ValidationException", f"ExpressionAttributeValues contains invalid value: {problem}"):
        put_if(dynamodb, table, key, "a = :a", ExpressionAttributeValues={":a": {"N": "x"}})


# AWS looks at a request for what it says before it looks for the table, and at the old before the new.
@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        (
            {"Expected": {}, "ExpressionAttributeNames": {}, "ConditionExpression": ""},
            (
                COUNTED + "Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"
            ),
        ),
        (
            {"ExpressionAttributeNames": {}, "ConditionExpression": ""},
            COUNTED + "ExpressionAttributeNames must not be empty",
        ),
        (
            {"Item": {"pk": {}}, "ReturnValues": "ALL_NEW", "ConditionExpression": ""},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        ({"ReturnValues": "ALL_NEW", "ConditionExpression": ""}, COUNTED + "ReturnValues can only be ALL_OLD or NONE"),
        (
            {"Item": {"v": {"S": "x" * 410_000}}, "ConditionExpression": ""},
            "Item size has exceeded the maximum allowed size",
        ),
        ({"ConditionExpression": ""}, COUNTED + "Invalid ConditionExpression: The expression can not be empty;"),
    ],
)
def test_the_order_of_checks(unchecked: Any, faults: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        unchecked.put_item(**{"TableName": "wire-none", "Item": {}, **faults})


@pytest.mark.parametrize("wanted", ["ALL_OLD", "NONE"])
def test_a_failed_condition_can_show_the_item(dynamodb: Any, table: str, key: dict[str, Any], wanted: str) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        put_if(dynamodb, table, key, "attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure=wanted)
    assert caught.value.response.get("Item") == ({**key, **ITEM} if wanted == "ALL_OLD" else None)
