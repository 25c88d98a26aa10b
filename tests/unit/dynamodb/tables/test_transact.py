"""All or none, with a reason for each step; and streams that see a transaction once."""

from collections.abc import Callable
from typing import Any

import pytest

from everwarm.dynamodb.tables.transact import all_or_none
from everwarm.errors import (
    ConditionalCheckFailedException,
    ItemCollectionSizeLimitExceededException,
    ResourceNotFoundException,
    TransactionCanceledException,
    ValidationException,
)

Call = Callable[..., dict[str, Any]]


def failing(error: Exception) -> Callable[[], int]:
    def step() -> int:
        raise error

    return step


def test_results_in_order() -> None:
    assert all_or_none([lambda: 1, lambda: 2]) == [1, 2]


def test_every_step_is_taken_and_has_its_reason() -> None:
    taken = []
    with pytest.raises(TransactionCanceledException) as caught:
        all_or_none(
            [
                failing(ConditionalCheckFailedException("failed", Item={"pk": {"S": "a"}})),
                failing(ValidationException("wrong")),
                failing(ItemCollectionSizeLimitExceededException("full")),
                lambda: taken.append("last"),
            ]
        )
    assert taken == ["last"]
    assert caught.value.members["CancellationReasons"] == [
        {"Code": "ConditionalCheckFailed", "Message": "failed", "Item": {"pk": {"S": "a"}}},
        {"Code": "ValidationError", "Message": "wrong"},
        {"Code": "ItemCollectionSizeLimitExceeded", "Message": "full"},
        {"Code": "None"},
    ]
    assert caught.value.message.endswith(
        "[ConditionalCheckFailed, ValidationError, ItemCollectionSizeLimitExceeded, None]"
    )


def test_other_errors_are_the_whole_requests() -> None:
    with pytest.raises(ResourceNotFoundException):
        all_or_none([failing(ValidationException("wrong")), failing(ResourceNotFoundException("gone"))])


def test_a_stream_sees_each_change_once(
    call: Call, create: Call, records: Callable[[str], list[dict[str, Any]]]
) -> None:
    create("rates", stream="KEYS_ONLY")
    puts = [{"Put": {"TableName": "rates", "Item": {"pk": {"S": key}}}} for key in "ab"]
    check = {
        "ConditionCheck": {
            "TableName": "rates",
            "Key": {"pk": {"S": "c"}},
            "ConditionExpression": "attribute_exists(pk)",
        }
    }
    with pytest.raises(TransactionCanceledException):
        call("TransactWriteItems", TransactItems=[*puts, check])
    for _ in range(2):
        call("TransactWriteItems", TransactItems=puts, ClientRequestToken="once")
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in records("rates")] == ["a", "b"]


# They are no part of a transaction, so they are passed over like any member that nobody knows.
def test_legacy_parameters_do_not_exist_here(call: Call, create: Call) -> None:
    create("rates")
    put = {"TableName": "rates", "Item": {"pk": {"S": "a"}}, "Expected": {"pk": {"Exists": True}}, "ReturnValues": "x"}
    call("TransactWriteItems", TransactItems=[{"Put": put}])
    assert call("GetItem", TableName="rates", Key={"pk": {"S": "a"}})["Item"] == {"pk": {"S": "a"}}
