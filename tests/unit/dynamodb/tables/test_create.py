"""Which CreateTable requests make sense. Texts as AWS gives them."""

from typing import Any

import pytest

from everwarm.dynamodb.tables.create import key_schema, settings, stream_view_type
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema
from everwarm.errors import ValidationException

INVALID = "One or more parameter values were invalid: "


def request(keys: str, definitions: str) -> dict[str, Any]:
    """`request("pk:HASH sk:RANGE", "pk:S sk:N")`."""
    return {
        "KeySchema": [
            {"AttributeName": name, "KeyType": kind} for name, kind in (part.split(":") for part in keys.split())
        ],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": tag}
            for name, tag in (part.split(":") for part in definitions.split())
        ],
    }


def test_the_order_of_the_definitions_does_not_matter() -> None:
    assert key_schema(request("pk:HASH sk:RANGE", "sk:N pk:S")) == KeySchema.of(KeyPart("pk", "S"), KeyPart("sk", "N"))
    assert key_schema(request("pk:HASH", "pk:B")) == KeySchema.of(KeyPart("pk", "B"))


@pytest.mark.parametrize(
    ("keys", "definitions", "message"),
    [
        ("pk:RANGE", "pk:S", "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
        ("pk:HASH sk:HASH", "pk:S sk:S", "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
        (
            "pk:HASH pk:RANGE",
            "pk:S",
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        (
            "pk:HASH",
            "x:S",
            INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [pk], AttributeDefinitions: [x]",
        ),
        (
            "pk:HASH",
            "pk:S x:S",
            INVALID + "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions",
        ),
    ],
)
def test_keys_that_are_none(keys: str, definitions: str, message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        key_schema(request(keys, definitions))
    assert caught.value.message == message


def test_a_key_has_two_parts_at_the_most() -> None:
    with pytest.raises(
        ValidationException, match="'keySchema' failed to satisfy constraint: Member must have length less than"
    ):
        key_schema(request("a:HASH b:RANGE c:RANGE", "a:S b:S c:S"))


THROUGHPUT = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": THROUGHPUT},
            INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
            "when BillingMode is PAY_PER_REQUEST",
        ),
        (
            {},
            INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        ),
    ],
)
def test_billing_that_contradicts_itself(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        settings(given)
    assert caught.value.message == message


# Not there yet is said, never passed over.
@pytest.mark.parametrize("member", ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"])
def test_indexes_are_refused_by_name(member: str) -> None:
    with pytest.raises(ValidationException, match=member):
        settings({member: [{}], "BillingMode": "PAY_PER_REQUEST"})


def test_what_is_kept() -> None:
    given = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": THROUGHPUT, "TableName": "rates"}
    assert settings(given) == {"BillingMode": "PROVISIONED", "ProvisionedThroughput": THROUGHPUT}


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ({"StreamEnabled": True}, "Table is being created with a stream enabled, UpdateViewType is required"),
        (
            {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"},
            "Table is being created with a stream disabled, UpdateViewType should not be specified",
        ),
    ],
)
def test_streams_that_contradict_themselves(specification: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        stream_view_type({"StreamSpecification": specification})
    assert caught.value.message == INVALID + message


@pytest.mark.parametrize(
    ("given", "view_type"),
    [
        ({}, None),
        ({"StreamSpecification": {"StreamEnabled": False}}, None),
        ({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}}, "OLD_IMAGE"),
    ],
)
def test_view_types(given: dict[str, Any], view_type: str | None) -> None:
    assert stream_view_type(given) == view_type
