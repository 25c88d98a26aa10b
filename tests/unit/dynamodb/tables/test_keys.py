"""Keys of items and requests: what is refused, and the order on disk."""

from typing import Any

import pytest

from everwarm.dynamodb.tables.keys import all_items, item_key, key_in_item, key_of_request
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema, Table
from everwarm.errors import ValidationException

INVALID = "One or more parameter values were invalid: "
EMPTY = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "

SCHEMA = KeySchema.of(KeyPart("pk", "S"), KeyPart("sk", "N"))


def table(schema: KeySchema = SCHEMA, number: int = 1) -> Table:
    return Table(number, "rates", "id", "us-east-1", 0.0, schema)


def item(pk: str, sk: int) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}}


def test_other_attributes_do_not_count() -> None:
    key = key_in_item(table(), {"x": {"S": "y"}, **item("a", 1)})
    assert key.attributes == item("a", 1)
    assert key == key_of_request(table(), {"sk": {"N": "1"}, "pk": {"S": "a"}})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sk": {"N": "1"}}, INVALID + "Missing the key pk in the item"),
        ({"pk": {"S": "a"}}, INVALID + "Missing the key sk in the item"),
        ({**item("a", 1), "sk": {"S": "1"}}, INVALID + "Type mismatch for key sk expected: N actual: S"),
        (item("", 1), EMPTY + "string value. Key: pk"),
        (
            item("x" * 2049, 1),
            INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
    ],
)
def test_an_item_without_a_proper_key(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        key_in_item(table(), given)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "The provided key element does not match the schema"),
        ({"pk": {"S": "a"}}, "The provided key element does not match the schema"),
        ({**item("a", 1), "x": {"S": "y"}}, "The provided key element does not match the schema"),
        ({"pk": {"S": "a"}, "x": {"S": "y"}}, "The provided key element does not match the schema"),
        ({"pk": {"S": "a"}, "sk": {"S": "1"}}, "The provided key element does not match the schema"),
    ],
)
def test_a_request_without_a_proper_key(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        key_of_request(table(), given)
    assert caught.value.message == message


# 2,048 bytes for the partition key, 1,024 for the sort key (Constraints in DynamoDB), counted in UTF-8.
def test_the_longest_keys() -> None:
    schema = KeySchema.of(KeyPart("pk", "S"), KeyPart("sk", "S"))
    key_in_item(table(schema), {"pk": {"S": "ü" * 1024}, "sk": {"S": "x" * 1024}})
    with pytest.raises(ValidationException):
        key_in_item(table(schema), {"pk": {"S": "ü" * 1024 + "x"}, "sk": {"S": "x"}})
    with pytest.raises(ValidationException, match="has exceeded the size limit of 1024 bytes"):
        key_in_item(table(schema), {"pk": {"S": "x"}, "sk": {"S": "x" * 1025}})


def test_an_empty_binary_key_is_refused() -> None:
    with pytest.raises(ValidationException) as caught:
        key_in_item(table(KeySchema.of(KeyPart("pk", "B"))), {"pk": {"B": ""}})
    assert caught.value.message == EMPTY + "binary value. Key: pk"


def test_a_partition_stands_together_in_the_order_of_its_sort_key() -> None:
    wanted = [(pk, sk) for pk in ("a", "b", "a\x00", "ab") for sk in (-10, -2, 0, 3, 20)]
    on_disk = sorted(wanted, key=lambda pair: item_key(table(), key_in_item(table(), item(*pair))))
    for at in range(0, len(on_disk), 5):
        assert [sk for _, sk in on_disk[at : at + 5]] == [-10, -2, 0, 3, 20]
        assert len({pk for pk, _ in on_disk[at : at + 5]}) == 1


def test_tables_do_not_overlap() -> None:
    for number in (1, 255, 256, 2**32 - 2):
        mine, next_one = table(number=number), table(number=number + 1)
        start, end = all_items(mine)
        assert start <= item_key(mine, key_in_item(mine, item("a", 1))) < end
        assert end <= all_items(next_one)[0]
