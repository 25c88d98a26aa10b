"""BatchExecuteStatement over the wire: statements that are each answered for themselves."""

import uuid
from typing import Any

import pytest

from tests.wire.refused import refused

ONE_KEY = "Select statements within BatchExecuteStatement must specify the primary key in the where clause."


@pytest.fixture
def keys(dynamodb: Any, table: str) -> list[str]:
    """Two items that are there."""
    keys = [str(uuid.uuid4()) for _ in range(2)]
    for at, key in enumerate(keys):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}, "n": {"N": str(at)}})
    return keys


def statement(text: str, *parameters: str, **more: Any) -> dict[str, Any]:
    return {"Statement": text, "Parameters": [{"S": one} for one in parameters], **more}


def run(dynamodb: Any, *statements: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    members = [{name: value for name, value in one.items() if value != []} for one in statements]
    responses: list[dict[str, Any]] = dynamodb.batch_execute_statement(Statements=members, **more)["Responses"]
    return responses


def test_reads(dynamodb: Any, table: str, keys: list[str]) -> None:
    select = f'SELECT n FROM "{table}" WHERE pk = ?'
    found = run(dynamodb, *[statement(select, key) for key in [*keys, "absent"]])
    assert found == [
        {"TableName": table, "Item": {"n": {"N": "0"}}},
        {"TableName": table, "Item": {"n": {"N": "1"}}},
        {"TableName": table},
    ]


# Each has its own error, and the others are read all the same.
def test_reads_that_fail(dynamodb: Any, table: str, pairs: str, keys: list[str]) -> None:
    found = run(
        dynamodb,
        statement(f'SELECT n FROM "{table}" WHERE pk = ?', keys[0]),
        statement(f'SELECT n FROM "{table}"'),
        statement(f'SELECT n FROM "{table}" WHERE pk = ? AND n = 0', keys[1]),
        statement(f'SELECT n FROM "{pairs}" WHERE pk = ?', keys[0]),
        statement(f'SELECT n FROM "{table}"."by-n" WHERE pk = ?', keys[1]),
        statement(f'SELECT n FROM "{table}" WHERE pk = ?'),
        statement("SELECT n FROM absent WHERE pk = ?", keys[0]),
        statement("NONSENSE"),
    )
    assert found[0] == {"TableName": table, "Item": {"n": {"N": "0"}}}
    assert all("TableName" not in one for one in found[1:])
    assert [(one["Error"]["Code"], one["Error"]["Message"]) for one in found[1:]] == [
        ("ValidationError", ONE_KEY),
        ("ValidationError", ONE_KEY),
        ("ValidationError", ONE_KEY),
        ("ValidationError", ONE_KEY),
        ("ValidationError", "Number of parameters in request and statement don't match."),
        ("ResourceNotFound", "Requested resource not found"),
        ("ValidationError", "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ]


def test_writes(dynamodb: Any, table: str, keys: list[str]) -> None:
    new = str(uuid.uuid4())
    found = run(
        dynamodb,
        statement(f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", new),
        statement(f'UPDATE "{table}" SET n = n + 1 WHERE pk = ? RETURNING ALL NEW *', keys[0]),
        statement(f'DELETE FROM "{table}" WHERE pk = ?', keys[1]),
    )
    assert found == [
        {"TableName": table},
        {"TableName": table, "Item": {"pk": {"S": keys[0]}, "n": {"N": "1"}}},
        {"TableName": table},
    ]
    there = run(dynamodb, *[statement(f'SELECT * FROM "{table}" WHERE pk = ?', key) for key in (new, *keys)])
    assert ["Item" in one for one in there] == [True, True, False]


def test_writes_that_fail(dynamodb: Any, table: str, keys: list[str]) -> None:
    new, absent = str(uuid.uuid4()), str(uuid.uuid4())
    found = run(
        dynamodb,
        statement(f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", keys[0]),
        statement(
            f'UPDATE "{table}" SET n = 1 WHERE pk = ? AND n = 7',
            keys[1],
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        ),
        statement(f'UPDATE "{table}" SET n = 1 WHERE pk = ?', absent),
        statement(f'UPDATE "{table}" SET n = 1'),
        statement(f'DELETE FROM "{table}" WHERE pk = ? RETURNING ALL NEW *', "other"),
        statement("DELETE FROM absent WHERE pk = ?", keys[1]),
        statement("NONSENSE"),
        statement(f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", new),
    )
    failed = "The conditional request failed"
    assert [one.get("Error") for one in found] == [
        {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        # Without the item, though it was asked for.
        {"Code": "ConditionalCheckFailed", "Message": failed},
        {"Code": "ConditionalCheckFailed", "Message": failed},
        {
            "Code": "ValidationError",
            "Message": "Where clause does not contain a mandatory equality on all key attributes",
        },
        {
            "Code": "ValidationError",
            "Message": (
                "Invalid returning clause: RETURNING ALL NEW *. "
                "Only RETURNING ALL OLD * is allowed in DELETE statements."
            ),
        },
        {"Code": "ResourceNotFound", "Message": "Requested resource not found"},
        {
            "Code": "ValidationError",
            "Message": "Statement wasn't well formed, can't be processed: Expected data manipulation",
        },
        None,
    ]
    # Only what was carried out, if in vain, says where.
    assert [one.get("TableName") for one in found] == [table, table, table, None, None, None, None, table]
    assert "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": new}})


def test_reads_and_writes_do_not_mix(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", "Read and write requests together in the same batch is not supported."):
        run(
            dynamodb,
            statement(f'SELECT n FROM "{table}" WHERE pk = ?', keys[0]),
            statement(f'DELETE FROM "{table}" WHERE pk = ?', keys[1]),
        )
    assert "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": keys[1]}})


# One that fails is a read or a write all the same.
def test_what_fails_does_not_mix_either(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", "Read and write requests together in the same batch is not supported."):
        run(dynamodb, statement(f'DELETE FROM "{table}"'), statement(f'SELECT n FROM "{table}" WHERE pk = ?', keys[0]))
    with refused("ValidationException", "Read and write requests together in the same batch is not supported."):
        run(dynamodb, statement("SELECT COUNT(*) FROM absent"), statement(f'DELETE FROM "{table}" WHERE pk = ?', "a"))


def test_a_parameter_that_is_no_value_refuses_the_batch(dynamodb: Any, table: str, keys: list[str]) -> None:
    select = f'SELECT n FROM "{table}" WHERE pk = ?'
    wrong = {"Statement": select, "Parameters": [{"N": "abc"}]}
    with refused("ValidationException", "The parameter cannot be converted to a numeric value: abc"):
        run(dynamodb, statement(select, keys[0]), wrong)


def test_keys_that_are_no_keys(dynamodb: Any, table: str) -> None:
    texts = (f'SELECT n FROM "{table}" WHERE pk = 1', f"SELECT n FROM \"{table}\" WHERE pk = ''")
    found = run(dynamodb, *map(statement, texts))
    assert [one["Error"] for one in found] == [
        {
            "Code": "ValidationError",
            "Message": "Key attribute's data type should match its data type in table's schema: Key pk",
        },
        {
            "Code": "ValidationError",
            "Message": (
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                "cannot contain an empty string value. Key: pk"
            ),
        },
    ]


# Before any of them runs.
def test_an_item_is_named_once(dynamodb: Any, table: str, keys: list[str]) -> None:
    for text in (f'SELECT n FROM "{table}" WHERE pk = ?', f'DELETE FROM "{table}" WHERE pk = ?'):
        with refused("ValidationException", "Provided list of item keys contains duplicates"):
            run(dynamodb, statement(text, keys[0]), statement(text, keys[0]))
    assert "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": keys[0]}})


def test_25_at_the_most(unchecked: Any, table: str) -> None:
    members = [{"Statement": f"SELECT n FROM \"{table}\" WHERE pk = '{at}'"} for at in range(26)]
    with refused("ValidationException", has="Member must have length less than or equal to 25"):
        unchecked.batch_execute_statement(Statements=members)
    assert len(unchecked.batch_execute_statement(Statements=members[:25])["Responses"]) == 25


def test_what_an_update_and_a_delete_return(dynamodb: Any, table: str, keys: list[str]) -> None:
    found = run(
        dynamodb,
        statement(f'UPDATE "{table}" SET n = n + 1 WHERE pk = ? RETURNING MODIFIED OLD *', keys[0]),
        statement(f'DELETE FROM "{table}" WHERE pk = ? RETURNING ALL OLD *', keys[1]),
        statement(f'DELETE FROM "{table}" WHERE pk = ? RETURNING ALL OLD *', "absent"),
    )
    assert [one.get("Item") for one in found] == [{"n": {"N": "0"}}, {"pk": {"S": keys[1]}, "n": {"N": "1"}}, None]


@pytest.fixture(scope="module")
def indexed(dynamodb: Any) -> str:
    """A table with a global index by `team`."""
    name = f"wire-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "team")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-team",
                "KeySchema": [{"AttributeName": "team", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return name


def consumed(dynamodb: Any, *statements: dict[str, Any], kind: str = "TOTAL") -> Any:
    response = dynamodb.batch_execute_statement(
        Statements=[{name: value for name, value in one.items() if value != []} for one in statements],
        ReturnConsumedCapacity=kind,
    )
    return response.get("ConsumedCapacity", "nothing")


# Each member is read at its own rate.
def test_capacity_of_reads(dynamodb: Any, table: str, indexed: str, keys: list[str]) -> None:
    select = f'SELECT n FROM "{table}" WHERE pk = ?'
    assert consumed(
        dynamodb,
        statement(select, keys[0], ConsistentRead=True),
        statement(select, keys[1]),
        statement(f'SELECT n FROM "{indexed}" WHERE pk = ?', "absent"),
        statement("SELECT n FROM absent WHERE pk = ?", "absent"),
    ) == [{"TableName": table, "CapacityUnits": 1.5}, {"TableName": indexed, "CapacityUnits": 0.5}]


def test_capacity_of_writes(dynamodb: Any, table: str, indexed: str) -> None:
    insert = f"INSERT INTO \"{indexed}\" VALUE {{'pk': ?, 'team': 'red'}}"
    assert consumed(
        dynamodb,
        statement(insert, str(uuid.uuid4())),
        statement(f'DELETE FROM "{table}" WHERE pk = ?', "absent"),
        statement(insert, str(uuid.uuid4())),
        kind="INDEXES",
    ) == [
        {
            "TableName": indexed,
            "CapacityUnits": 4.0,
            "Table": {"CapacityUnits": 2.0},
            "GlobalSecondaryIndexes": {"by-team": {"CapacityUnits": 2.0}},
        },
        {"TableName": table, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}},
    ]


# A write that fails is charged: the larger of what is there and what it would have put there.
def test_capacity_of_writes_that_fail(dynamodb: Any, table: str, keys: list[str]) -> None:
    large = str(uuid.uuid4())
    dynamodb.put_item(TableName=table, Item={"pk": {"S": large}, "text": {"S": "x" * 2500}})
    insert = f"INSERT INTO \"{table}\" VALUE {{'pk': ?, 'text': ?}}"
    update = f'UPDATE "{table}" SET n = 1 WHERE pk = ? AND n = 7'
    succeeds = statement(f'UPDATE "{table}" SET n = 1 WHERE pk = ?', keys[1])
    for units, failing in (
        (3.0, [statement(insert, large, "short")]),
        (5.0, [statement(insert, keys[0], "x" * 4500)]),
        (3.0, [statement(update, large)]),
        (1.0, [statement(update, "absent")]),
        (4.0, [statement(update, "absent"), statement(update, large)]),
        (0.0, [statement(f'DELETE FROM "{table}"'), statement("NONSENSE")]),
    ):
        assert consumed(dynamodb, *failing, succeeds) == [{"TableName": table, "CapacityUnits": units + 1.0}]


def test_no_capacity_where_nothing_succeeds(dynamodb: Any, table: str, indexed: str, keys: list[str]) -> None:
    failing = statement(f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", keys[0])
    assert consumed(dynamodb, failing) == "nothing"
    succeeds = statement(f'DELETE FROM "{indexed}" WHERE pk = ?', "absent")
    assert consumed(dynamodb, failing, succeeds) == [{"TableName": indexed, "CapacityUnits": 1.0}]


def test_an_unknown_kind_of_capacity(unchecked: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", has="Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint"):
        consumed(unchecked, statement(f'SELECT n FROM "{table}" WHERE pk = ?', keys[0]), kind="ALL")
