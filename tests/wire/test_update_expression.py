"""Update expressions over the wire: what they leave behind, what they return, what they refuse."""

import re
from typing import Any

import pytest

from tests.wire.refused import COUNTED, refused

ITEM: dict[str, Any] = {
    "a": {"S": "x"},
    "n": {"N": "5"},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]},
    "m": {"M": {"x": {"N": "1"}, "y": {"L": [{"S": "p"}, {"M": {"z": {"S": "q"}}}]}}},
    "ss": {"SS": ["a", "b"]},
}
VALUES = {
    ":s": {"S": "new"},
    ":one": {"N": "1"},
    ":l": {"L": [{"S": "e"}]},
    ":ss": {"SS": ["b", "c"]},
    ":all": {"SS": ["a", "b"]},
}


def update(dynamodb: Any, table: str, key: dict[str, Any], text: str, **more: Any) -> Any:
    values = {name: VALUES[name] for name in re.findall(r":\w+", text) if name in VALUES}
    if values:
        more = {"ExpressionAttributeValues": values, **more}
    return dynamodb.update_item(TableName=table, Key=key, UpdateExpression=text, **more)


def strings(*texts: str) -> dict[str, Any]:
    return {"L": [{"S": text} for text in texts]}


def numbers(*texts: str) -> dict[str, Any]:
    return {"L": [{"N": text} for text in texts]}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("SET a = n, n = a", {"a": {"N": "5"}, "n": {"S": "x"}}),
        ("SET l[0] = l[2], l[2] = l[0]", {"l": numbers("2", "1", "0")}),
        ("SET l[9] = :s, l[7] = :one", {"l": {"L": [*numbers("0", "1", "2")["L"], {"N": "1"}, {"S": "new"}]}}),
        ("REMOVE l[0], l[1]", {"l": numbers("2")}),
        ("REMOVE l[0] SET l[1] = :s", {"l": {"L": [{"S": "new"}, {"N": "2"}]}}),
        ("REMOVE l[9], gone, m.gone", {}),
        ("SET l = list_append(:l, l)", {"l": {"L": [{"S": "e"}, *numbers("0", "1", "2")["L"]]}}),
        ("SET b = list_append(if_not_exists(b, :l), :l)", {"b": strings("e", "e")}),
        ("SET n = n - :one, b = n + n", {"n": {"N": "4"}, "b": {"N": "10"}}),
        ("SET m.x = m.x + :one", {"m": {"M": {**ITEM["m"]["M"], "x": {"N": "2"}}}}),
        ("SET m.extra = :s REMOVE m.x, m.y", {"m": {"M": {"extra": {"S": "new"}}}}),
        (
            "ADD n :one, b :one, m.x :one",
            {"n": {"N": "6"}, "b": {"N": "1"}, "m": {"M": {**ITEM["m"]["M"], "x": {"N": "2"}}}},
        ),
        ("DELETE ss :all", {"ss": None}),
        ("DELETE gone :ss", {}),
    ],
)
def test_what_is_left(dynamodb: Any, table: str, key: dict[str, Any], text: str, changed: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    update(dynamodb, table, key, text)
    expected = {name: value for name, value in {**key, **ITEM, **changed}.items() if value is not None}
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == expected


def test_sets_gain_and_lose_members(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    new = update(dynamodb, table, key, "ADD ss :ss", ReturnValues="UPDATED_NEW")["Attributes"]
    assert sorted(new["ss"]["SS"]) == ["a", "b", "c"]
    new = update(dynamodb, table, key, "DELETE ss :ss", ReturnValues="UPDATED_NEW")["Attributes"]
    assert new == {"ss": {"SS": ["a"]}}


# What only takes away creates none: test_update_item.py.
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("SET a = if_not_exists(a, :one)", {"a": {"N": "1"}}),
        ("ADD a :one", {"a": {"N": "1"}}),
        ("ADD a :ss", {"a": {"SS": ["b", "c"]}}),
    ],
)
def test_an_item_that_was_not_there(
    dynamodb: Any, table: str, key: dict[str, Any], text: str, left: dict[str, Any]
) -> None:
    update(dynamodb, table, key, text)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, **left}


# Of a changed list or map AWS shows what was changed, in the place where it lies; elements close ranks.
@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("SET m.x = :s", {"m": {"M": {"x": {"N": "1"}}}}, {"m": {"M": {"x": {"S": "new"}}}}),
        ("SET m.extra = :s", None, {"m": {"M": {"extra": {"S": "new"}}}}),
        (
            "SET m.y[1].z = :s",
            {"m": {"M": {"y": {"L": [{"M": {"z": {"S": "q"}}}]}}}},
            {"m": {"M": {"y": {"L": [{"M": {"z": {"S": "new"}}}]}}}},
        ),
        ("SET l[0] = :s, l[2] = :one", {"l": numbers("0", "2")}, {"l": {"L": [{"S": "new"}, {"N": "1"}]}}),
        ("REMOVE n", {"n": {"N": "5"}}, None),
        ("REMOVE gone", None, None),
        ("SET a = :s, n = n", {"a": {"S": "x"}, "n": {"N": "5"}}, {"a": {"S": "new"}, "n": {"N": "5"}}),
    ],
)
def test_updated_old_and_new(
    dynamodb: Any,
    table: str,
    key: dict[str, Any],
    text: str,
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
) -> None:
    for wanted, expected in (("UPDATED_OLD", old), ("UPDATED_NEW", new)):
        dynamodb.put_item(TableName=table, Item={**key, **ITEM})
        assert update(dynamodb, table, key, text, ReturnValues=wanted).get("Attributes") == expected


PATH = "The document path provided in the update expression is invalid for update"
TYPE = "An operand in the update expression has an incorrect data type"
MISSING = "The provided expression refers to an attribute that does not exist in the item"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SET gone.a = :s", PATH),
        ("SET gone[0] = :s", PATH),
        ("SET a.b = :s", PATH),
        ("SET m[0] = :s", PATH),
        ("SET l.a = :s", PATH),
        ("SET l[7].a = :s", PATH),
        ("REMOVE gone.a", PATH),
        ("REMOVE l.a", PATH),
        ("ADD m.gone.x :one", PATH),
        ("SET b = gone", MISSING),
        ("SET b = gone + :one", MISSING),
        ("SET b = if_not_exists(a, gone)", MISSING),
        ("SET b = list_append(gone, :l)", MISSING),
        ("SET b = a + :one", TYPE),
        ("SET b = list_append(a, :l)", TYPE),
        ("ADD a :one", TYPE),
        ("ADD ss :one", TYPE),
        ("DELETE n :ss", TYPE),
        (
            "SET a = :s, m.x = :s REMOVE m",
            (
                COUNTED + "Invalid UpdateExpression: Two document paths overlap with each other; "
                "must remove or rewrite one of these paths; path one: [m, x], path two: [m]"
            ),
        ),
        (
            "SET l[0] = :s, l.a = :s",
            (
                COUNTED + "Invalid UpdateExpression: Two document paths conflict with each other; "
                "must remove or rewrite one of these paths; path one: [l, [0]], path two: [l, a]"
            ),
        ),
        (
            "SET a = :s SET n = :s",
            COUNTED + 'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
        ),
        (
            "ADD a :s",
            (
                COUNTED + "Invalid UpdateExpression: Incorrect operand type for operator or function; "
                "operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"
            ),
        ),
        (
            "SET a = :one + :one + :one",
            COUNTED + 'Invalid UpdateExpression: Syntax error; token: "+", near: ":one + :one"',
        ),
        (
            "SET pk.a = :s",
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key",
        ),
        (
            "SET a = pk.b",
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
        ),
    ],
)
def test_what_is_refused(dynamodb: Any, table: str, key: dict[str, Any], text: str, problem: str) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    with refused("ValidationException", problem):
        update(dynamodb, table, key, text)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, **ITEM}


@pytest.mark.parametrize(
    ("number", "added", "problem"),
    [
        ("9" * 38, "0.1", "Attempting to store more than 38 significant digits in a Number"),
        (
            "9e125",
            "9e125",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
    ],
)
def test_sums_have_limits(
    dynamodb: Any, table: str, key: dict[str, Any], number: str, added: str, problem: str
) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "n": {"N": number}})
    for text in ("SET n = n + :v", "ADD n :v"):
        with refused("ValidationException", problem):
            update(dynamodb, table, key, text, ExpressionAttributeValues={":v": {"N": added}})


# What an update says is wrong before what its condition says, the table's existence after both.
@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        (
            {"UpdateExpression": "SET", "ConditionExpression": ""},
            COUNTED + 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"',
        ),
        (
            {"UpdateExpression": "REMOVE a", "ConditionExpression": "", "ExpressionAttributeNames": {"#a": "a"}},
            COUNTED + "Invalid ConditionExpression: The expression can not be empty;",
        ),
        (
            {
                "UpdateExpression": "REMOVE a",
                "ExpressionAttributeNames": {"#a": "a"},
                "ExpressionAttributeValues": {":a": {"S": "a"}},
            },
            COUNTED + "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}",
        ),
        (
            {"ExpressionAttributeValues": {}},
            (
                COUNTED + "ExpressionAttributeValues can only be specified when using expressions: "
                "UpdateExpression and ConditionExpression are null"
            ),
        ),
    ],
)
def test_the_order_of_checks(dynamodb: Any, key: dict[str, Any], faults: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        dynamodb.update_item(TableName="wire-none", Key=key, **faults)


def test_a_failed_condition_comes_before_an_update_that_fails(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    with refused("ConditionalCheckFailedException"):
        update(dynamodb, table, key, "SET gone.a = :s", ConditionExpression="attribute_exists(pk)")
