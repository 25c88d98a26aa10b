"""What UpdateTable makes of a table. Texts as AWS gives them."""

import dataclasses
from typing import Any

import pytest

from everwarm.dynamodb.tables import update
from everwarm.dynamodb.tables.create import new_table
from everwarm.dynamodb.tables.schema import Table
from everwarm.errors import ApiError

INVALID = "One or more parameter values were invalid: "
NOW = 1_700_000_000.0
DAY_S = 24 * 3600


def throughput(read: int, write: int) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def key(name: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": "HASH"}]


def definitions(*names: str, tag: str = "S") -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": tag} for name in names]


def index(attribute: str, **more: Any) -> dict[str, Any]:
    return {
        "IndexName": f"by-{attribute}",
        "KeySchema": key(attribute),
        "Projection": {"ProjectionType": "ALL"},
        **more,
    }


def table(*indexed: str, **more: Any) -> Table:
    """An on-demand table with the key `pk`, and an index for each of the attributes."""
    made = new_table(
        {
            "KeySchema": key("pk"),
            "AttributeDefinitions": definitions("pk", *indexed),
            "BillingMode": "PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": [index(name) for name in indexed]} if indexed else {}),
            **more,
        },
        NOW,
    )
    indexes = tuple(dataclasses.replace(one, number=number) for number, one in enumerate(made.indexes, start=2))
    return Table(1, "rates", "id", "us-east-1", NOW, made.key_schema, made.attributes, indexes, made.settings)


def provisioned(read: int = 5, write: int = 5, **more: Any) -> Table:
    return table(BillingMode="PROVISIONED", ProvisionedThroughput=throughput(read, write), **more)


def updated(before: Table, now: float = NOW, **request: Any) -> Table:
    update.check(request)
    return update.updated(before, request, now)


def refusal(before: Table, **request: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        updated(before, **request)
    return caught.value.code, caught.value.message


def gsi(action: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    return [{action: wanted}]


def test_throughput_and_what_is_told_of_its_changes() -> None:
    more = updated(provisioned(), ProvisionedThroughput=throughput(6, 5))
    assert more.settings["ProvisionedThroughput"] == {**throughput(6, 5), "LastIncreaseDateTime": NOW}
    less = updated(more, NOW + 1, ProvisionedThroughput=throughput(6, 4))
    less = updated(less, NOW + 2, ProvisionedThroughput=throughput(3, 4))
    assert less.settings["ProvisionedThroughput"] == {
        **throughput(3, 4),
        "LastIncreaseDateTime": NOW,
        "LastDecreaseDateTime": NOW + 2,
        "NumberOfDecreasesToday": 2,
    }
    next_day = updated(less, NOW + DAY_S, ProvisionedThroughput=throughput(1, 1))
    assert next_day.settings["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_billing_there_and_back() -> None:
    before = provisioned(GlobalSecondaryIndexes=[index("pk", ProvisionedThroughput=throughput(1, 1))])
    on_demand = updated(before, NOW + 1, BillingMode="PAY_PER_REQUEST")
    assert on_demand.settings == {"BillingMode": "PAY_PER_REQUEST", "OnDemandSince": NOW + 1}
    assert on_demand.indexes[0].settings == {}
    back = {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": throughput(5, 5),
        "GlobalSecondaryIndexUpdates": gsi("Update", {"IndexName": "by-pk", "ProvisionedThroughput": throughput(2, 2)}),
    }
    again = updated(on_demand, NOW + 2, **back)
    assert again.settings["ProvisionedThroughput"].items() >= throughput(5, 5).items()
    assert again.settings["OnDemandSince"] == NOW + 1
    assert again.indexes[0].settings["ProvisionedThroughput"].items() >= throughput(2, 2).items()
    del back["GlobalSecondaryIndexUpdates"]
    assert refusal(on_demand, **back) == (
        "ValidationException",
        INVALID + "ProvisionedThroughput must be specified for index: by-pk",
    )


@pytest.mark.parametrize(
    ("before", "request_members", "message"),
    [
        (
            table(),
            {"ProvisionedThroughput": throughput(1, 1)},
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        ),
        (
            table(),
            {"BillingMode": "PROVISIONED"},
            "ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
        ),
        (
            provisioned(),
            {"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": throughput(1, 1)},
            "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST",
        ),
        (
            provisioned(),
            {
                "ProvisionedThroughput": throughput(1, 1),
                "AttributeDefinitions": definitions("x"),
                "GlobalSecondaryIndexUpdates": gsi("Create", index("x")),
            },
            "You cannot create or delete index while updating table IOPS",
        ),
    ],
)
def test_billing_that_makes_no_sense(before: Table, request_members: dict[str, Any], message: str) -> None:
    assert refusal(before, **request_members) == ("ValidationException", INVALID + message)


def test_throughput_out_of_bounds() -> None:
    message = "Given value 1000000000001 for ReadCapacityUnits is out of bounds"
    assert refusal(provisioned(), ProvisionedThroughput=throughput(10**12 + 1, 1))[1] == message


def test_a_new_index_and_its_attributes() -> None:
    wanted = gsi("Create", index("x"))
    # What no key uses is not kept.
    after = updated(table(), AttributeDefinitions=definitions("pk", "x", "y"), GlobalSecondaryIndexUpdates=wanted)
    assert [one.name for one in after.indexes] == ["by-x"]
    assert after.indexes[0].status == "CREATING"
    assert [part.name for part in after.attributes] == ["pk", "x"]


def test_a_deleted_index_takes_its_attributes_along() -> None:
    after = updated(table("x", "y"), GlobalSecondaryIndexUpdates=gsi("Delete", {"IndexName": "by-x"}))
    assert [one.name for one in after.indexes] == ["by-y"]
    assert [part.name for part in after.attributes] == ["pk", "y"]


ALREADY = "Attempting to create an index which already exists"
ONE_AT_A_TIME = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"


def test_new_indexes_that_are_refused() -> None:
    defined = definitions("pk", "x")
    wanted = gsi("Create", index("x"))
    assert refusal(table("x"), AttributeDefinitions=defined, GlobalSecondaryIndexUpdates=wanted) == (
        "ValidationException",
        ALREADY,
    )
    # AWS looks for the keys of the new index in the request alone.
    no_definition = INVALID + "AttributeDefinitions is not specified for index: by-pk"
    assert refusal(table("x"), GlobalSecondaryIndexUpdates=gsi("Create", index("pk")))[1] == no_definition
    many = table(GlobalSecondaryIndexes=[{**index("pk"), "IndexName": f"by{at}"} for at in range(20)])
    assert refusal(many, AttributeDefinitions=defined, GlobalSecondaryIndexUpdates=wanted) == (
        "LimitExceededException",
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20",
    )
    units = {"ProvisionedThroughput": throughput(1, 1)}
    assert refusal(
        table(), AttributeDefinitions=defined, GlobalSecondaryIndexUpdates=gsi("Create", index("x", **units))
    )[1] == (
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: by-x "
        "when BillingMode is PAY_PER_REQUEST"
    )
    assert refusal(provisioned(), AttributeDefinitions=defined, GlobalSecondaryIndexUpdates=wanted)[1] == (
        INVALID + "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: by-x"
    )


def test_while_an_index_is_being_created() -> None:
    def create(name: str) -> dict[str, Any]:
        return {"AttributeDefinitions": definitions(name), "GlobalSecondaryIndexUpdates": gsi("Create", index(name))}

    busy = updated(table("y"), **create("x"))
    assert refusal(busy, **create("z")) == ("LimitExceededException", ONE_AT_A_TIME)
    assert refusal(busy, GlobalSecondaryIndexUpdates=gsi("Delete", {"IndexName": "by-y"})) == (
        "LimitExceededException",
        ONE_AT_A_TIME,
    )
    change = {"IndexName": "by-x", "OnDemandThroughput": {"MaxReadRequestUnits": 1}}
    assert refusal(busy, GlobalSecondaryIndexUpdates=gsi("Update", change)) == (
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: Index is being created: by-x",
    )
    stopped = updated(busy, GlobalSecondaryIndexUpdates=gsi("Delete", {"IndexName": "by-x"}))
    assert [one.name for one in stopped.indexes] == ["by-y"]


NONE = (
    "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
    "GlobalSecondaryIndexUpdate.Delete must not be null"
)


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        ([], "List of GlobalSecondaryIndexUpdates is empty"),
        ([{}], NONE),
        (
            [{"Delete": {"IndexName": "abc"}, "Update": {"IndexName": "abc"}}],
            "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
        ),
        (
            [{"Update": {"IndexName": "abc", "WarmThroughput": {}}}],
            (
                "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified "
                "for index: abc"
            ),
        ),
        (
            [{"Update": {"IndexName": "by-a"}}],
            (
                "The only Updates for index: by-a when TableThroughputMode is PAY_PER_REQUEST can be to "
                "OnDemandThroughput, WarmThroughput"
            ),
        ),
        (
            [{"Create": index("a")}],
            "AttributeDefinitions is not specified for index: by-a",
        ),
        (
            [{"Delete": {"IndexName": "abc"}}, {"Delete": {"IndexName": "abc"}}],
            "Only one global secondary index update per index is allowed simultaneously. Index: abc",
        ),
    ],
)
def test_updates_that_are_none(updates: list[dict[str, Any]], message: str) -> None:
    asked = {"BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexUpdates": updates}
    assert refusal(table("a"), **asked) == ("ValidationException", INVALID + message)


STREAM = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
SSE = {"Enabled": True}
WARM = {"ReadUnitsPerSecond": 20_000}
ALONE = "modification must be the only operation in the request"
COMES = gsi("Create", index("x"))


@pytest.mark.parametrize(
    ("request_members", "message"),
    [
        ({"SSESpecification": SSE, "TableClass": "STANDARD"}, f"Server-Side Encryption {ALONE}"),
        ({"SSESpecification": SSE, "GlobalSecondaryIndexUpdates": COMES}, f"Server-Side Encryption {ALONE}"),
        ({"TableClass": "STANDARD", "DeletionProtectionEnabled": True}, f"TableClass {ALONE}"),
        ({"DeletionProtectionEnabled": True, "WarmThroughput": WARM}, f"DeletionProtection {ALONE}"),
        ({"DeletionProtectionEnabled": True, "BillingMode": "PAY_PER_REQUEST"}, f"DeletionProtection {ALONE}"),
        (
            {"OnDemandThroughput": {"MaxReadRequestUnits": 1}, "StreamSpecification": STREAM},
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ),
        (
            {"OnDemandThroughput": {"MaxReadRequestUnits": 1}, "WarmThroughput": WARM},
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ),
        (
            {"WarmThroughput": WARM, "StreamSpecification": STREAM},
            "WarmThroughput must be the only operation in the request",
        ),
        (
            {"WarmThroughput": WARM, "GlobalSecondaryIndexUpdates": COMES},
            "Create global secondary index cannot be specified when updating WarmThroughput",
        ),
        (
            {"StreamSpecification": STREAM, "GlobalSecondaryIndexUpdates": COMES},
            "You cannot create or delete index while changing stream status",
        ),
        (
            {"ProvisionedThroughput": throughput(1, 1), "GlobalSecondaryIndexUpdates": COMES},
            "You cannot create or delete index while updating table IOPS",
        ),
        (
            {"ProvisionedThroughput": throughput(1, 1), "BillingMode": "PAY_PER_REQUEST"},
            "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST",
        ),
    ],
)
def test_changes_that_do_not_go_together(request_members: dict[str, Any], message: str) -> None:
    assert refusal(provisioned(), **request_members) == ("ValidationException", INVALID + message)


def test_changes_that_go_together() -> None:
    after = updated(provisioned(), BillingMode="PAY_PER_REQUEST", OnDemandThroughput={"MaxReadRequestUnits": 1})
    assert after.settings["OnDemandThroughput"] == {"MaxReadRequestUnits": 1}
    assert "WarmThroughput" not in updated(table(), TableClass="STANDARD", WarmThroughput={}).settings


def test_nothing_at_all() -> None:
    requests: list[dict[str, Any]] = [{}, {"WarmThroughput": {}}, {"GlobalSecondaryIndexUpdates": []}]
    for request in requests:
        assert refusal(table(), **request) == (
            "ValidationException",
            (
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
                "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, "
                "MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput "
                "or TableClass is required"
            ),
        )


def test_an_index_that_is_throttled_as_before() -> None:
    before = provisioned(GlobalSecondaryIndexes=[index("pk", ProvisionedThroughput=throughput(1, 1))])
    wanted = {"IndexName": "by-pk", "ProvisionedThroughput": throughput(1, 1)}
    assert refusal(before, GlobalSecondaryIndexUpdates=gsi("Update", wanted))[1].startswith(
        "The provisioned throughput for the index by-pk will not change. The requested value equals the current value."
    )


def test_warm_throughput_only_grows() -> None:
    warm = {"ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 4_000}
    warmer = updated(table(), WarmThroughput={"ReadUnitsPerSecond": 20_000})
    assert warmer.settings["WarmThroughput"] == warm
    warmer = updated(warmer, WarmThroughput={"WriteUnitsPerSecond": 5_000})
    assert warmer.settings["WarmThroughput"] == warm | {"WriteUnitsPerSecond": 5_000}
    assert refusal(table(), WarmThroughput={"ReadUnitsPerSecond": 11_999})[1] == (
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, "
        "decreasing WarmThroughput is not supported"
    )


def test_what_was_warm_once_stays_so() -> None:
    before = provisioned(9, 9, GlobalSecondaryIndexes=[index("pk", ProvisionedThroughput=throughput(9, 9))])
    change = gsi("Update", {"IndexName": "by-pk", "ProvisionedThroughput": throughput(1, 1)})
    after = updated(before, ProvisionedThroughput=throughput(1, 1), GlobalSecondaryIndexUpdates=change)
    for settings in (after.settings, after.indexes[0].settings):
        assert settings["WarmThroughput"] == {"ReadUnitsPerSecond": 9, "WriteUnitsPerSecond": 9}
    on_demand = updated(after, BillingMode="PAY_PER_REQUEST")
    assert "WarmThroughput" not in on_demand.settings
    again = updated(
        on_demand,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=throughput(1, 1),
        GlobalSecondaryIndexUpdates=change,
    )
    for settings in (again.settings, again.indexes[0].settings):
        assert settings["WarmThroughput"] == {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}


def test_when_its_throughput_was_changed_is_told_of_ever_after() -> None:
    less = updated(provisioned(9, 9), ProvisionedThroughput=throughput(8, 8))
    on_demand = updated(less, NOW + 1, BillingMode="PAY_PER_REQUEST")
    assert on_demand.settings["ProvisionedThroughput"] == {"LastDecreaseDateTime": NOW, "NumberOfDecreasesToday": 1}


@pytest.mark.parametrize(
    ("encrypted", "change", "message"),
    [
        (None, {}, "Table is already encrypted by default"),
        (None, {"Enabled": False}, "Table is already encrypted by default"),
        (
            {"SSEType": "KMS", "KMSMasterKeyId": "arn:aws:kms:us-east-1:000000000000:key/mine"},
            {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "arn:aws:kms:us-east-1:000000000000:key/mine"},
            (
                "Table is already encrypted with given KMSMasterKeyId. "
                "Use KMSMasterKeyId parameter if you want to change Master Key"
            ),
        ),
    ],
)
def test_a_key_that_stays(encrypted: dict[str, Any] | None, change: dict[str, Any], message: str) -> None:
    before = table() if encrypted is None else table(SSESpecification=encrypted)
    assert refusal(before, SSESpecification=change) == ("ValidationException", INVALID + message)


# Nothing that is so already, as DynamoDB sees it; it is not told of either.
def test_the_class_that_every_table_has() -> None:
    assert updated(table(), TableClass="STANDARD").settings == table().settings
    made_so = table(TableClass="STANDARD")
    assert updated(made_so, TableClass="STANDARD").settings["TableClass"] == "STANDARD"


def test_limits_of_what_it_may_cost() -> None:
    limits = {"MaxReadRequestUnits": 9, "MaxWriteRequestUnits": 8}
    limited = updated(table(OnDemandThroughput=limits), OnDemandThroughput={"MaxWriteRequestUnits": 7})
    assert limited.settings["OnDemandThroughput"] == limits | {"MaxWriteRequestUnits": 7}
    one = updated(limited, OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert one.settings["OnDemandThroughput"] == {"MaxWriteRequestUnits": 7}
    assert "OnDemandThroughput" not in updated(one, OnDemandThroughput={"MaxWriteRequestUnits": -1}).settings
    assert refusal(one, OnDemandThroughput={"MaxWriteRequestUnits": 0})[1] == (
        INVALID + "Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid range"
    )
    assert refusal(one, OnDemandThroughput={})[1].startswith("At least one of")
    assert refusal(provisioned(), OnDemandThroughput={"MaxReadRequestUnits": 0})[1] == (
        INVALID
        + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED"
    )
    limit = gsi("Update", {"IndexName": "by-a", "OnDemandThroughput": {"MaxReadRequestUnits": -2}})
    assert refusal(table("a"), GlobalSecondaryIndexUpdates=limit)[1] == (
        INVALID + "Requested MaxReadRequestUnits for OnDemandThroughput for index : by-a is outside of valid range"
    )


def test_a_new_table_has_no_limit_to_take_away() -> None:
    for limits in ({"MaxReadRequestUnits": -1}, {"MaxReadRequestUnits": 0}):
        with pytest.raises(ApiError, match="OnDemandThroughput for table is outside of valid range"):
            table(OnDemandThroughput=limits)
    assert "OnDemandThroughput" not in provisioned(OnDemandThroughput={}).settings


def test_what_is_a_key_keeps_its_type() -> None:
    create = gsi("Create", {"IndexName": "by-pk", "KeySchema": key("pk"), "Projection": {"ProjectionType": "ALL"}})
    after = updated(
        table(), AttributeDefinitions=definitions("pk", "unused", tag="N"), GlobalSecondaryIndexUpdates=create
    )
    assert [(part.name, part.tag) for part in after.attributes] == [("pk", "S")]
    assert after.indexes[0].key_schema.hash.tag == "S"


@pytest.mark.parametrize(
    ("made", "limit"),
    [
        (
            {"WarmThroughput": {"WriteUnitsPerSecond": 3_999}},
            (
                "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
                "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"
            ),
        ),
        (
            {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": throughput(5, 5),
                "WarmThroughput": {"WriteUnitsPerSecond": 4},
            },
            "WriteCapacityUnits of ProvisionedThroughput",
        ),
    ],
)
def test_a_new_table_is_as_warm_as_any(made: dict[str, Any], limit: str) -> None:
    with pytest.raises(ApiError) as caught:
        table(**made)
    assert caught.value.message == (
        INVALID + f"Requested WriteUnitsPerSecond for WarmThroughput for table is lower than {limit}"
    )


def test_what_is_kept() -> None:
    rare = updated(table(), TableClass="STANDARD_INFREQUENT_ACCESS")
    after = updated(rare, OnDemandThroughput={"MaxReadRequestUnits": 9})
    assert after.settings == {
        "BillingMode": "PAY_PER_REQUEST",
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "TableClassChangedAt": NOW,
        "OnDemandThroughput": {"MaxReadRequestUnits": 9},
    }


# Not there is said, never passed over.
@pytest.mark.parametrize("member", ["ReplicaUpdates", "VectorIndexUpdates", "MultiRegionConsistency"])
def test_what_is_not_there_is_refused_by_name(member: str) -> None:
    assert refusal(table(), **{member: [{}]})[1].startswith(member)


def test_an_impossible_throughput_of_an_index_is_refused_whether_there_is_the_index_or_not() -> None:
    for name in ("by-x", "nope"):
        wanted = {"IndexName": name, "ProvisionedThroughput": throughput(1_000_000_000_001, 1)}
        assert refusal(table("x"), GlobalSecondaryIndexUpdates=gsi("Update", wanted)) == (
            "ValidationException",
            (
                "This operation cannot be performed with given input values. Please contact DynamoDB service team for "
                "more info: Action Blocked: IndexUpdate"
            ),
        )


def test_all_indexes_without_throughput_are_named_when_billing_changes() -> None:
    assert refusal(table("x", "y"), BillingMode="PROVISIONED", ProvisionedThroughput=throughput(1, 1))[1] == (
        INVALID + "ProvisionedThroughput must be specified for index: by-x,by-y"
    )
