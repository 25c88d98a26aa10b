"""The order of checks: JSON types of the whole request, its shape, its values, the table, what is in it."""

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.wire.raw import post

WRONG_TYPE = {"z": {"L": [{"S": 7}]}}
WRONG_SHAPE = {"ReturnConsumedCapacity": "MUCH"}
WRONG_VALUE = {"a": {"NS": ["1", "x"]}}
NO_TABLE = "wire-there-is-none"

SERIALIZATION = "NUMBER_VALUE cannot be converted to String"
SHAPE = (
    "1 validation error detected: Value 'MUCH' at 'returnConsumedCapacity' failed to satisfy constraint: "
    "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
)
VALUE = "The parameter cannot be converted to a numeric value: x"
TABLE = "Requested resource not found"


@pytest.mark.parametrize(
    ("request_members", "message"),
    [
        ({"TableName": "x", "Item": {**WRONG_VALUE, **WRONG_TYPE}, **WRONG_SHAPE}, SERIALIZATION),
        ({"TableName": NO_TABLE, "Item": {**WRONG_VALUE, **WRONG_TYPE}}, SERIALIZATION),
        ({"TableName": NO_TABLE, "Item": {}, "ExpressionAttributeValues": WRONG_TYPE}, SERIALIZATION),
        ({"TableName": NO_TABLE, "Item": WRONG_TYPE, "ConditionExpression": "("}, SERIALIZATION),
        ({"TableName": NO_TABLE, "Item": WRONG_VALUE, **WRONG_SHAPE}, SHAPE),
        ({"TableName": NO_TABLE, "Item": WRONG_VALUE}, VALUE),
        ({"TableName": NO_TABLE, "Item": {"pk": {"S": "a"}}}, TABLE),
    ],
)
def test_put_item(connection: HTTPConnection, request_members: dict[str, Any], message: str) -> None:
    status, answer = post(connection, "PutItem", json.dumps(request_members).encode())
    assert status == 400
    assert answer.get("message", answer.get("Message")) == message


# A batch is read to its end, too, before its first write is looked at.
def test_batch_write_item(connection: HTTPConnection) -> None:
    writes = [{"PutRequest": {"Item": WRONG_VALUE}}, {"PutRequest": {"Item": WRONG_TYPE}}]
    status, answer = post(connection, "BatchWriteItem", json.dumps({"RequestItems": {NO_TABLE: writes}}).encode())
    assert (status, answer["Message"]) == (400, SERIALIZATION)


# Null stands for absent, wherever a member may be absent.
def test_nulls(connection: HTTPConnection, table: str, key: dict[str, Any]) -> None:
    request = {
        "TableName": table,
        "Item": {**key, "a": {"S": "b", "N": None}},
        "ConditionExpression": None,
        "Expected": None,
        "ExpressionAttributeNames": None,
    }
    assert post(connection, "PutItem", json.dumps(request).encode()) == (200, {})
    status, answer = post(connection, "PutItem", json.dumps({**request, "TableName": None}).encode())
    assert status == 400
    assert answer["message"] == (
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null"
    )


# A number that is larger than what Java holds is what Java would make of it, not an error of ours.
def test_numbers_that_java_cannot_hold(connection: HTTPConnection, table: str) -> None:
    for limit in ("1e300", "123456789012345678901234567890", "2.9"):
        request = f'{{"TableName": "{table}", "Limit": {limit}}}'
        assert post(connection, "Scan", request.encode())[0] == 200
