"""GetItem over the wire."""

from typing import Any

import pytest

from tests.wire.refused import refused


@pytest.fixture
def item(dynamodb: Any, table: str, key: dict[str, Any]) -> dict[str, Any]:
    item = {**key, "name": {"S": "Fred"}, "l": {"L": [{"N": "1"}, {"N": "2"}]}, "m": {"M": {"a": {"S": "x"}}}}
    dynamodb.put_item(TableName=table, Item=item)
    return item


@pytest.mark.parametrize("consistent", [True, False])
def test_the_whole_item(dynamodb: Any, table: str, key: dict[str, Any], item: dict[str, Any], consistent: bool) -> None:
    assert dynamodb.get_item(TableName=table, Key=key, ConsistentRead=consistent)["Item"] == item


# Absent, not null and not empty.
def test_an_item_that_is_not_there(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


def test_a_projection(dynamodb: Any, table: str, key: dict[str, Any], item: dict[str, Any]) -> None:
    found = dynamodb.get_item(
        TableName=table, Key=key, ProjectionExpression="#n, l[1], m.a, nothing", ExpressionAttributeNames={"#n": "name"}
    )
    assert found["Item"] == {"name": {"S": "Fred"}, "l": {"L": [{"N": "2"}]}, "m": {"M": {"a": {"S": "x"}}}}


@pytest.mark.parametrize("number", ["1.0", "10E-1", "01"])
def test_a_number_key_is_found_however_it_is_written(
    dynamodb: Any, pairs: str, key: dict[str, Any], number: str
) -> None:
    dynamodb.put_item(TableName=pairs, Item={**key, "sk": {"N": "1"}})
    assert dynamodb.get_item(TableName=pairs, Key={**key, "sk": {"N": number}})["Item"]["sk"] == {"N": "1"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pk": {"S": "a"}}, "The provided key element does not match the schema"),
        ({"pk": {"S": "a"}, "sk": {"S": "1"}}, "The provided key element does not match the schema"),
        ({"pk": {"S": "a"}, "other": {"N": "1"}}, "The provided key element does not match the schema"),
        (
            {"pk": {"S": ""}, "sk": {"N": "1"}},
            (
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                "cannot contain an empty string value. Key: pk"
            ),
        ),
    ],
)
def test_keys_that_are_refused(dynamodb: Any, pairs: str, given: dict[str, Any], message: str) -> None:
    with refused("ValidationException", message):
        dynamodb.get_item(TableName=pairs, Key=given)


def test_consumed_capacity(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "x" * 4096}})
    units = [
        dynamodb.get_item(TableName=table, Key=key, ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")
        for consistent in (True, False)
    ]
    assert [response["ConsumedCapacity"]["CapacityUnits"] for response in units] == [2.0, 1.0]


def test_no_such_table(dynamodb: Any, key: dict[str, Any]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.get_item(TableName="wire-none", Key=key)


def test_a_reserved_word_is_named(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    with refused("ValidationException", has="reserved keyword: name"):
        dynamodb.get_item(TableName=table, Key=key, ProjectionExpression="name")
