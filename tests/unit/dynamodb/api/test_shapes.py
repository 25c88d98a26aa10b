"""Requests against the shapes of the API: what is wrong is listed, all of it, in AWS's words."""

from collections.abc import Callable
from typing import Any

import pytest

from everwarm.dynamodb.api.shapes import dynamodb_shapes, streams_shapes
from everwarm.errors import SerializationException, ValidationException

Check = Callable[[dict[str, Any]], None]


def complaint(operation: str, request: dict[str, Any]) -> str:
    with pytest.raises(ValidationException) as caught:
        dynamodb_shapes().request_check(operation)(request)
    return caught.value.message


def failed(shown: str, path: str, constraint: str) -> str:
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


NO_NAME = failed("null", "timeToLiveSpecification.attributeName", "Member must not be null")
NOT_ENABLED = failed("null", "timeToLiveSpecification.enabled", "Member must not be null")
EMPTY_NAME = failed("''", "timeToLiveSpecification.attributeName", "Member must have length greater than or equal to 1")


# Texts of TTL's shape errors: recorded on AWS.
@pytest.mark.parametrize(
    ("specification", "complaint_about"),
    [
        ({"Enabled": True}, NO_NAME),
        ({"AttributeName": "ttl"}, NOT_ENABLED),
        ({"Enabled": True, "AttributeName": ""}, EMPTY_NAME),
    ],
)
def test_one_error(specification: dict[str, Any], complaint_about: str) -> None:
    message = complaint("UpdateTimeToLive", {"TableName": "rates", "TimeToLiveSpecification": specification})
    assert message == f"1 validation error detected: {complaint_about}"


# The values of an enum come in AWS's order, and it knows more than one error.
def test_a_write_with_everything_wrong() -> None:
    request = {
        "TableName": "abc;",
        "ReturnValues": "hi",
        "ReturnItemCollectionMetrics": "hi",
        "ReturnConsumedCapacity": "hi",
    }
    enum = "Member must satisfy enum value set: "
    assert complaint("DeleteItem", request) == "5 validation errors detected: " + "; ".join(
        [
            failed("'hi'", "returnConsumedCapacity", enum + "[INDEXES, TOTAL, NONE]"),
            failed("'abc;'", "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
            failed("null", "key", "Member must not be null"),
            failed("'hi'", "returnValues", enum + "[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"),
            failed("'hi'", "returnItemCollectionMetrics", enum + "[SIZE, NONE]"),
        ]
    )


def test_no_more_than_ten() -> None:
    message = complaint("CreateTable", {"TableName": "abc", "KeySchema": [{}] * 6, "AttributeDefinitions": []})
    assert message.startswith("10 validation errors detected: Value null at 'keySchema.1.member.attributeName'")
    assert message.count("; ") == 9


BATCH_LIMITS = (
    "Map value must satisfy constraint: "
    "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
)
TABLE_NAMES = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
    "Member must have length greater than or equal to 1, "
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
)
PROJECTED = (
    "Member must satisfy constraint: "
    "[Member must have length less than or equal to 255, Member must have length greater than or equal to 1]"
)


# Collections of plain values are judged as a whole, and shown as Java shows them.
@pytest.mark.parametrize(
    ("operation", "request_members", "complaint_about"),
    [
        (
            "BatchWriteItem",
            {"RequestItems": {}},
            failed("'{}'", "requestItems", "Member must have length greater than or equal to 1"),
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"rates": []}},
            failed("'{rates=[]}'", "requestItems", BATCH_LIMITS),
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"aa;": [{"PutRequest": {"Item": {}}}]}},
            failed(
                "'{aa;=[WriteRequest(putRequest=PutRequest(item={}), deleteRequest=null)]}'",
                "requestItems",
                TABLE_NAMES,
            ),
        ),
        (
            "BatchGetItem",
            {"RequestItems": {"rates": {"Keys": []}}},
            failed("'[]'", "requestItems.rates.member.keys", "Member must have length greater than or equal to 1"),
        ),
        (
            "CreateTable",
            {
                "TableName": "rates",
                "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
                "AttributeDefinitions": [],
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "abc",
                        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
                        "Projection": {"NonKeyAttributes": ["", "a"]},
                    }
                ],
            },
            failed("'[, a]'", "globalSecondaryIndexes.1.member.projection.nonKeyAttributes", PROJECTED),
        ),
        (
            "UpdateItem",
            {"TableName": "rates", "Key": {}, "AttributeUpdates": {"a": {"Action": "MAKE"}}},
            failed(
                "'MAKE'",
                "attributeUpdates.a.member.action",
                "Member must satisfy enum value set: [ADD, PUT, DELETE]",
            ),
        ),
        (
            "CreateTable",
            {"TableName": "rates", "AttributeDefinitions": [], "KeySchema": []},
            failed("'[]'", "keySchema", "Member must have length greater than or equal to 1"),
        ),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "a;", "Item": {}}}], "ClientRequestToken": "x" * 37},
            failed("'" + "x" * 37 + "'", "clientRequestToken", "Member must have length less than or equal to 36"),
        ),
        (
            "Scan",
            {"TableName": "rates", "TotalSegments": 1000001, "Segment": -1},
            failed("'-1'", "segment", "Member must have value greater than or equal to 0"),
        ),
    ],
)
def test_where_and_how_it_is_shown(operation: str, request_members: dict[str, Any], complaint_about: str) -> None:
    assert complaint_about in complaint(operation, request_members)


# The object's hash is all that AWS shows of an attribute value.
def test_attribute_values_are_shown_as_objects() -> None:
    message = complaint("BatchWriteItem", {"RequestItems": {"a;": [{"PutRequest": {"Item": {"k": {"S": "secret"}}}}]}})
    assert "item={k=com.amazonaws.dynamodb.v20120810.AttributeValue@" in message
    assert "secret" not in message


# AWS's order of the rest is its own; ours may be any.
def test_several_errors_come_in_one_message() -> None:
    message = complaint("UpdateTimeToLive", {"TableName": "rates", "TimeToLiveSpecification": {}})
    begins, several, rest = message.partition("2 validation errors detected: ")
    assert (begins, bool(several)) == ("", True)
    assert sorted(rest.split("; ")) == sorted([NO_NAME, NOT_ENABLED])


def test_a_text_that_is_too_long() -> None:
    specification = {"Enabled": True, "AttributeName": "x" * 256}
    message = complaint("UpdateTimeToLive", {"TableName": "rates", "TimeToLiveSpecification": specification})
    assert message.startswith("1 validation error detected: ")
    assert message.endswith("Member must have length less than or equal to 255")


def test_a_word_that_is_not_in_the_enum() -> None:
    message = complaint("PutItem", {"TableName": "rates", "Item": {}, "ReturnValues": "ALL"})
    assert message.startswith(
        "1 validation error detected: Value 'ALL' at 'returnValues' failed to satisfy constraint: "
        "Member must satisfy enum value set: ["
    )


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_number_out_of_range(limit: int) -> None:
    message = complaint("ListTables", {"Limit": limit})
    assert f"Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value " in message


# A place in a list is shown as AWS shows it, counted from 1.
def test_the_path_to_a_member_of_a_list() -> None:
    request = {"TableName": "rates", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk"}]}
    message = complaint("CreateTable", {**request, "AttributeDefinitions": []})
    assert "Value null at 'keySchema.2.member.keyType' failed to satisfy constraint: Member must not be null" in message


AT_LEAST_3 = "Member must have length greater than or equal to 3"
BAD_NAME = failed("'a b c'", "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, "The parameter 'TableName' is required but was not present in the request"),
        (
            "",
            "2 validation errors detected: "
            + failed("''", "tableName", AT_LEAST_3)
            + "; "
            + failed("''", "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
        ),
        ("ab", "1 validation error detected: " + failed("'ab'", "tableName", AT_LEAST_3)),
        (
            "x" * 256,
            "1 validation error detected: "
            + failed(f"'{'x' * 256}'", "tableName", "Member must have length less than or equal to 255"),
        ),
        ("a b c", f"1 validation error detected: {BAD_NAME}"),
    ],
)
def test_table_names(name: str | None, message: str) -> None:
    assert complaint("DescribeTimeToLive", {"TableName": name}) == message


SHORT = failed("''", "tableName", "Member must have length greater than or equal to 1")
LONG = failed(f"'{'x' * 1025}'", "tableName", "Member must have length less than or equal to 1024")


# Operations on items complain of it as of any other member.
@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, failed("null", "tableName", "Member must not be null")),
        ("", SHORT),
        ("a b c", BAD_NAME),
        ("x" * 1025, LONG),
    ],
)
def test_table_names_of_operations_on_items(name: str | None, message: str) -> None:
    assert complaint("Scan", {"TableName": name}) == f"1 validation error detected: {message}"
    no_key = failed("null", "key", "Member must not be null")
    told = complaint("GetItem", {"TableName": name})
    assert told.startswith("2 validation errors detected: ")
    assert message in told
    assert no_key in told


@pytest.mark.parametrize("name", ["abc", "x" * 255, "A-z_0.9", "arn:aws:dynamodb:us-east-1:000000000000:table/rates"])
def test_good_table_names(name: str) -> None:
    dynamodb_shapes().request_check("DescribeTable")({"TableName": name})


MAP_OF = "java.util.Map<java.lang.String, "
VALUE = "com.amazonaws.dynamodb.v20120810.AttributeValue"
WRITES = "com.amazonaws.dynamodb.v20120810.WriteRequest"
CAST = (
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
    "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of "
    "loader 'bootstrap')"
)


@pytest.mark.parametrize(
    ("operation", "request_members", "message"),
    [
        ("DescribeTable", {"TableName": 7}, "NUMBER_VALUE cannot be converted to String"),
        ("DescribeTable", {"TableName": ["a"]}, "Unrecognized collection type class java.lang.String"),
        ("DescribeTable", {"TableName": {}}, "Start of structure or map found where not expected"),
        ("ListTables", {"Limit": "7"}, "STRING_VALUE cannot be converted to Integer"),
        ("ListTables", {"Limit": True}, "TRUE_VALUE cannot be converted to Integer"),
        (
            "GetItem",
            {"TableName": "rates", "Key": {}, "ConsistentRead": "perhaps"},
            "Unexpected token received from parser",
        ),
        ("GetItem", {"TableName": "rates", "Key": "a"}, "Unexpected field type"),
        ("GetItem", {"TableName": "rates", "Key": []}, f"Unrecognized collection type {MAP_OF}{VALUE}>"),
        ("GetItem", {"TableName": "", "Key": {"a": 7}}, "Unexpected value type in payload"),
        ("GetItem", {"TableName": "", "Key": {"a": {"S": 7}}}, "NUMBER_VALUE cannot be converted to String"),
        ("BatchWriteItem", {"RequestItems": []}, f"Unrecognized collection type {MAP_OF}java.util.List<{WRITES}>>"),
        ("BatchWriteItem", {"RequestItems": {"a": 7}}, CAST),
        ("BatchWriteItem", {"RequestItems": {"a": [7]}}, "Unexpected value type in payload"),
        ("BatchWriteItem", {"RequestItems": {"a": [[]]}}, f"Unrecognized collection type class {WRITES}"),
        ("BatchWriteItem", {"RequestItems": {"a": [{"PutRequest": 7}]}}, "Unexpected field type"),
        ("BatchGetItem", {"RequestItems": {"a": {"Keys": [7]}}}, CAST),
        ("PutItem", {"Item": {}, "Expected": {"a": {"Value": 7}}}, "Unexpected field type"),
        ("PutItem", {"Item": {}, "ExpressionAttributeNames": {"#a": 7}}, "NUMBER_VALUE cannot be converted to String"),
        (
            "PutItem",
            {"Item": {}, "ExpressionAttributeNames": []},
            f"Unrecognized collection type {MAP_OF}java.lang.String>",
        ),
        ("BatchWriteItem", {"RequestItems": {"rates": {}}}, "Start of structure or map found where not expected"),
    ],
)
def test_json_of_a_wrong_type(operation: str, request_members: dict[str, Any], message: str) -> None:
    with pytest.raises(SerializationException) as caught:
        dynamodb_shapes().request_check(operation)(request_members)
    assert caught.value.message == message


# Null stands for absent, and members that a newer client knows are passed over.
def test_nulls_and_unknown_members_are_passed_over() -> None:
    request = {"Limit": None, "SomethingNew": {"a": 1}}
    dynamodb_shapes().request_check("ListTables")(request)
    assert "Limit" not in request


def test_the_streams_have_shapes_of_their_own() -> None:
    with pytest.raises(ValidationException, match="Value null at 'streamArn'"):
        streams_shapes().request_check("DescribeStream")({})
    with pytest.raises(ValidationException, match="Member must have length greater than or equal to 37"):
        streams_shapes().request_check("DescribeStream")({"StreamArn": "short"})


def test_booleans_that_are_written_as_text() -> None:
    request: dict[str, Any] = {"TableName": "rates", "Key": {}, "ConsistentRead": "YES"}
    dynamodb_shapes().request_check("GetItem")(request)
    assert request["ConsistentRead"] is True


# AWS cuts off what a whole number has behind its point, or beyond its 32 bits.
@pytest.mark.parametrize(("limit", "is_taken_as"), [(7.9, 7), (1e300, 2**31 - 1)])
def test_numbers_that_are_not_whole(limit: float, is_taken_as: int) -> None:
    request = {"TableName": "rates", "Limit": limit}
    dynamodb_shapes().request_check("Scan")(request)
    assert request["Limit"] == is_taken_as
