"""From target and body to status and body, whatever comes in."""

import json
from typing import Any

import pytest

from everwarm.dynamodb.api import protocol
from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.engine import Engine

LIST = "DynamoDB_20120810.ListTables"


async def answer(engine: Engine, target: str, body: bytes) -> tuple[int, Any]:
    found = await protocol.answer(engine, target, body)
    return found.status, json.loads(found.body)


async def test_a_good_request(engine: Engine) -> None:
    assert await answer(engine, LIST, b"{}") == (200, {"TableNames": []})


@pytest.mark.parametrize(
    "target", ["", "ListTables", "DynamoDB_20120810.", "DynamoDB_20120810.MakeCoffee", "X.ListTables"]
)
async def test_an_unknown_target(engine: Engine, target: str) -> None:
    expected = {"__type": "com.amazon.coral.service#UnknownOperationException"}
    assert await answer(engine, target, b"{}") == (400, expected)


@pytest.mark.parametrize(
    "body", [b"{", b"nonsense", b'{"Limit": 1,}', b'{"Limit": NaN}', b"\xff", b'{"S": "\\ud800"}', b"[" * 5000]
)
async def test_broken_json(engine: Engine, body: bytes) -> None:
    assert await answer(engine, LIST, body) == (400, {"__type": "com.amazon.coral.service#SerializationException"})


@pytest.mark.parametrize("body", [b"[]", b"7", b'"a"', b"null", b"true"])
async def test_json_that_is_no_object(engine: Engine, body: bytes) -> None:
    status, found = await answer(engine, LIST, body)
    assert (status, found["__type"]) == (400, "com.amazon.coral.service#SerializationException")


async def test_an_error_of_dynamodb(engine: Engine) -> None:
    assert await answer(engine, "DynamoDB_20120810.DescribeTable", b'{"TableName": "none"}') == (
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "message": "Requested resource not found: Table: none not found",
        },
    )


# Our own bug is AWS's 500, without a word of its insides.
async def test_a_bug_is_an_internal_error(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr(engine.tables, "names", fail)
    status, found = await answer(engine, LIST, b"{}")
    assert (status, found["__type"]) == (500, "com.amazonaws.dynamodb.v20120810#InternalServerError")
    assert "secret" not in json.dumps(found)


# The folder listing is the feature list.
def test_every_operation_is_found_by_its_target() -> None:
    for target, operation in operations().items():
        assert protocol.find_operation(target) is operation
        assert target.rpartition(".")[2] == operation.name
