"""Requests, responses and errors between the wire's form and boto3's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from everwarm.cache.backends.wire_form import error_of, from_boto3, to_boto3
from everwarm.errors import (
    ConditionalCheckFailedException,
    OtherApiError,
    TransactionCanceledException,
    ValidationException,
)

WIRE = {
    "TableName": "rates",
    "Item": {
        "key": {"S": "AAEC"},
        "B": {"S": "an attribute by this name"},
        "BS": {"L": [{"S": "AAEC"}, {"B": "AAEC"}]},
        "blob": {"B": "AAEC"},
        "blobs": {"BS": ["AAEC", "AwQ="]},
        "deep": {"M": {"B": {"B": ""}, "SS": {"SS": ["AAEC"]}}},
        "none": {"NULL": True},
    },
    "ExpressionAttributeNames": {"#B": "B"},
}
BOTO3 = {
    **WIRE,
    "Item": {
        **WIRE["Item"],  # type: ignore[dict-item]
        "BS": {"L": [{"S": "AAEC"}, {"B": b"\x00\x01\x02"}]},
        "blob": {"B": b"\x00\x01\x02"},
        "blobs": {"BS": [b"\x00\x01\x02", b"\x03\x04"]},
        "deep": {"M": {"B": {"B": b""}, "SS": {"SS": ["AAEC"]}}},
    },
}


def test_binary_values_both_ways() -> None:
    assert to_boto3(WIRE) == BOTO3
    assert from_boto3(BOTO3) == WIRE


def test_moments_are_numbers_and_metadata_is_left_away() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    response = {"Table": {"CreationDateTime": moment}, "ResponseMetadata": {"RetryAttempts": 0}}
    assert from_boto3(response) == {"Table": {"CreationDateTime": moment.timestamp()}}


def response(code: str, **members: Any) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "no"}, "message": "no", "ResponseMetadata": {}, **members}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ConditionalCheckFailedException", ConditionalCheckFailedException),
        ("ValidationException", ValidationException),
        ("ProvisionedThroughputExceededException", OtherApiError),
        ("OtherApiError", OtherApiError),
    ],
)
def test_an_error_has_the_class_of_its_code(code: str, kind: type) -> None:
    error = error_of(response(code))
    assert type(error) is kind
    assert error.code == code
    assert error.message == str(error) == "no"


def test_an_error_keeps_its_members() -> None:
    reasons = [{"Code": "ConditionalCheckFailed", "Item": {"blob": {"B": b"\x00\x01\x02"}}}, {"Code": "None"}]
    error = error_of(response("TransactionCanceledException", CancellationReasons=reasons))
    assert isinstance(error, TransactionCanceledException)
    assert error.members["CancellationReasons"][0]["Item"] == {"blob": {"B": "AAEC"}}
    assert error_of(response("ConditionalCheckFailedException", Item={"n": {"N": "1"}})).members == {
        "Item": {"n": {"N": "1"}}
    }
