"""Which of several faults in one request is told: AWS looks at the request's shape first, then at what it means, then
whether its tables are there, then at what they hold. Not here: JSON of a wrong type (test_order_of_checks.py).
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

NO_TABLE = "wire-no-such-table"
NOWHERE = f"arn:aws:dynamodb:us-east-1:000000000000:table/{NO_TABLE}"
HERE = "<table>"
KEY = {"pk": {"S": "order-of-checks"}}
OTHER_KEY = {"x": {"N": "1"}}
VALUE = {":v": {"N": "1"}}
SYNTAX = {"ConditionExpression": "a ="}
NEVER = {"ConditionExpression": "attribute_exists(zz)"}


def put(table: str, item: Any, **more: Any) -> dict[str, Any]:
    return {"TableName": table, "Item": item, **more}


def update(table: str, key: Any, expression: str, **more: Any) -> dict[str, Any]:
    return {"TableName": table, "Key": key, "UpdateExpression": expression, **more}


def asked_in(request: Any, table: str) -> Any:
    """The request with the name of the table that is there."""
    if isinstance(request, dict):
        return {table if name == HERE else name: asked_in(value, table) for name, value in request.items()}
    if isinstance(request, list):
        return [asked_in(value, table) for value in request]
    return table if request == HERE else request


CASES: list[tuple[str, dict[str, Any], str]] = [
    # The shape before the meaning.
    ("put_item", put(NO_TABLE, {"pk": {"N": "x"}}, ReturnValues="FOO"), "enum value set"),
    ("query", {"TableName": NO_TABLE, "KeyConditionExpression": "pk >", "Limit": 0}, "at 'limit'"),
    ("update_table", {"TableName": NO_TABLE, "BillingMode": "FOO"}, "enum value set"),
    ("update_time_to_live", {"TableName": NO_TABLE, "TimeToLiveSpecification": {"Enabled": True}}, "not be null"),
    ("tag_resource", {"ResourceArn": "bad", "Tags": [{"Key": "a"}]}, "ARNs must start with"),
    # Values before expressions, expressions before the table.
    ("put_item", put(NO_TABLE, {"pk": {"N": "x"}}, **SYNTAX), "cannot be converted to a numeric value: x"),
    ("put_item", put(NO_TABLE, OTHER_KEY, **SYNTAX), "Syntax error"),
    ("update_item", update(NO_TABLE, OTHER_KEY, "SET a"), "Syntax error"),
    ("get_item", {"TableName": NO_TABLE, "Key": OTHER_KEY, "ProjectionExpression": "a, a"}, "overlap"),
    ("query", {"TableName": NO_TABLE, "KeyConditionExpression": "pk >"}, "Syntax error"),
    ("scan", {"TableName": NO_TABLE, "Segment": 4, "TotalSegments": 2}, "zero-based"),
    ("batch_get_item", {"RequestItems": {NO_TABLE: {"Keys": [OTHER_KEY, OTHER_KEY]}}}, "contains duplicates"),
    (
        "batch_write_item",
        {"RequestItems": {NO_TABLE: [{}], HERE: [{"PutRequest": {"Item": OTHER_KEY}}]}},
        "more than one datatypes",
    ),
    (
        "transact_write_items",
        {"TransactItems": [{"Put": put(NO_TABLE, OTHER_KEY)}, {"Update": update(HERE, KEY, "SET a")}]},
        "Syntax error",
    ),
    ("update_table", {"TableName": NO_TABLE, "BillingMode": "PROVISIONED"}, "must be specified when BillingMode"),
    (
        "tag_resource",
        {"ResourceArn": NOWHERE, "Tags": [{"Key": "aws:x", "Value": "y"}]},
        "cannot be prefixed with aws:",
    ),
    ("execute_statement", {"Statement": f'SELECT * FROM "{NO_TABLE}" WHERE'}, "Statement wasn't well formed"),
    # The table before what does not go with it.
    ("put_item", put(NO_TABLE, OTHER_KEY, **NEVER), "Requested resource not found"),
    (
        "update_item",
        update(NO_TABLE, OTHER_KEY, "SET pk = :v", ExpressionAttributeValues=VALUE),
        "Requested resource not found",
    ),
    (
        "query",
        {
            "TableName": NO_TABLE,
            "IndexName": "absent",
            "KeyConditionExpression": "pk > :v",
            "ExpressionAttributeValues": VALUE,
        },
        "Requested resource not found",
    ),
    (
        "batch_get_item",
        {"RequestItems": {HERE: {"Keys": [OTHER_KEY]}, NO_TABLE: {"Keys": [OTHER_KEY]}}},
        "Requested resource not found",
    ),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": put(HERE, OTHER_KEY)},
                {"Update": update(NO_TABLE, KEY, "SET a = :v", ExpressionAttributeValues=VALUE)},
            ]
        },
        "Requested resource not found",
    ),
    # Keys before conditions, conditions before what comes of the write.
    ("put_item", put(HERE, OTHER_KEY, **NEVER), "Missing the key pk in the item"),
    (
        "update_item",
        update(HERE, OTHER_KEY, "SET pk = :v", ExpressionAttributeValues=VALUE),
        "The provided key element does not match the schema",
    ),
    (
        "update_item",
        update(HERE, KEY, "SET pk = :v", ExpressionAttributeValues=VALUE, **NEVER),
        "This attribute is part of the key",
    ),
    (
        "update_item",
        update(HERE, KEY, "SET a = nowhere + :v", ExpressionAttributeValues=VALUE, **NEVER),
        "The conditional request failed",
    ),
    (
        "update_item",
        update(HERE, KEY, "SET nowhere.x = :v", ExpressionAttributeValues=VALUE, **NEVER),
        "The conditional request failed",
    ),
    (
        "transact_write_items",
        {"TransactItems": [{"Put": put(HERE, KEY)}, {"Delete": {"TableName": HERE, "Key": KEY, **NEVER}}]},
        "multiple operations on one item",
    ),
    (
        "transact_write_items",
        {"TransactItems": [{"Put": put(HERE, OTHER_KEY)}, {"Delete": {"TableName": HERE, "Key": KEY, **NEVER}}]},
        "[ValidationError, None]",
    ),
]


@pytest.mark.parametrize(("operation", "request_members", "told"), CASES)
def test_which_is_told(unchecked: Any, table: str, operation: str, request_members: dict[str, Any], told: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(unchecked, operation)(**asked_in(request_members, table))
    assert told in caught.value.response["Error"]["Message"]
