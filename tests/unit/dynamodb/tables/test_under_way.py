"""A table as the answer of UpdateTable shows it, as was measured on AWS."""

from typing import Any

import pytest

from everwarm.dynamodb.tables import encryption, throughput, under_way
from everwarm.dynamodb.tables.schema import IndexStatus, Table
from tests.unit.dynamodb.tables.test_update import NOW, gsi, index, provisioned, table, updated
from tests.unit.dynamodb.tables.test_update import throughput as units

KEY = "arn:aws:kms:us-east-1:000000000000:key/"


def answer(before: Table, **request: Any) -> Table:
    return under_way.shown(before, updated(before, **request), request)


@pytest.mark.parametrize(
    ("request_members", "status"),
    [
        ({"BillingMode": "PAY_PER_REQUEST"}, "UPDATING"),
        ({"ProvisionedThroughput": units(1, 1)}, "UPDATING"),
        ({"StreamSpecification": {"StreamEnabled": False}}, "UPDATING"),
        ({"TableClass": "STANDARD"}, "UPDATING"),
        ({"GlobalSecondaryIndexUpdates": gsi("Delete", {"IndexName": "by-a"})}, "UPDATING"),
        ({"GlobalSecondaryIndexUpdates": gsi("Update", {"IndexName": "by-a"})}, "ACTIVE"),
        ({"DeletionProtectionEnabled": False}, "ACTIVE"),
        ({"OnDemandThroughput": {"MaxReadRequestUnits": 1}}, "ACTIVE"),
        ({"SSESpecification": {"Enabled": True}}, "ACTIVE"),
        ({"WarmThroughput": {"ReadUnitsPerSecond": 20_000}}, "ACTIVE"),
    ],
)
def test_which_changes_take_the_table(request_members: dict[str, Any], status: str) -> None:
    assert under_way.status(request_members) == status


def test_throughput_is_the_old_one() -> None:
    before = provisioned(9, 9, GlobalSecondaryIndexes=[index("pk", ProvisionedThroughput=units(9, 9))])
    change = gsi("Update", {"IndexName": "by-pk", "ProvisionedThroughput": units(7, 7)})
    shown = answer(before, ProvisionedThroughput=units(8, 8), GlobalSecondaryIndexUpdates=change)
    for settings in (shown.settings, shown.indexes[0].settings):
        assert settings["ProvisionedThroughput"] == {
            **units(9, 9),
            "NumberOfDecreasesToday": 0,
            "LastDecreaseDateTime": NOW,
        }
    assert shown.indexes[0].status is IndexStatus.UPDATING


def test_warm_throughput_is_the_old_one() -> None:
    before = table("a")
    change = gsi("Update", {"IndexName": "by-a", "WarmThroughput": {"WriteUnitsPerSecond": 5_000}})
    request: dict[str, Any] = {"WarmThroughput": {"ReadUnitsPerSecond": 20_000}, "GlobalSecondaryIndexUpdates": change}
    after = updated(before, **request)
    shown = under_way.shown(before, after, request)
    for settings in (shown.settings, shown.indexes[0].settings):
        assert throughput.warm_shown(settings, "PAY_PER_REQUEST", "ACTIVE") == {
            "ReadUnitsPerSecond": 12_000,
            "WriteUnitsPerSecond": 4_000,
            "Status": "UPDATING",
        }
    assert shown.indexes[0].status is IndexStatus.ACTIVE
    assert after.indexes[0].settings["WarmThroughput"] == {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 5_000}


def test_limits_that_are_taken_away() -> None:
    before = table(OnDemandThroughput={"MaxReadRequestUnits": 9, "MaxWriteRequestUnits": 9})
    shown = answer(before, OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert shown.settings["OnDemandThroughput"] == {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 9}


def test_a_class_is_the_old_one() -> None:
    assert "TableClass" not in answer(table(), TableClass="STANDARD_INFREQUENT_ACCESS").settings


# By request for the first time: there is no moment yet when it became so.
def test_billing_by_request() -> None:
    shown = answer(provisioned(2, 2), BillingMode="PAY_PER_REQUEST").settings
    assert (shown["OnDemandSince"], shown["ProvisionedThroughput"]) == (None, {"LastDecreaseDateTime": NOW})
    assert shown["WarmThroughput"] == {"ReadUnitsPerSecond": 2, "WriteUnitsPerSecond": 2, "Status": "ACTIVE"}


@pytest.mark.parametrize(
    ("encrypted", "change", "description"),
    [
        (None, {"Enabled": True}, {"Status": "UPDATING"}),
        (
            {"SSEType": "KMS", "KMSMasterKeyId": "one"},
            {"Enabled": False},
            {"Status": "UPDATING", "SSEType": "KMS", "KMSMasterKeyArn": KEY + "one"},
        ),
        (
            {"SSEType": "KMS", "KMSMasterKeyId": "one"},
            {"SSEType": "KMS", "KMSMasterKeyId": "two"},
            {"Status": "UPDATING", "SSEType": "KMS", "KMSMasterKeyArn": KEY + "one"},
        ),
    ],
)
def test_a_key_is_the_old_one(
    encrypted: dict[str, Any] | None, change: dict[str, Any], description: dict[str, Any]
) -> None:
    before = table() if encrypted is None else table(SSESpecification=encrypted)
    assert encryption.describe(answer(before, SSESpecification=change)) == description


def test_another_change_leaves_the_key_as_it_is() -> None:
    shown = encryption.describe(answer(table(SSESpecification={"Enabled": True}), DeletionProtectionEnabled=True))
    assert shown is not None
    assert shown["Status"] == "ENABLED"
