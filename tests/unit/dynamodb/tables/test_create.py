"""Which CreateTable requests make sense. Texts as AWS gives them."""

from typing import Any

import pytest

from everwarm.dynamodb.tables.create import NewTable, new_table
from everwarm.dynamodb.tables.schema import IndexKind, KeyPart, KeySchema, Projection
from everwarm.errors import ValidationException

INVALID = "One or more parameter values were invalid: "


THROUGHPUT = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
ALL = {"ProjectionType": "ALL"}


def key(text: str) -> list[dict[str, str]]:
    """`key("pk:HASH sk:RANGE")`."""
    return [{"AttributeName": name, "KeyType": kind} for name, kind in (part.split(":") for part in text.split())]


def request(keys: str, definitions: str, **more: Any) -> dict[str, Any]:
    """`request("pk:HASH sk:RANGE", "pk:S sk:N")`."""
    return {
        "TableName": "rates",
        "KeySchema": key(keys),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": tag}
            for name, tag in (part.split(":") for part in definitions.split())
        ],
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }


def index(keys: str, name: str = "by", projection: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": key(keys), "Projection": ALL if projection is None else projection, **more}


def made(given: dict[str, Any]) -> NewTable:
    return new_table(given, now=1_700_000_000.0)


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(ValidationException) as caught:
        made(given)
    return caught.value.message


def test_the_order_of_the_definitions_does_not_matter() -> None:
    table = made(request("pk:HASH sk:RANGE", "sk:N pk:S"))
    assert table.key_schema == KeySchema.of(KeyPart("pk", "S"), KeyPart("sk", "N"))
    assert table.attributes == (KeyPart("sk", "N"), KeyPart("pk", "S"))
    assert made(request("pk:HASH", "pk:B")).key_schema == KeySchema.of(KeyPart("pk", "B"))


NO_MATCH = (
    "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"
)
UNDEFINED = "Some index key attributes are not defined in AttributeDefinitions. "


@pytest.mark.parametrize(
    ("keys", "definitions", "message"),
    [
        ("pk:RANGE", "pk:S", "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
        ("pk:HASH sk:HASH", "pk:S sk:S", "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
        ("pk:HASH pk:RANGE", "pk:S", "Invalid KeySchema: Some index key attribute have no definition"),
        (
            "pk:HASH pk:RANGE",
            "pk:S sk:S",
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        ("pk:HASH", "x:S", INVALID + UNDEFINED + "Keys: [pk], AttributeDefinitions: [x]"),
        ("pk:HASH sk:RANGE", "pk:S", "Invalid KeySchema: Some index key attribute have no definition"),
        ("pk:HASH", "pk:S x:S", INVALID + NO_MATCH),
        # What AWS finds first.
        ("pk:RANGE", "x:S", INVALID + UNDEFINED + "Keys: [pk], AttributeDefinitions: [x]"),
    ],
)
def test_keys_that_are_none(keys: str, definitions: str, message: str) -> None:
    assert refusal(request(keys, definitions)) == message


def test_a_key_has_two_parts_at_the_most() -> None:
    message = refusal(request("a:HASH b:RANGE c:RANGE", "a:S b:S c:S"))
    assert message.startswith("1 validation error detected: Value '[")
    assert message.endswith(
        "]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"
    )


@pytest.mark.parametrize(
    ("billing", "message"),
    [
        (
            {"ProvisionedThroughput": THROUGHPUT},
            INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
            "when BillingMode is PAY_PER_REQUEST",
        ),
        (
            {"BillingMode": None},
            INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        ),
        (
            {"BillingMode": None, "ProvisionedThroughput": {**THROUGHPUT, "WriteCapacityUnits": 10**12 + 1}},
            "Given value 1000000000001 for WriteCapacityUnits is out of bounds",
        ),
    ],
)
def test_billing_that_contradicts_itself(billing: dict[str, Any], message: str) -> None:
    assert refusal(request("pk:HASH", "pk:S", **billing)) == message


def test_what_is_kept() -> None:
    given = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": THROUGHPUT, "TableClass": "STANDARD"}
    assert made(request("pk:HASH", "pk:S", **given)).settings == given
    assert made(request("pk:HASH", "pk:S")).settings == {"BillingMode": "PAY_PER_REQUEST"}


# Not there is said, never passed over.
@pytest.mark.parametrize("member", ["VectorIndexes", "GlobalTableSourceArn"])
def test_what_is_not_there_is_refused_by_name(member: str) -> None:
    assert refusal(request("pk:HASH", "pk:S", **{member: [{}]})).startswith(member)


def test_a_local_index() -> None:
    wanted = index("pk:HASH x:RANGE", projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]})
    [found] = made(request("pk:HASH sk:RANGE", "pk:S sk:S x:N", LocalSecondaryIndexes=[wanted])).indexes
    assert (found.name, found.kind) == ("by", IndexKind.LOCAL)
    assert found.key_schema == KeySchema.of(KeyPart("pk", "S"), KeyPart("x", "N"))
    assert found.projection == Projection("INCLUDE", ("a", "b"))


TOO_MANY = "The KeySchema exceeds the maximum allowed number of "


# "Multi-attribute keys" in the developer guide: up to four of each.
def test_a_global_index_with_keys_of_several_attributes() -> None:
    keys = "a:HASH b:HASH c:HASH d:HASH e:RANGE f:RANGE g:RANGE h:RANGE"
    definitions = " ".join(f"{name}:S" for name in ("pk", *"abcdefgh"))
    [found] = made(request("pk:HASH", definitions, GlobalSecondaryIndexes=[index(keys)])).indexes
    assert [part.name for part in found.key_schema.hashes] == list("abcd")
    assert [part.name for part in found.key_schema.ranges] == list("efgh")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("x:RANGE", "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
        ("x:HASH x:RANGE", "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
        ("y:HASH", INVALID + UNDEFINED + "Keys: [y], AttributeDefinitions: [x, pk]"),
        ("y:HASH x:RANGE", INVALID + UNDEFINED + "Keys: [x, y], AttributeDefinitions: [x, pk]"),
        ("pk:HASH x:RANGE y:RANGE", INVALID + UNDEFINED + "Keys: [x, y, pk], AttributeDefinitions: [x, pk]"),
    ],
)
def test_keys_of_global_indexes_that_are_none(keys: str, message: str) -> None:
    assert refusal(request("pk:HASH", "pk:S x:S", GlobalSecondaryIndexes=[index(keys)])) == message


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "a:HASH b:RANGE c:HASH",
            INVALID + "All HASH key attributes must precede RANGE key attributes in the KeySchema",
        ),
        ("a:HASH b:HASH c:HASH d:HASH pk:HASH", INVALID + TOO_MANY + "HASH key attributes"),
        ("pk:HASH a:RANGE b:RANGE c:RANGE d:RANGE e:RANGE", INVALID + TOO_MANY + "RANGE key attributes"),
        ("a:HASH a:HASH b:RANGE", "The KeySchema contains multiple key attributes with the same name"),
    ],
)
def test_keys_of_several_attributes_that_are_none(keys: str, message: str) -> None:
    names = dict.fromkeys(["pk", *(part.split(":")[0] for part in keys.split())])
    definitions = " ".join(f"{name}:S" for name in names)
    assert refusal(request("pk:HASH", definitions, GlobalSecondaryIndexes=[index(keys)])) == message


# Before whatever else is wrong with an index.
def test_definitions_that_no_key_uses() -> None:
    wanted = request("pk:HASH", "pk:S x:S", GlobalSecondaryIndexes=[{**index("pk:HASH"), "Projection": {}}])
    assert refusal(wanted).startswith(INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: ")


@pytest.mark.parametrize("definitions", ["pk:S pk:S", "pk:S pk:N"])
def test_an_attribute_that_is_defined_twice(definitions: str) -> None:
    assert refusal(request("pk:HASH", definitions)) == "Attribute Name is duplicated: pk"


def test_a_class_that_there_is_not() -> None:
    assert refusal(request("pk:HASH", "pk:S", TableClass="RARE")) == (
        "Invalid table-class parameter provided. Please try again with a valid table-class value: "
        "[STANDARD, STANDARD_INFREQUENT_ACCESS]."
    )


def test_attributes_that_are_projected_twice() -> None:
    twice = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y", "x"]}
    wanted = request("pk:HASH", "pk:S", GlobalSecondaryIndexes=[{**index("pk:HASH"), "Projection": twice}])
    assert refusal(wanted) == INVALID + "Duplicate element in NonKeyAttributes: x"


INDEX_HASH = "Index KeySchema does not have the same leading hash key as table KeySchema for index: by. "
SORTED = ("pk:HASH sk:RANGE", "pk:S sk:S")


@pytest.mark.parametrize(
    ("table", "wanted", "message"),
    [
        (SORTED, [], "List of LocalSecondaryIndexes is empty"),
        (
            ("pk:HASH", "pk:S sk:S"),
            [index("pk:HASH sk:RANGE")],
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ),
        (SORTED, [index("pk:HASH")], "Index KeySchema does not have a range key for index: by"),
        (
            SORTED,
            [index("sk:HASH pk:RANGE")],
            INDEX_HASH + "index hash key: sk, table hash key: pk",
        ),
        (SORTED, [index("pk:HASH sk:RANGE", projection={})], "Unknown ProjectionType: null"),
        (
            SORTED,
            [index("pk:HASH sk:RANGE", projection={"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["a"]})],
            "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified",
        ),
        (SORTED, [index("pk:HASH sk:RANGE")] * 2, "Duplicate index name: by"),
        (
            SORTED,
            [index("pk:HASH sk:RANGE", f"by{number}") for number in range(6)],
            "Number of LocalSecondaryIndexes exceeds per-table limit of 5",
        ),
        (
            (SORTED[0], "pk:S sk:S x:S y:S"),
            [index("pk:HASH x:RANGE")],
            "Some AttributeDefinitions are not used. AttributeDefinitions: [sk, x, y, pk], keys used: [sk, x, pk]",
        ),
    ],
)
def test_local_indexes_that_make_no_sense(table: tuple[str, str], wanted: list[dict[str, Any]], message: str) -> None:
    assert refusal(request(*table, LocalSecondaryIndexes=wanted)) == INVALID + message


def test_a_local_index_has_two_parts_at_the_most() -> None:
    given = request(*SORTED, LocalSecondaryIndexes=[index("pk:HASH sk:RANGE pk:RANGE")])
    assert "' at 'localSecondaryIndexes.1.member.keySchema' failed to satisfy constraint" in refusal(given)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([], "List of GlobalSecondaryIndexes is empty"),
        (
            [index("pk:HASH", f"by{number}") for number in range(21)],
            "GlobalSecondaryIndex count exceeds the per-table limit of 20",
        ),
        ([index("pk:HASH")] * 2, "Duplicate index name: by"),
        (
            [index("pk:HASH", ProvisionedThroughput=THROUGHPUT)],
            "ProvisionedThroughput should not be specified for index: by when BillingMode is PAY_PER_REQUEST",
        ),
    ],
)
def test_global_indexes_that_make_no_sense(wanted: list[dict[str, Any]], message: str) -> None:
    assert refusal(request("pk:HASH", "pk:S", GlobalSecondaryIndexes=wanted)) == INVALID + message


@pytest.mark.parametrize(
    ("throughput", "message"),
    [
        (None, INVALID + "ProvisionedThroughput is not specified for index: by"),
        (
            {**THROUGHPUT, "ReadCapacityUnits": 10**12 + 1},
            "Given value 1000000000001 for ReadCapacityUnits is out of bounds for index by",
        ),
    ],
)
def test_throughput_of_a_global_index(throughput: dict[str, int] | None, message: str) -> None:
    indexes = [index("pk:HASH", ProvisionedThroughput=throughput)]
    billing = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": THROUGHPUT}
    assert refusal(request("pk:HASH", "pk:S", **billing, GlobalSecondaryIndexes=indexes)) == message


def test_local_and_global_indexes_share_their_names() -> None:
    local, other = index("pk:HASH sk:RANGE"), index("sk:HASH")
    given = request(*SORTED, LocalSecondaryIndexes=[local], GlobalSecondaryIndexes=[other])
    assert refusal(given) == INVALID + "Duplicate index name: by"


# "Service quotas": 100 over all indexes of a table.
def test_indexes_project_100_named_attributes_at_the_most() -> None:
    def given(*counts: int) -> dict[str, Any]:
        wanted = [
            index(
                "pk:HASH", f"by{at}", {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"a{i}" for i in range(count)]}
            )
            for at, count in enumerate(counts)
        ]
        return request("pk:HASH", "pk:S", GlobalSecondaryIndexes=wanted)

    assert len(made(given(20, 20, 20, 20, 20)).indexes) == 5
    assert "100" in refusal(given(20, 20, 20, 20, 20, 1))


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
    assert refusal(request("pk:HASH", "pk:S", StreamSpecification=specification)) == INVALID + message


@pytest.mark.parametrize(
    ("specification", "view_type"),
    [
        (None, None),
        ({"StreamEnabled": False}, None),
        ({"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}, "OLD_IMAGE"),
    ],
)
def test_view_types(specification: dict[str, Any] | None, view_type: str | None) -> None:
    assert made(request("pk:HASH", "pk:S", StreamSpecification=specification)).view_type == view_type
