"""Which conditions a key takes. Source: "Key condition expressions for the Query operation" in the developer guide."""

import pytest

from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException

VALUES: dict[str, AttributeValue] = {":p": {"S": "p"}, ":one": {"N": "1"}, ":two": {"N": "2"}}
PK = KeyCondition("pk", "=", ({"S": "p"},))


def conditions(text: str) -> tuple[KeyCondition, ...]:
    return Binder({"#pk": "pk"}, VALUES).key_condition(text)()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#pk = :p", (PK,)),
        (":p = pk", (PK,)),
        ("pk = :p AND sk < :one", (PK, KeyCondition("sk", "<", ({"N": "1"},)))),
        ("sk >= :one and (pk = :p)", (KeyCondition("sk", ">=", ({"N": "1"},)), PK)),
        ("pk = :p AND :one < sk", (PK, KeyCondition("sk", ">", ({"N": "1"},)))),
        ("pk = :p AND sk BETWEEN :one AND :two", (PK, KeyCondition("sk", "BETWEEN", ({"N": "1"}, {"N": "2"})))),
        ("pk = :p AND begins_with(sk, :p)", (PK, KeyCondition("sk", "begins_with", ({"S": "p"},)))),
    ],
)
def test_conditions(text: str, expected: tuple[KeyCondition, ...]) -> None:
    assert conditions(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("pk = :p OR sk = :one", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT pk = :p", "Invalid operator used in KeyConditionExpression: NOT"),
        ("pk IN (:p)", "Invalid operator used in KeyConditionExpression: IN"),
        ("pk <> :p", "Invalid operator used in KeyConditionExpression: <>"),
        ("contains(pk, :p)", "Invalid operator used in KeyConditionExpression: contains"),
        ("size(pk) = :one", "KeyConditionExpressions cannot contain nested operations"),
        ("pk.a = :p", "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("pk = :p AND pk = :p", "KeyConditionExpressions must only contain one condition per key"),
        ("pk = sk", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
        (":p = :p", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        (
            ":one BETWEEN sk AND :two",
            (
                "Invalid condition in KeyConditionExpression: "
                "BETWEEN operator must have the key attribute as its first operand"
            ),
        ),
        (
            "begins_with(pk, :one)",
            (
                "Invalid KeyConditionExpression: Incorrect operand type for operator or function; "
                "operator or function: begins_with, operand type: N"
            ),
        ),
    ],
)
def test_what_a_key_does_not_take(text: str, problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        conditions(text)
    assert caught.value.message == problem
