"""Requests that are all right, to begin with: the fuzz test spoils them a little. Tables: test_fuzz.py."""

from typing import Any

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/fuzz-plain"
PLAIN, PAIRS = {"TableName": "fuzz-plain"}, {"TableName": "fuzz-pairs"}
KEY = {"pk": {"S": "a"}}
PAIR = {**KEY, "sk": {"N": "1"}}
ITEM = {
    **PAIR,
    "a": {"S": "x"},
    "b": {"N": "2.5"},
    "c": {"M": {"d": {"L": [{"N": "1"}, {"NULL": True}, {"BOOL": False}]}}},
    "set": {"SS": ["a", "b"]},
    "bytes": {"B": "AAEC"},
}
VALUES = {":v": {"S": "a"}, ":w": {"N": "1"}}
CAPACITY = {"ReturnConsumedCapacity": "INDEXES"}

SOUND: tuple[tuple[str, dict[str, Any]], ...] = (
    ("PutItem", {**PAIRS, "Item": ITEM, "ReturnValues": "ALL_OLD", **CAPACITY}),
    ("PutItem", {**PLAIN, "Item": ITEM, "Expected": {"none": {"Exists": False}}}),
    ("GetItem", {**PAIRS, "Key": PAIR, "ConsistentRead": True, **CAPACITY}),
    ("GetItem", {**PAIRS, "Key": PAIR, "ProjectionExpression": "a, c.d[0]"}),
    ("GetItem", {**PLAIN, "Key": KEY, "AttributesToGet": ["pk", "a"]}),
    ("DeleteItem", {**PLAIN, "Key": KEY, "ReturnValues": "ALL_OLD"}),
    (
        "UpdateItem",
        {
            **PAIRS,
            "Key": PAIR,
            "UpdateExpression": "SET a = :v, b = if_not_exists(b, :w) + :w REMOVE none ADD n :w",
            "ConditionExpression": "attribute_not_exists(none) AND NOT (none = :v)",
            "ExpressionAttributeValues": VALUES,
            "ReturnValues": "ALL_NEW",
        },
    ),
    (
        "UpdateItem",
        {**PLAIN, "Key": KEY, "AttributeUpdates": {"n": {"Action": "ADD", "Value": {"N": "1"}}}},
    ),
    (
        "Query",
        {
            **PAIRS,
            "KeyConditionExpression": "pk = :v AND sk > :w",
            "FilterExpression": "#n <> :v",
            "ExpressionAttributeNames": {"#n": "b"},
            "ExpressionAttributeValues": VALUES,
            "Limit": 3,
            "ScanIndexForward": False,
            **CAPACITY,
        },
    ),
    (
        "Query",
        {
            **PAIRS,
            "IndexName": "by-a",
            "KeyConditions": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}},
            "Select": "COUNT",
        },
    ),
    ("Scan", {**PAIRS, "Limit": 5, "Segment": 0, "TotalSegments": 2, "ExclusiveStartKey": PAIR}),
    (
        "Scan",
        {
            **PAIRS,
            "IndexName": "by-b",
            "FilterExpression": "size(a) > :w",
            "ExpressionAttributeValues": {":w": {"N": "0"}},
        },
    ),
    ("BatchGetItem", {"RequestItems": {"fuzz-plain": {"Keys": [KEY]}, "fuzz-pairs": {"Keys": [PAIR]}}}),
    (
        "BatchWriteItem",
        {
            "RequestItems": {
                "fuzz-plain": [{"PutRequest": {"Item": ITEM}}, {"DeleteRequest": {"Key": {"pk": {"S": "b"}}}}]
            },
            **CAPACITY,
        },
    ),
    (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {**PLAIN, "Item": ITEM}},
                {"Delete": {**PAIRS, "Key": {**PAIR, "sk": {"N": "7"}}}},
                {"ConditionCheck": {**PAIRS, "Key": PAIR, "ConditionExpression": "attribute_not_exists(none)"}},
            ]
        },
    ),
    ("TransactGetItems", {"TransactItems": [{"Get": {**PLAIN, "Key": KEY}}, {"Get": {**PAIRS, "Key": PAIR}}]}),
    ("ExecuteStatement", {"Statement": 'SELECT * FROM "fuzz-pairs" WHERE pk = ?', "Parameters": [{"S": "a"}]}),
    ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM \"fuzz-plain\" WHERE pk = 'a'"}]}),
    (
        "ExecuteTransaction",
        {
            "TransactStatements": [
                {"Statement": "UPDATE \"fuzz-plain\" SET n = ? WHERE pk = 'a'", "Parameters": [{"N": "1"}]}
            ]
        },
    ),
    (
        "CreateTable",
        {
            "TableName": "fuzz-passing",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    ),
    ("DeleteTable", {"TableName": "fuzz-passing"}),
    ("DescribeTable", PAIRS),
    ("UpdateTable", {**PLAIN, "DeletionProtectionEnabled": True}),
    (
        "UpdateTable",
        {
            **PLAIN,
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
            "GlobalSecondaryIndexUpdates": [
                {
                    "Create": {
                        "IndexName": "by-a",
                        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                }
            ],
        },
    ),
    ("UpdateTable", {**PLAIN, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-a"}}]}),
    (
        "UpdateContinuousBackups",
        {**PLAIN, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
    ),
    ("TagResource", {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "b"}]}),
    ("UntagResource", {"ResourceArn": ARN, "TagKeys": ["a"]}),
    ("ListTagsOfResource", {"ResourceArn": ARN}),
    ("PutResourcePolicy", {"ResourceArn": ARN, "Policy": '{"Version": "2012-10-17", "Statement": []}'}),
    ("UpdateTimeToLive", {**PLAIN, "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}),
    ("ListTables", {"Limit": 1}),
)
