"""Section 7 of what is known of event source mappings: the filter grammar, a test for each row.

Each test has a table and a mapping of its own, to one function. Details of the grammar, and what is no pattern:
tests/unit/lambdas/mappings.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stack.support import client, eventually
from tests.wire.mapped import Mapped, Triggered, running

Attributes = dict[str, Any]

# Its record gets through to every function here; all records before it that do so have come by then.
END = {"dynamodb": {"Keys": {"pk": {"S": ["end"]}}}}

# The size of a record of an item with nothing but a `pk` of two letters: key and image, each name and value.
SIZE_BYTES = 8


class Filtered:
    """A table, and a mapping from it with filters.

    Args:
        patterns: as JSON text or as what is to be written as JSON.
    """

    def __init__(self, mapped: Mapped, lambdas: Any, *patterns: Any) -> None:
        self.table = f"source-{uuid.uuid4()}"
        self._arn = mapped.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]["LatestStreamArn"]
        self._mapped = mapped
        texts = [pattern if isinstance(pattern, str) else json.dumps(pattern) for pattern in (*patterns, END)]
        lambdas.create_event_source_mapping(
            FunctionName="shop-dev-reader",
            EventSourceArn=self._arn,
            StartingPosition="TRIM_HORIZON",
            FilterCriteria={"Filters": [{"Pattern": text} for text in texts]},
        )

    def put(self, **items: Attributes) -> None:
        """Put items, in this order, by their keys."""
        for key, attributes in items.items():
            self._mapped.put(self.table, key, **attributes)

    def came(self) -> list[tuple[str, str]]:
        """What the function was called with: event names and keys."""
        self.put(end={})
        found = eventually(lambda: came if (came := self._came()) and came[-1][1] == "end" else None)
        assert found is not None
        return found[:-1]

    def _came(self) -> list[tuple[str, str]]:
        records = [record for event in self._mapped.events("reader") for record in event["Records"]]
        return [
            (record["eventName"], record["dynamodb"]["Keys"]["pk"]["S"])
            for record in records
            if record["eventSourceARN"] == self._arn
        ]


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), {"reader": Triggered("batchSize: 100")}) as mapped:
        yield mapped


@pytest.fixture(scope="module")
def filtered(mapped: Mapped) -> Iterator[Callable[..., Filtered]]:
    """`filtered(*patterns)`: a table with a mapping that has these filters."""
    lambdas = client("lambda", mapped.stack.endpoint)
    yield lambda *patterns: Filtered(mapped, lambdas, *patterns)
    lambdas.close()


Through = Callable[..., list[str]]


@pytest.fixture(scope="module")
def through(filtered: Callable[..., Filtered]) -> Through:
    """`through(*patterns, **items)`: the keys of those items whose records get through one of these filters."""

    def keys(*patterns: Any, **items: Attributes) -> list[str]:
        source = filtered(*patterns)
        source.put(**items)
        return [key for _, key in source.came()]

    return keys


def image(pattern: Attributes) -> Attributes:
    """A pattern for the NewImage."""
    return {"dynamodb": {"NewImage": pattern}}


def of_size(rule: Any) -> Attributes:
    """A pattern for the one number that the test knows of a record."""
    return {"dynamodb": {"SizeBytes": [rule]}}


# Constructs


def test_equal(through: Through) -> None:
    """Row "Equal": `["a"]`, `[1]`, `[true]`."""
    text = image({"at": {"S": ["a"]}})
    assert through(text, aa={"at": {"S": "a"}}, bb={"at": {"S": "A"}}, cc={"at": {"S": "ab"}}, dd={}) == ["aa"]
    assert through(of_size(SIZE_BYTES), aa={}, bbb={}) == ["aa"]
    true = image({"at": {"BOOL": [True]}})
    assert through(true, aa={"at": {"BOOL": True}}, bb={"at": {"BOOL": False}}, cc={"at": {"S": "true"}}) == ["aa"]


def test_null(through: Through) -> None:
    """Row "Null, empty string": `[null]` is taken; no record has JSON's null, and DynamoDB's NULL is a `true`."""
    items: dict[str, Attributes] = {"aa": {"at": {"NULL": True}}, "bb": {}}
    assert through(image({"at": {"NULL": [None]}}), **items) == []
    assert through(image({"at": {"NULL": [True]}}), **items) == ["aa"]


def test_empty_string(through: Through) -> None:
    """Row "Null, empty string": `[""]`."""
    assert through(image({"at": {"S": [""]}}), aa={"at": {"S": ""}}, bb={"at": {"S": " "}}, cc={}) == ["aa"]


def test_not(through: Through) -> None:
    """Row "Not": what is not there is nothing, so not anything but."""
    pattern = image({"at": {"S": [{"anything-but": ["a", "b"]}]}})
    assert through(pattern, aa={"at": {"S": "a"}}, bb={"at": {"S": "b"}}, cc={"at": {"S": "c"}}, dd={}) == ["cc"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["=", SIZE_BYTES], ["aa"]),
        ([">", SIZE_BYTES], ["aaa", "aaaa"]),
        ([">", SIZE_BYTES, "<=", SIZE_BYTES + 2], ["aaa"]),
        ([">=", SIZE_BYTES, "<", SIZE_BYTES + 4], ["aa", "aaa"]),
        (["<", SIZE_BYTES], ["a"]),
    ],
)
def test_numeric(through: Through, condition: list[Any], expected: list[str]) -> None:
    """Row "Numeric"."""
    assert through(of_size({"numeric": condition}), a={}, aa={}, aaa={}, aaaa={}) == expected


def test_exists(through: Through) -> None:
    """Row "Exists", of leaf nodes."""
    items: dict[str, Attributes] = {"aa": {"at": {"S": "x"}}, "bb": {"at": {"N": "1"}}, "cc": {}}
    assert through(image({"at": {"S": [{"exists": True}]}}), **items) == ["aa"]
    assert through(image({"at": {"S": [{"exists": False}]}}), **items) == ["bb", "cc"]


def test_begins_with(through: Through) -> None:
    """Row "Begins with"."""
    pattern = image({"at": {"S": [{"prefix": "ab"}]}})
    assert through(pattern, aa={"at": {"S": "abc"}}, bb={"at": {"S": "cab"}}, cc={"at": {"S": "ABC"}}) == ["aa"]


def test_ends_with(through: Through) -> None:
    """Row "Ends with, ignore case, `$or`": `suffix`."""
    pattern = image({"at": {"S": [{"suffix": ".png"}]}})
    assert through(pattern, aa={"at": {"S": "x.png"}}, bb={"at": {"S": ".png.x"}}, cc={"at": {"S": "x.PNG"}}) == ["aa"]


def test_ignore_case(through: Through) -> None:
    """Row "Ends with, ignore case, `$or`": `equals-ignore-case`."""
    pattern = image({"at": {"S": [{"equals-ignore-case": "Ann"}]}})
    assert through(pattern, aa={"at": {"S": "aNN"}}, bb={"at": {"S": "Anna"}}) == ["aa"]


def test_or(through: Through) -> None:
    """Row "Ends with, ignore case, `$or`": `$or`, beside another key."""
    either = image({"$or": [{"at": {"S": ["x"]}}, {"to": {"S": ["y"]}}], "for": {"S": ["z"]}})
    for_z = {"for": {"S": "z"}}
    assert through(
        either,
        aa={"at": {"S": "x"}, **for_z},
        bb={"to": {"S": "y"}, **for_z},
        cc={"at": {"S": "y"}, "to": {"S": "x"}, **for_z},
        dd={"at": {"S": "x"}},
    ) == ["aa", "bb"]


def test_or_inside_an_array(through: Through) -> None:
    """Row "Combining": OR inside an array, of values and rules."""
    pattern = image({"at": {"S": ["a", {"prefix": "b"}, {"suffix": "z"}]}})
    items = {key: {"at": {"S": key}} for key in ("a", "bc", "xyz", "ab")}
    assert through(pattern, **items) == ["a", "bc", "xyz"]


def test_and_across_keys(through: Through) -> None:
    """Row "Combining": AND across keys."""
    pattern = {"eventName": ["INSERT"], **image({"at": {"S": ["x"]}, "to": {"S": ["y"]}})}
    assert through(pattern, aa={"at": {"S": "x"}, "to": {"S": "y"}}, bb={"at": {"S": "x"}}, cc={"to": {"S": "y"}}) == [
        "aa"
    ]


def test_or_across_filters(through: Through) -> None:
    """Row "Combining": OR across filters, of which there are ten here."""
    patterns = [image({"at": {"S": [text]}}) for text in "abcdefghi"]
    items = {f"{text}{text}": {"at": {"S": text}} for text in "aixj"}
    assert through(*patterns, **items) == ["aa", "ii"]


def test_a_repeated_key(through: Through) -> None:
    """Row "Combining": of a repeated key the last wins."""
    pattern = '{"dynamodb": {"NewImage": {"at": {"S": ["x"], "S": ["y"]}}}}'
    assert through(pattern, aa={"at": {"S": "x"}}, bb={"at": {"S": "y"}}) == ["bb"]


@pytest.mark.parametrize(("written", "expected"), [("8", ["aa"]), ("8.0", []), ("0.8e1", []), ('"8"', [])])
def test_numbers_are_compared_as_text(through: Through, written: str, expected: list[str]) -> None:
    """Below the table: number equality compares the text, so 300 and 300.0 differ."""
    assert through(f'{{"dynamodb": {{"SizeBytes": [{written}]}}}}', aa={}) == expected


# Gotchas with DynamoDB records


def test_image_attributes_need_the_type_key(through: Through) -> None:
    """Row "Image attributes need the type key": required."""
    assert through({"dynamodb": {"NewImage": {"pk": {"S": ["aa"]}}}}, aa={}, bb={}) == ["aa"]
    assert through({"dynamodb": {"NewImage": {"pk": ["aa"]}}}, aa={}, bb={}) == []


def test_exists_true_right_on_an_attribute_name(through: Through) -> None:
    """Row "`[{"exists": true}]` right on an attribute name": never matches."""
    assert through(image({"at": [{"exists": True}]}), aa={"at": {"S": "x"}}, bb={}) == []


def test_exists_false_right_on_an_attribute_name(through: Through) -> None:
    """Row "`[{"exists": false}]` right on an attribute name": matches even when the attribute is present."""
    assert through(image({"at": [{"exists": False}]}), aa={"at": {"S": "x"}}, bb={}) == ["aa", "bb"]


def test_numeric_on_an_n(through: Through) -> None:
    """Row "`numeric` on an `N`": never matches, N is carried as a string."""
    items: dict[str, Attributes] = {"aa": {"at": {"N": "5"}}}
    assert through(image({"at": {"N": [{"numeric": ["=", 5]}]}}), **items) == []
    assert through(image({"at": {"N": [5]}}), **items) == []
    assert through(image({"at": {"N": ["5"]}}), **items) == ["aa"]


def test_numeric_on_the_creation_time(filtered: Callable[..., Filtered], mapped: Mapped) -> None:
    """Row "`numeric` on `ApproximateCreationDateTime`": works."""
    later = int(mapped.clock.now()) + 10
    source = filtered({"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">=", later]}]}})
    source.put(early={})
    mapped.clock.advance(11)
    source.put(late={})
    assert source.came() == [("INSERT", "late")]


def test_event_name(filtered: Callable[..., Filtered]) -> None:
    """Row "Filter on `eventName`": works."""
    source = filtered({"eventName": ["MODIFY"]})
    source.put(aa={}, bb={})
    source.put(aa={"at": {"S": "x"}})
    assert source.came() == [("MODIFY", "aa")]


def test_user_identity(filtered: Callable[..., Filtered], mapped: Mapped) -> None:
    """Row "Filter on `userIdentity`": documented by the TTL page; deletions by people do not get through."""
    source = filtered({"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}})
    dynamodb = mapped.dynamodb
    dynamodb.update_time_to_live(
        TableName=source.table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    source.put(deleted={})
    dynamodb.delete_item(TableName=source.table, Key={"pk": {"S": "deleted"}})
    source.put(expired={"ttl": {"N": str(int(mapped.clock.now()))}})
    eventually(lambda: dynamodb.scan(TableName=source.table)["Count"] == 0)
    assert source.came() == [("REMOVE", "expired")]
