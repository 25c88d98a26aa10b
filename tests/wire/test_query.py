"""Query: key conditions, both directions, pages, filters, projections, indexes. Texts as AWS gives them."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.wire.refused import COUNTED, refused

Ask = Callable[..., dict[str, Any]]

ALL = {"ProjectionType": "ALL"}
KEYS = {"ProjectionType": "KEYS_ONLY"}
ONLY_A = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}


def key(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


@pytest.fixture(scope="module")
def indexed(dynamodb: Any) -> Iterator[str]:
    """A table `pk`/`sk` with local and global indexes, and in the partition "p" ten items, `sk` from 0 to 9."""
    name = f"wire-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": tag}
            for attribute, tag in (("pk", "S"), ("sk", "N"), ("l", "S"), ("g", "S"), ("h", "N"))
        ],
        KeySchema=key("pk", "sk"),
        LocalSecondaryIndexes=[
            {"IndexName": "l-all", "KeySchema": key("pk", "l"), "Projection": ALL},
            {"IndexName": "l-keys", "KeySchema": key("pk", "l"), "Projection": KEYS},
        ],
        GlobalSecondaryIndexes=[
            {"IndexName": "g-all", "KeySchema": key("g", "h"), "Projection": ALL},
            {"IndexName": "g-keys", "KeySchema": key("g"), "Projection": KEYS},
            {"IndexName": "g-a", "KeySchema": key("h"), "Projection": ONLY_A},
        ],
    )
    for number in range(10):
        item = {
            "pk": {"S": "p"},
            "sk": {"N": str(number)},
            "a": {"S": f"a{number}"},
            "b": {"N": str(number % 3)},
            "l": {"S": f"l{9 - number}"},
        }
        if number % 2:  # the global indexes are sparse
            item |= {"g": {"S": "g"}, "h": {"N": str(-number)}}
        dynamodb.put_item(TableName=name, Item=item)
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def ask(dynamodb: Any, indexed: str) -> Ask:
    """`ask("pk = :p", p="p", Limit=2)`: the response; text is a String, numbers are Numbers."""

    def ask(condition: str = "pk = :p", values: dict[str, str | int] | None = None, **more: Any) -> dict[str, Any]:
        given = {"p": "p"} if values is None else values
        response: dict[str, Any] = dynamodb.query(
            TableName=indexed,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={
                f":{name}": {"S": value} if isinstance(value, str) else {"N": str(value)}
                for name, value in given.items()
            },
            **more,
        )
        return response

    return ask


def numbers(response: dict[str, Any]) -> list[int]:
    return [int(item["sk"]["N"]) for item in response["Items"]]


@pytest.mark.parametrize(
    ("condition", "values", "found"),
    [
        ("pk = :p", {"p": "p"}, list(range(10))),
        (":p = pk", {"p": "p"}, list(range(10))),
        ("pk = :p AND sk = :n", {"p": "p", "n": 3}, [3]),
        ("sk = :n AND pk = :p", {"p": "p", "n": 3}, [3]),
        ("pk = :p AND sk < :n", {"p": "p", "n": 3}, [0, 1, 2]),
        ("pk = :p AND sk <= :n", {"p": "p", "n": 3}, [0, 1, 2, 3]),
        ("pk = :p AND sk > :n", {"p": "p", "n": 7}, [8, 9]),
        ("pk = :p AND :n < sk", {"p": "p", "n": 7}, [8, 9]),
        ("pk = :p AND sk >= :n", {"p": "p", "n": 7}, [7, 8, 9]),
        ("pk = :p AND sk BETWEEN :n AND :m", {"p": "p", "n": 4, "m": 6}, [4, 5, 6]),
        ("(pk = :p) AND (sk = :n)", {"p": "p", "n": 3}, [3]),
        ("pk = :p AND sk = :n", {"p": "p", "n": 30}, []),
        ("pk = :p", {"p": "another"}, []),
    ],
)
def test_key_conditions(ask: Ask, condition: str, values: dict[str, Any], found: list[int]) -> None:
    response = ask(condition, values)
    assert numbers(response) == found
    assert response["Count"] == response["ScannedCount"] == len(found)
    assert "LastEvaluatedKey" not in response


def test_begins_with(ask: Ask) -> None:
    condition = "pk = :p AND begins_with(l, :l)"
    assert numbers(ask(condition, {"p": "p", "l": "l"}, IndexName="l-all")) == list(range(9, -1, -1))
    assert numbers(ask(condition, {"p": "p", "l": "l4"}, IndexName="l-all")) == [5]


def test_backwards(ask: Ask) -> None:
    assert numbers(ask(ScanIndexForward=False)) == list(range(9, -1, -1))
    assert numbers(ask("pk = :p AND sk > :n", {"p": "p", "n": 6}, ScanIndexForward=False, Limit=2)) == [9, 8]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("index", [None, "l-all", "g-all"])
def test_pages_follow_one_another(ask: Ask, forward: bool, index: str | None) -> None:
    condition, values = ("g = :p", {"p": "g"}) if index == "g-all" else ("pk = :p", {"p": "p"})
    more: dict[str, Any] = {"ScanIndexForward": forward} | ({"IndexName": index} if index else {})
    whole = numbers(ask(condition, values, **more))
    found: list[int] = []
    start: dict[str, Any] = {}
    while True:
        page = ask(condition, values, Limit=3, **more, **start)
        found += numbers(page)
        if "LastEvaluatedKey" not in page:
            break
        assert len(page["Items"]) == 3
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == whole
    assert len(whole) == (5 if index == "g-all" else 10)


# A page that is full says that there may be more, even if nothing follows.
def test_a_full_page_has_a_last_key(ask: Ask) -> None:
    page = ask(Limit=10)
    assert page["LastEvaluatedKey"] == {"pk": {"S": "p"}, "sk": {"N": "9"}}
    assert ask(ExclusiveStartKey=page["LastEvaluatedKey"])["Items"] == []
    assert "LastEvaluatedKey" not in ask(Limit=11)


def test_the_last_key_of_an_index_names_the_item_too(ask: Ask) -> None:
    page = ask("g = :p", {"p": "g"}, IndexName="g-all", Limit=1)
    assert page["LastEvaluatedKey"] == {"pk": {"S": "p"}, "sk": {"N": "9"}, "g": {"S": "g"}, "h": {"N": "-9"}}


def test_a_filter_leaves_out_what_was_looked_at(ask: Ask) -> None:
    response = ask("pk = :p", {"p": "p", "b": 0}, FilterExpression="b = :b", Limit=5)
    assert numbers(response) == [0, 3]
    assert (response["Count"], response["ScannedCount"]) == (2, 5)
    assert response["LastEvaluatedKey"]["sk"] == {"N": "4"}


def test_projections(ask: Ask) -> None:
    assert ask(ProjectionExpression="a", Limit=1)["Items"] == [{"a": {"S": "a0"}}]
    # An item in which nothing is found is still an item.
    assert ask(ProjectionExpression="g", Limit=2)["Items"] == [{}, {"g": {"S": "g"}}]


def test_count_shows_no_items(ask: Ask) -> None:
    response = ask(Select="COUNT")
    assert "Items" not in response
    assert (response["Count"], response["ScannedCount"]) == (10, 10)


def test_a_page_ends_with_the_item_that_reaches_1_mb(dynamodb: Any, pairs: str) -> None:
    pk = {"S": str(uuid.uuid4())}
    for number in range(12):
        item = {"pk": pk, "sk": {"N": str(number)}, "x": {"S": "x" * 100 * 1024}}
        dynamodb.put_item(TableName=pairs, Item=item)
    asked = {"TableName": pairs, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": pk}}
    first = dynamodb.query(**asked, ReturnConsumedCapacity="TOTAL")
    assert first["Count"] == 11
    # 11 items of a little more than 100 KB, 4 KB to a unit, half of it.
    assert first["ConsumedCapacity"]["CapacityUnits"] == 138
    rest = dynamodb.query(**asked, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert rest["Count"] == 1
    assert "LastEvaluatedKey" not in rest


# What a local index lacks is got from the table, at the price of a read for each item.
def test_a_local_index_gets_what_it_lacks(ask: Ask) -> None:
    response = ask(IndexName="l-keys", Limit=1)
    assert response["Items"] == [{"pk": {"S": "p"}, "sk": {"N": "9"}, "l": {"S": "l0"}}]
    for more in ({"Select": "ALL_ATTRIBUTES"}, {"ProjectionExpression": "a, pk"}):
        response = ask(IndexName="l-keys", Limit=2, ReturnConsumedCapacity="INDEXES", **more)
        assert [item["a"] for item in response["Items"]] == [{"S": "a9"}, {"S": "a8"}]
        assert response["ConsumedCapacity"]["CapacityUnits"] == 1.5
        assert response["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.0}
        assert response["ConsumedCapacity"]["LocalSecondaryIndexes"] == {"l-keys": {"CapacityUnits": 0.5}}


def test_what_a_global_index_shows(ask: Ask) -> None:
    assert ask("h = :h", {"h": -3}, IndexName="g-a")["Items"] == [
        {"pk": {"S": "p"}, "sk": {"N": "3"}, "h": {"N": "-3"}, "a": {"S": "a3"}}
    ]
    capacity = ask("g = :g", {"g": "g"}, IndexName="g-keys", ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert capacity["GlobalSecondaryIndexes"] == {"g-keys": {"CapacityUnits": 0.5}}


def test_several_sort_attributes(dynamodb: Any) -> None:
    name = f"wire-{uuid.uuid4()}"
    attributes = {"pk": "S", "country": "S", "city": "S", "year": "N", "month": "N"}
    schema = [
        {"AttributeName": attribute, "KeyType": kind}
        for attribute, kind in (("country", "HASH"), ("city", "HASH"), ("year", "RANGE"), ("month", "RANGE"))
    ]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": tag} for one, tag in attributes.items()],
        KeySchema=key("pk"),
        GlobalSecondaryIndexes=[{"IndexName": "by-place", "KeySchema": schema, "Projection": ALL}],
    )
    for number, (city, year, month) in enumerate(
        [("Rome", 2024, 12), ("Rome", 2025, 2), ("Rome", 2025, 11), ("Bari", 2025, 3)]
    ):
        dynamodb.put_item(
            TableName=name,
            Item={
                "pk": {"S": str(number)},
                "country": {"S": "it"},
                "city": {"S": city},
                "year": {"N": str(year)},
                "month": {"N": str(month)},
            },
        )

    def ask(condition: str, names: dict[str, str], **values: int) -> list[str]:
        more: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        response = dynamodb.query(
            TableName=name,
            IndexName="by-place",
            KeyConditionExpression=f"country = :it AND city = :rome{condition}",
            ExpressionAttributeValues={":it": {"S": "it"}, ":rome": {"S": "Rome"}}
            | {f":{one}": {"N": str(value)} for one, value in values.items()},
            **more,
        )
        return [item["pk"]["S"] for item in response["Items"]]

    only, both = {"#y": "year"}, {"#y": "year", "#m": "month"}
    assert ask("", {}) == ["0", "1", "2"]
    assert ask(" AND #y > :y", only, y=2024) == ["1", "2"]
    assert ask(" AND #y = :y AND #m < :m", both, y=2025, m=11) == ["1"]
    # A sort attribute is asked for only behind those before it, and those with "=".
    with refused("ValidationException", "Query condition missed key schema element: year"):
        ask(" AND #m = :m", {"#m": "month"}, m=2)
    with refused("ValidationException", "Query key condition not supported"):
        ask(" AND #y > :y AND #m = :m", both, y=2024, m=2)
    dynamodb.delete_table(TableName=name)


@pytest.mark.parametrize(
    ("condition", "values", "problem"),
    [
        ("sk = :n", {"n": 1}, "Query condition missed key schema element: pk"),
        ("pk = :p AND a = :n", {"p": "p", "n": 1}, "Query condition missed key schema element: sk"),
        ("pk > :p", {"p": "p"}, "Query key condition not supported"),
        ("pk = :p AND sk = :n AND a = :n", {"p": "p", "n": 1}, "Conditions can be of length 1 or 2 only"),
        (
            "pk = :p AND sk = :n",
            {"p": "p", "n": "1"},
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "pk = :p",
            {"p": ""},
            (
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                "empty string value. Key: pk"
            ),
        ),
        ("pk = :p OR sk = :n", {"p": "p", "n": 1}, "Invalid operator used in KeyConditionExpression: OR"),
        (
            "pk = :p AND pk = :p",
            {"p": "p"},
            "KeyConditionExpressions must only contain one condition per key",
        ),
    ],
)
def test_key_conditions_that_are_refused(ask: Ask, condition: str, values: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        ask(condition, values)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"IndexName": "nope"}, "The table does not have the specified index: nope"),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            COUNTED
            + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        ),
        (
            {"Select": "COUNT", "ProjectionExpression": "a"},
            COUNTED + "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        (
            {"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "a"},
            COUNTED + "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        ),
        (
            {"Select": "ALL_PROJECTED_ATTRIBUTES"},
            COUNTED + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
        (
            {"FilterExpression": "sk = :p"},
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
        ),
        (
            {"FilterExpression": "attribute_exists(b)", "IndexName": "l-keys"},
            (
                "One or more parameter values were invalid: Secondary index l-keys does not project one or more filter "
                "attributes: [b]"
            ),
        ),
        (
            {"ProjectionExpression": "pk.x"},
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
        ),
        (
            {"ProjectionExpression": "h[0]"},
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: h",
        ),
        ({"ExclusiveStartKey": {"pk": {"S": "p"}}}, "The provided starting key is invalid"),
        (
            {"ExclusiveStartKey": {"pk": {"S": "q"}, "sk": {"N": "1"}}},
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
    ],
)
def test_requests_that_are_refused(ask: Ask, more: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        ask(**more)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"IndexName": "g-all", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            {"IndexName": "g-keys", "ProjectionExpression": "b, a, pk"},
            "One or more parameter values were invalid: Global secondary index g-keys does not project [a, b]",
        ),
        (
            {"IndexName": "g-keys", "Select": "ALL_ATTRIBUTES"},
            (
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                "secondary index g-keys because its projection type is not ALL"
            ),
        ),
    ],
)
def test_what_a_global_index_refuses(ask: Ask, more: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        ask("g = :g", {"g": "g"}, **more)


def test_a_starting_key_has_to_match_the_condition_on_the_sort_key(ask: Ask) -> None:
    start = {"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "1"}}}
    with refused("ValidationException", "The provided starting key does not match the range key predicate"):
        ask("pk = :p AND sk > :n", {"p": "p", "n": 3}, **start)


def test_a_query_needs_a_key_condition(dynamodb: Any, indexed: str) -> None:
    with refused(
        "ValidationException",
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    ):
        dynamodb.query(TableName=indexed)


def test_no_key_conditions_at_all(dynamodb: Any, indexed: str) -> None:
    with refused("ValidationException", "Conditions can be of length 1 or 2 only"):
        dynamodb.query(TableName=indexed, KeyConditions={})


def test_there_has_to_be_a_table(dynamodb: Any) -> None:
    asked = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.query(TableName="no-such-table", **asked)
