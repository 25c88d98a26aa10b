"""TransactWriteItems over the wire: all or none, and the reasons why not."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.wire.refused import refused

GONE = "Transaction cancelled, please refer cancellation reasons for specific reasons"
INVALID = "One or more parameter values were invalid: "
NONE = {"Code": "None"}
CHECK_FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}

Reasons = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def keys() -> list[str]:
    return [str(uuid.uuid4()) for _ in range(101)]


def put(table: str, key: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": {"pk": {"S": key}, **more.pop("attributes", {})}, **more}}


def delete(table: str, key: str, **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": table, "Key": {"pk": {"S": key}}, **more}}


def check(table: str, key: str, condition: str = "attribute_exists(pk)", **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": table, "Key": {"pk": {"S": key}}, "ConditionExpression": condition, **more}}


def update(table: str, key: str, expression: str, value: Any = None, **more: Any) -> dict[str, Any]:
    values = {} if value is None else {"ExpressionAttributeValues": {":v": value}}
    return {"Update": {"TableName": table, "Key": {"pk": {"S": key}}, "UpdateExpression": expression, **values, **more}}


def item(dynamodb: Any, table: str, key: str) -> Any:
    return dynamodb.get_item(TableName=table, Key={"pk": {"S": key}}).get("Item")


@pytest.fixture
def reasons(dynamodb: Any) -> Reasons:
    """`reasons(put(...), check(...))`: why the transaction was cancelled."""

    def reasons(*actions: dict[str, Any]) -> list[dict[str, Any]]:
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
            dynamodb.transact_write_items(TransactItems=list(actions))
        found: list[dict[str, Any]] = caught.value.response["CancellationReasons"]
        codes = ", ".join(reason["Code"] for reason in found)
        assert caught.value.response["Error"]["Message"] == f"{GONE} [{codes}]"
        return found

    return reasons


def test_all_four_actions_in_two_tables(dynamodb: Any, table: str, pairs: str, keys: list[str]) -> None:
    for key in keys[:3]:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}, "n": {"N": "1"}})
    dynamodb.transact_write_items(
        TransactItems=[
            check(table, keys[0]),
            delete(table, keys[1]),
            update(table, keys[2], "SET n = n + :v", {"N": "1"}),
            put(pairs, keys[3], attributes={"sk": {"N": "1"}}),
        ]
    )
    assert item(dynamodb, table, keys[1]) is None
    assert item(dynamodb, table, keys[2])["n"] == {"N": "2"}
    assert "Item" in dynamodb.get_item(TableName=pairs, Key={"pk": {"S": keys[3]}, "sk": {"N": "1"}})


def test_an_update_creates_what_is_not_there(dynamodb: Any, table: str, keys: list[str]) -> None:
    dynamodb.transact_write_items(TransactItems=[update(table, keys[0], "SET n = :v", {"N": "1"})])
    assert item(dynamodb, table, keys[0]) == {"pk": {"S": keys[0]}, "n": {"N": "1"}}


# What is checked is the table as it was before the transaction, and nothing is done if one check fails.
def test_one_condition_that_fails_undoes_all(dynamodb: Any, table: str, keys: list[str], reasons: Reasons) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}})
    found = reasons(
        put(table, keys[1]),
        put(table, keys[0], ConditionExpression="attribute_not_exists(pk)"),
        delete(table, keys[2]),
        check(table, keys[3]),
    )
    assert found == [NONE, CHECK_FAILED, NONE, CHECK_FAILED]
    assert item(dynamodb, table, keys[1]) is None


def test_checks_alone(dynamodb: Any, table: str, keys: list[str], reasons: Reasons) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}})
    assert "CancellationReasons" not in dynamodb.transact_write_items(TransactItems=[check(table, keys[0])])
    assert reasons(check(table, keys[0]), check(table, keys[1])) == [NONE, CHECK_FAILED]


# Each action says for itself whether it wants to see the item that was in the way.
def test_a_failed_condition_can_show_the_item(dynamodb: Any, table: str, keys: list[str], reasons: Reasons) -> None:
    old = {"pk": {"S": keys[0]}, "n": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item=old)
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[1]}})
    show = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    found = reasons(
        check(table, keys[0], "n = :v", ExpressionAttributeValues={":v": {"N": "2"}}, **show),
        put(table, keys[1], ConditionExpression="attribute_not_exists(pk)"),
        check(table, keys[2], **show),
    )
    assert found == [CHECK_FAILED | {"Item": old}, CHECK_FAILED, CHECK_FAILED]


@pytest.mark.parametrize(
    ("expression", "value", "message"),
    [
        ("SET n = s + :v", {"N": "1"}, "An operand in the update expression has an incorrect data type"),
        ("SET n = x", None, "The provided expression refers to an attribute that does not exist in the item"),
        ("SET x.y = :v", {"N": "1"}, "The document path provided in the update expression is invalid for update"),
        ("SET v = :v", {"S": "x" * 410_000}, "Item size to update has exceeded the maximum allowed size"),
        (
            "SET pk = :v",
            {"S": "b"},
            INVALID + "Cannot update attribute pk. This attribute is part of the key",
        ),
    ],
)
def test_an_update_that_cannot_be_made(
    dynamodb: Any, table: str, keys: list[str], reasons: Reasons, expression: str, value: Any, message: str
) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}, "s": {"S": "text"}})
    found = reasons(put(table, keys[1]), update(table, keys[0], expression, value))
    assert found == [NONE, {"Code": "ValidationError", "Message": message}]
    assert item(dynamodb, table, keys[1]) is None


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            {"Put": {"Item": {"n": {"N": "1"}}}},
            "One or more parameter values were invalid: Missing the key pk in the item",
        ),
        (
            {"Put": {"Item": {"pk": {"N": "1"}}}},
            INVALID + "Type mismatch for key pk expected: S actual: N",
        ),
        ({"Delete": {"Key": {"pk": {"N": "1"}}}}, "The provided key element does not match the schema"),
        ({"Delete": {"Key": {"other": {"S": "1"}}}}, "The provided key element does not match the schema"),
    ],
)
def test_keys_that_are_none_of_the_table(
    table: str, keys: list[str], reasons: Reasons, action: dict[str, dict[str, Any]], message: str
) -> None:
    [(kind, members)] = action.items()
    found = reasons(put(table, keys[0]), {kind: {"TableName": table, **members}})
    assert found == [NONE, {"Code": "ValidationError", "Message": message}]


# An empty key is seen before anything else is, and is an error of the request.
@pytest.mark.parametrize("action", [put, delete, check])
def test_an_empty_key_refuses_the_request(dynamodb: Any, table: str, keys: list[str], action: Any) -> None:
    with refused("ValidationException", has="cannot contain an empty string value. Key: pk"):
        dynamodb.transact_write_items(TransactItems=[put(table, keys[0]), action(table, "")])


def test_100_and_no_more(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", has="Member must have length less than or equal to 100"):
        dynamodb.transact_write_items(TransactItems=[put(table, key) for key in keys])
    dynamodb.transact_write_items(TransactItems=[put(table, key) for key in keys[:100]])
    assert all(item(dynamodb, table, key) for key in keys[:100])


def test_nothing_to_do_is_refused(unchecked: Any) -> None:
    with refused("ValidationException", has="Member must have length greater than or equal to 1"):
        unchecked.transact_write_items(TransactItems=[])


def test_one_action_for_each_element(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", "TransactItems can only contain one of Check, Put, Update or Delete"):
        dynamodb.transact_write_items(TransactItems=[{**put(table, keys[0]), **delete(table, keys[1])}])
    with refused("ValidationException", begins="Invalid Request: TransactWriteRequest should contain"):
        dynamodb.transact_write_items(TransactItems=[{}])


@pytest.mark.parametrize("second", [put, delete, check])
def test_one_item_twice_is_refused(dynamodb: Any, table: str, keys: list[str], second: Any) -> None:
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        dynamodb.transact_write_items(TransactItems=[put(table, keys[0]), second(table, keys[0])])


# An item of the same key in another table is another item.
def test_the_same_key_in_two_tables(dynamodb: Any, table: str, fresh: str, keys: list[str]) -> None:
    dynamodb.transact_write_items(TransactItems=[put(table, keys[0]), put(fresh, keys[0])])
    assert item(dynamodb, fresh, keys[0]) is not None


def test_a_missing_table_refuses_the_request(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.transact_write_items(TransactItems=[check(table, keys[0]), put("wire-none", keys[0])])


def test_a_table_by_its_arn(dynamodb: Any, table: str, keys: list[str]) -> None:
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    dynamodb.transact_write_items(TransactItems=[put(arn, keys[0])])
    assert item(dynamodb, table, keys[0]) is not None


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda table, key: update(table, key, "SET a =", {"N": "1"}),
            'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "="',
        ),
        (
            lambda table, key: put(table, key, ExpressionAttributeValues={":v": {"N": "1"}}),
            "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
        ),
        (
            lambda table, key: put(table, key, attributes={"v": {"S": "x" * 410_000}}),
            "Item size has exceeded the maximum allowed size",
        ),
    ],
)
def test_a_request_that_means_nothing(dynamodb: Any, table: str, keys: list[str], action: Any, message: str) -> None:
    with refused("ValidationException", message):
        dynamodb.transact_write_items(TransactItems=[check(table, keys[0]), action(table, keys[1])])


def test_4_mb_and_no_more(dynamodb: Any, table: str, keys: list[str]) -> None:
    heavy = {"v": {"S": "x" * 390_000}}
    with refused("ValidationException", begins="Transaction payload size cannot exceed 4MB. Payload Size: "):
        dynamodb.transact_write_items(TransactItems=[put(table, key, attributes=heavy) for key in keys[:11]])
    dynamodb.transact_write_items(TransactItems=[put(table, key, attributes=heavy) for key in keys[:10]])


# Two units for each KB: one to prepare it, one to commit. A check costs as much.
def test_consumed_capacity(dynamodb: Any, table: str, keys: list[str]) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}})
    actions = [check(table, keys[0]), put(table, keys[1], attributes={"v": {"S": "x" * 2000}})]
    response = dynamodb.transact_write_items(TransactItems=actions, ReturnConsumedCapacity="INDEXES")
    assert response["ConsumedCapacity"] == [
        {
            "TableName": table,
            "CapacityUnits": 6.0,
            "WriteCapacityUnits": 6.0,
            "Table": {"CapacityUnits": 6.0, "WriteCapacityUnits": 6.0},
        }
    ]


class TestToken:
    """`ClientRequestToken`: a transaction that is sent again is not done again."""

    @pytest.fixture
    def count(self, dynamodb: Any, table: str, keys: list[str]) -> Any:
        def count(token: str, by: str = "1", **more: Any) -> Any:
            action = update(table, keys[0], "ADD n :v", {"N": by})
            return dynamodb.transact_write_items(TransactItems=[action], ClientRequestToken=token, **more)

        return count

    def test_done_once(self, dynamodb: Any, table: str, keys: list[str], count: Any) -> None:
        first = count(keys[1], ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
        again = count(keys[1], ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
        assert item(dynamodb, table, keys[0])["n"] == {"N": "1"}
        assert first == [{"TableName": table, "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
        # It was not written, but looked at.
        assert again == [{"TableName": table, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]

    def test_what_comes_again_costs_what_was_there_then(self, dynamodb: Any, table: str, keys: list[str]) -> None:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}, "a": {"S": "x" * 5000}})
        delete = {"Delete": {"TableName": table, "Key": {"pk": {"S": keys[0]}}}}
        write = {"CapacityUnits": 10.0, "WriteCapacityUnits": 10.0}
        read = {"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}
        for units in (write, read, read):
            response = dynamodb.transact_write_items(
                TransactItems=[delete], ClientRequestToken=keys[1], ReturnConsumedCapacity="TOTAL"
            )
            assert response["ConsumedCapacity"] == [{"TableName": table, **units}]

    def test_for_other_parameters(self, dynamodb: Any, table: str, keys: list[str], count: Any) -> None:
        count(keys[1])
        with refused("IdempotentParameterMismatchException", has="different request parameters"):
            count(keys[1], by="2")
        assert item(dynamodb, table, keys[0])["n"] == {"N": "1"}

    def test_of_a_cancelled_transaction_is_not_used_up(self, dynamodb: Any, table: str, keys: list[str]) -> None:
        request = {"TransactItems": [check(table, keys[0]), put(table, keys[1])], "ClientRequestToken": keys[2]}
        with refused("TransactionCanceledException", f"{GONE} [ConditionalCheckFailed, None]"):
            dynamodb.transact_write_items(**request)
        dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}})
        dynamodb.transact_write_items(**request)
        assert item(dynamodb, table, keys[1]) is not None

    def test_36_characters_and_no_more(self, unchecked: Any, table: str, keys: list[str]) -> None:
        with refused("ValidationException", has="at 'clientRequestToken' failed to satisfy constraint"):
            unchecked.transact_write_items(TransactItems=[put(table, keys[0])], ClientRequestToken="x" * 37)
