"""What is told of encryption at rest."""

from typing import Any

import pytest

from everwarm.dynamodb.tables.encryption import check_encryption, describe
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema, Table
from everwarm.errors import ValidationException

KMS = "arn:aws:kms:eu-west-1:000000000000:"


def described(specification: dict[str, Any] | None) -> dict[str, Any] | None:
    settings = {} if specification is None else {"SSESpecification": specification}
    key = KeySchema.of(KeyPart("pk", "S"))
    return describe(Table(1, "rates", "id", "eu-west-1", 0.0, key, settings=settings))


@pytest.mark.parametrize("specification", [None, {"Enabled": False}])
def test_nothing_while_the_key_is_dynamodbs_own(specification: dict[str, Any] | None) -> None:
    assert described(specification) is None


@pytest.mark.parametrize(
    ("key", "arn"),
    [
        ("1234abcd-12ab-34cd-56ef-1234567890ab", KMS + "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        ("alias/mine", KMS + "alias/mine"),
        (KMS + "key/x", KMS + "key/x"),
    ],
)
def test_a_key_as_its_arn(key: str, arn: str) -> None:
    assert described({"Enabled": True, "KMSMasterKeyId": key}) == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": arn,
    }


def test_the_accounts_key_where_none_is_named() -> None:
    by_default = described({"Enabled": True})
    assert by_default is not None
    assert by_default["KMSMasterKeyArn"].startswith(KMS + "key/")
    assert described({"Enabled": True, "KMSMasterKeyId": "alias/aws/dynamodb"}) == by_default


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ({"Enabled": False, "SSEType": "KMS"}, "SSEType can not be specified if Enabled is false"),
        ({"Enabled": False, "KMSMasterKeyId": "x"}, "KMSMasterKeyId can not be specified if Enabled is false"),
        ({"Enabled": True, "KMSMasterKeyId": "x"}, "SSEType KMS is required if KMSMasterKeyId is specified"),
        ({"Enabled": True, "SSEType": "AES256"}, "SSEType AES256 is not supported"),
    ],
)
def test_what_contradicts_itself(specification: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        check_encryption(specification)


def test_a_type_alone_is_enough() -> None:
    assert described({"SSEType": "KMS"}) == described({"Enabled": True})
    assert described({}) is None
