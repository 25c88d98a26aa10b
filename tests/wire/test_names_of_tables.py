"""Names of tables over the wire: operations on items take what no table can be called, and do not find it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.wire.refused import refused

KEY = {"pk": {"S": "a"}}


@pytest.mark.parametrize("name", ["a", "ab", "a" * 256, "a" * 1024])
def test_of_no_table(dynamodb: Any, name: str) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.get_item(TableName=name, Key=KEY)
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.batch_get_item(RequestItems={name: {"Keys": [KEY]}})
    with refused("ValidationException", begins=f"1 validation error detected: Value '{name}' at 'tableName' failed"):
        dynamodb.describe_table(TableName=name)


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("a;", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
        ("a" * 1025, "Member must have length less than or equal to 1024"),
        ("arn:" + "a" * 1021, "Member must have length less than or equal to 1024"),
    ],
)
def test_that_are_none(dynamodb: Any, name: str, constraint: str) -> None:
    complaint = f"Value '{name}' at 'tableName' failed to satisfy constraint: {constraint}"
    with refused("ValidationException", f"1 validation error detected: {complaint}"):
        dynamodb.get_item(TableName=name, Key=KEY)


def test_a_put_and_an_update_complain_of_it_alone(dynamodb: Any) -> None:
    for write in (dynamodb.put_item, dynamodb.update_item):
        given = {"Item": KEY} if write == dynamodb.put_item else {"Key": KEY}
        with pytest.raises(ClientError) as caught:
            write(TableName="a;", **given, ReturnValues="a", ReturnConsumedCapacity="b")
        assert caught.value.response["Error"]["Message"].startswith("1 validation error detected: Value 'a;' at ")


def test_an_update_names_one_value_that_is_none(dynamodb: Any) -> None:
    wrong = {"ReturnValues": "a", "ReturnConsumedCapacity": "b", "ReturnItemCollectionMetrics": "c"}
    with refused("ValidationException", begins="1 validation error detected: Value 'a' at 'returnValues'"):
        dynamodb.update_item(TableName="abc", Key=KEY, **wrong)
    with refused("ValidationException", begins="3 validation errors detected: Value 'b' at 'returnConsumedCapacity'"):
        dynamodb.put_item(TableName="abc", Item=KEY, **wrong)
