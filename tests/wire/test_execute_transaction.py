"""ExecuteTransaction over the wire: statements that are carried out all or none."""

import uuid
from typing import Any

import pytest

from tests.wire.refused import refused

GONE = "Transaction cancelled, please refer cancellation reasons for specific reasons"
NONE = {"Code": "None"}


@pytest.fixture
def keys(dynamodb: Any, table: str) -> list[str]:
    """Two items that are there."""
    keys = [str(uuid.uuid4()) for _ in range(2)]
    for at, key in enumerate(keys):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}, "n": {"N": str(at)}})
    return keys


def run(dynamodb: Any, *statements: str, **more: Any) -> Any:
    return dynamodb.execute_transaction(TransactStatements=[{"Statement": one} for one in statements], **more)


def number(dynamodb: Any, table: str, key: str) -> Any:
    found = dynamodb.get_item(TableName=table, Key={"pk": {"S": key}})
    return found["Item"].get("n", {}).get("N") if "Item" in found else None


def test_reads(dynamodb: Any, table: str, keys: list[str]) -> None:
    response = run(dynamodb, *[f"SELECT n FROM \"{table}\" WHERE pk = '{key}'" for key in (*keys, "absent")])
    assert response["Responses"] == [{"Item": {"n": {"N": "0"}}}, {"Item": {"n": {"N": "1"}}}, {}]


def test_writes(dynamodb: Any, table: str, keys: list[str]) -> None:
    new = str(uuid.uuid4())
    run(
        dynamodb,
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{new}', 'n': 9}}",
        f"UPDATE \"{table}\" SET n = n + 1 WHERE pk = '{keys[0]}'",
        f"DELETE FROM \"{table}\" WHERE pk = '{keys[1]}'",
    )
    assert [number(dynamodb, table, key) for key in (new, *keys)] == ["9", "1", None]


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        (
            "INSERT INTO {table} VALUE {{'pk': '{key}'}}",
            {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        ),
        (
            "UPDATE {table} SET n = 1 WHERE pk = '{key}' AND n > 7",
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        ),
        (
            "EXISTS(SELECT * FROM {table} WHERE pk = '{key}' AND n > 7)",
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        ),
        (
            "UPDATE {table} SET n = absent WHERE pk = '{key}'",
            {
                "Code": "ValidationError",
                "Message": "The provided expression refers to an attribute that does not exist in the item",
            },
        ),
    ],
)
def test_none_where_one_fails(dynamodb: Any, table: str, keys: list[str], failing: str, reason: dict[str, Any]) -> None:
    new = str(uuid.uuid4())
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        run(
            dynamodb,
            f"INSERT INTO \"{table}\" VALUE {{'pk': '{new}'}}",
            failing.format(table=f'"{table}"', key=keys[0]),
        )
    assert caught.value.response["CancellationReasons"] == [NONE, reason]
    assert caught.value.response["Error"]["Message"] == f"{GONE} [None, {reason['Code']}]"
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"pk": {"S": new}})


def test_the_item_of_a_failed_condition(dynamodb: Any, table: str, keys: list[str]) -> None:
    member = {
        "Statement": f"DELETE FROM \"{table}\" WHERE pk = '{keys[1]}' AND n = 7",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.execute_transaction(TransactStatements=[member])
    [reason] = caught.value.response["CancellationReasons"]
    assert reason["Item"] == {"pk": {"S": keys[1]}, "n": {"N": "1"}}


def test_exists_checks_an_item_that_is_not_written(dynamodb: Any, table: str, keys: list[str]) -> None:
    run(
        dynamodb,
        f"EXISTS(SELECT * FROM \"{table}\" WHERE pk = '{keys[0]}' AND n = 0)",
        f"UPDATE \"{table}\" SET n = 5 WHERE pk = '{keys[1]}'",
    )
    assert [number(dynamodb, table, key) for key in keys] == ["0", "5"]


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (
            ["SELECT n FROM {table} WHERE pk = 'a'", "DELETE FROM {table} WHERE pk = 'b'"],
            "ExecuteTransaction API does not support both read and write operations in the same request.",
        ),
        (
            ["SELECT COUNT(*) FROM {table}", "DELETE FROM {table} WHERE pk = 'b'"],
            "ExecuteTransaction API does not support both read and write operations in the same request.",
        ),
        (
            ["SELECT n FROM {table} WHERE pk = 'a'", "SELECT n FROM {table}"],
            (
                "Validation failed in TransactStatements[1]: "
                "Select statements within ExecuteTransaction must specify the primary key in the where clause."
            ),
        ),
        (
            ["SELECT n FROM {table} WHERE pk = 'a'", "SELECT * FROM {table} WHERE pk = 'a'"],
            "Transaction request cannot include multiple operations on one item",
        ),
        (
            ["DELETE FROM {table} WHERE pk = 'a'", "UPDATE {table} SET n = 1 WHERE pk = 'a'"],
            "Transaction request cannot include multiple operations on one item",
        ),
        (
            ["DELETE FROM {table} WHERE pk = 'a' RETURNING ALL OLD *"],
            "Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction.",
        ),
        (
            ["EXISTS(SELECT * FROM {table} WHERE pk = 'a')"],
            (
                "Validation failed in TransactStatements[0]: "
                "EXISTS() must contain a single item read with additional condition"
            ),
        ),
        (
            ["DELETE FROM {table} WHERE pk = ?"],
            ("Validation failed in TransactStatements[0]: Number of parameters in request and statement don't match."),
        ),
        (
            ["UPDATE {table} SET n = 1 WHERE pk = 'a' RETURNING MODIFIED NEW *"],
            "Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction.",
        ),
        (
            ["SELECT n FROM {table}.other WHERE pk = 'a'"],
            "Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions.",
        ),
        (
            ["SELECT COUNT(*) FROM absent WHERE pk = 'a'"],
            "Validation failed in TransactStatements[0]: Unexpected path component at 1:8:5",
        ),
        (
            ["UPDATE absent SET n = 1 WHERE pk = 'a' AND n < true"],
            (
                "Validation failed in TransactStatements[0]: Incorrect operand type for operator or function; "
                "operator or function: <, operand type: BOOL"
            ),
        ),
        (["NONSENSE"], "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ],
)
def test_transactions_that_are_refused(dynamodb: Any, table: str, statements: list[str], problem: str) -> None:
    with refused("ValidationException", problem):
        run(dynamodb, *[statement.format(table=f'"{table}"') for statement in statements])


def test_no_such_table(dynamodb: Any) -> None:
    for statement in ("SELECT * FROM absent WHERE pk = 'a'", "DELETE FROM absent WHERE pk = 'a'"):
        with refused("ResourceNotFoundException", "Requested resource not found"):
            run(dynamodb, statement)


def test_a_token_is_good_for_one_transaction(dynamodb: Any, table: str, keys: list[str]) -> None:
    token = str(uuid.uuid4())
    add = f"UPDATE \"{table}\" SET n = n + 1 WHERE pk = '{keys[0]}'"
    for _ in range(3):
        run(dynamodb, add, ClientRequestToken=token)
    assert number(dynamodb, table, keys[0]) == "1"
    with refused("IdempotentParameterMismatchException", has="different request parameters"):
        run(dynamodb, f"DELETE FROM \"{table}\" WHERE pk = '{keys[0]}'", ClientRequestToken=token)


# Each operation has tokens of its own.
def test_a_token_of_transact_write_items_is_another(dynamodb: Any, table: str, keys: list[str]) -> None:
    token = str(uuid.uuid4())
    run(dynamodb, f"UPDATE \"{table}\" SET n = n + 1 WHERE pk = '{keys[0]}'", ClientRequestToken=token)
    delete = {"Delete": {"TableName": table, "Key": {"pk": {"S": keys[1]}}}}
    dynamodb.transact_write_items(TransactItems=[delete], ClientRequestToken=token)
    assert [number(dynamodb, table, key) for key in keys] == ["1", None]


def test_what_comes_again_costs_a_read(dynamodb: Any, table: str, keys: list[str]) -> None:
    more = {"ClientRequestToken": str(uuid.uuid4()), "ReturnConsumedCapacity": "TOTAL"}
    consumed = [
        run(dynamodb, f"UPDATE \"{table}\" SET n = n + 1 WHERE pk = '{keys[0]}'", **more)["ConsumedCapacity"]
        for _ in range(2)
    ]
    assert consumed == [
        [{"TableName": table, "CapacityUnits": 2.0, kind: 2.0}] for kind in ("WriteCapacityUnits", "ReadCapacityUnits")
    ]


def test_an_unknown_kind_of_capacity(unchecked: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", has="Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint"):
        run(unchecked, f"SELECT n FROM \"{table}\" WHERE pk = '{keys[0]}'", ReturnConsumedCapacity="ALL")


def test_consumed_capacity(dynamodb: Any, table: str, keys: list[str]) -> None:
    reads = [f"SELECT n FROM \"{table}\" WHERE pk = '{key}'" for key in keys]
    writes = [f"UPDATE \"{table}\" SET n = 1 WHERE pk = '{key}'" for key in keys]
    for statements, kind in ((reads, "ReadCapacityUnits"), (writes, "WriteCapacityUnits")):
        response = run(dynamodb, *statements, ReturnConsumedCapacity="TOTAL")
        assert response["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 4.0, kind: 4.0}]


def test_100_at_the_most(unchecked: Any, table: str) -> None:
    with refused("ValidationException", has="Member must have length less than or equal to 100"):
        run(unchecked, *[f"DELETE FROM \"{table}\" WHERE pk = '{at}'" for at in range(101)])
    run(unchecked, *[f"DELETE FROM \"{table}\" WHERE pk = '{at}'" for at in range(100)])
