"""Section 7 of what is known of event source mappings: the filter grammar, a test for each row.

Source: "Control which events Lambda sends to your function" and "Using event filtering with a DynamoDB event source"
in the Lambda developer guide, and what was recorded on AWS.
"""

from typing import Any

import pytest

from everwarm.errors import MappingError
from everwarm.lambdas.mappings.filters import parse
from tests.unit.lambdas.mappings.filtering import AT, EXPIRY, image_matches, matches, record

# Constructs


@pytest.mark.parametrize(
    ("allowed", "value", "expected"),
    [
        (["a"], {"S": "a"}, True),
        (["a"], {"S": "A"}, False),
        (["a"], {"S": "ab"}, False),
        ([True], {"BOOL": True}, True),
        ([True], {"BOOL": False}, False),
        ([False], {"BOOL": False}, True),
        (["true"], {"BOOL": True}, False),
    ],
)
def test_equal(allowed: list[Any], value: dict[str, Any], expected: bool) -> None:
    """Row "Equal": `["a"]`, `[true]`."""
    (kind,) = value
    assert image_matches({"at": value}, {"at": {kind: allowed}}) is expected


def test_equal_number() -> None:
    """Row "Equal": `[1]`."""
    assert matches(record(), {"dynamodb": {"SizeBytes": [26]}})
    assert not matches(record(), {"dynamodb": {"SizeBytes": [27]}})


def test_null() -> None:
    """Row "Null, empty string": `[null]` is JSON's null, which DynamoDB's NULL is not: that is `true`."""
    assert matches(record(userIdentity=None), {"userIdentity": [None]})
    assert not matches(record(), {"userIdentity": [None]})
    assert not image_matches({"at": {"NULL": True}}, {"at": {"NULL": [None]}})
    assert image_matches({"at": {"NULL": True}}, {"at": {"NULL": [True]}})


def test_empty_string() -> None:
    """Row "Null, empty string": `[""]`."""
    assert image_matches({"at": {"S": ""}}, {"at": {"S": [""]}})
    assert not image_matches({"at": {"S": " "}}, {"at": {"S": [""]}})
    assert not image_matches({}, {"at": {"S": [""]}})


@pytest.mark.parametrize("wanted", ["a", ["a"], ["a", "b"]])
def test_anything_but(wanted: Any) -> None:
    """Row "Not": also with a single value; what is not there is nothing, so not anything but."""
    pattern = {"at": {"S": [{"anything-but": wanted}]}}
    assert not image_matches({"at": {"S": "a"}}, pattern)
    assert image_matches({"at": {"S": "c"}}, pattern)
    assert image_matches({"at": {"S": ""}}, pattern)
    assert not image_matches({}, pattern)


def test_anything_but_numbers() -> None:
    """Row "Not", of numbers."""
    assert not matches(record(), {"dynamodb": {"SizeBytes": [{"anything-but": [1, 26]}]}})
    assert matches(record(), {"dynamodb": {"SizeBytes": [{"anything-but": 1}]}})


@pytest.mark.parametrize(
    ("rule", "refused", "let_through"),
    [
        ({"prefix": "us-"}, "us-east-1", "eu-west-1"),
        ({"prefix": ["us-", "ap-"]}, "ap-east-1", "eu-west-1"),
        ({"suffix": ".png"}, "a.png", "a.jpg"),
        ({"suffix": [".png", ".gif"]}, "a.gif", "a.jpg"),
        ({"equals-ignore-case": "ok"}, "Ok", "okay"),
        ({"equals-ignore-case": ["ok", "yes"]}, "YES", "no"),
    ],
)
def test_anything_but_a_part(rule: Any, refused: str, let_through: str) -> None:
    """Row "Not", with EventBridge's rules inside."""
    pattern = {"at": {"S": [{"anything-but": rule}]}}
    assert not image_matches({"at": {"S": refused}}, pattern)
    assert image_matches({"at": {"S": let_through}}, pattern)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["=", 26], True),
        (["=", 26.0], True),
        (["=", 27], False),
        ([">", 26], False),
        ([">=", 26], True),
        (["<", 26], False),
        (["<=", 26], True),
        ([">", 10, "<=", 26], True),
        ([">=", 26, "<", 30], True),
        ([">", 10, "<", 26], False),
    ],
)
def test_numeric(condition: list[Any], expected: bool) -> None:
    """Row "Numeric"."""
    assert matches(record(), {"dynamodb": {"SizeBytes": [{"numeric": condition}]}}) is expected


def test_exists() -> None:
    """Row "Exists", of a leaf."""
    there, missing = {"at": {"S": [{"exists": True}]}}, {"at": {"S": [{"exists": False}]}}
    assert image_matches({"at": {"S": ""}}, there)
    assert not image_matches({"at": {"N": "1"}}, there)
    assert not image_matches({"at": {"S": "a"}}, missing)
    assert image_matches({"at": {"N": "1"}}, missing)
    assert matches(record(), {"dynamodb": {"OldImage": {"at": {"S": [{"exists": False}]}}}})


def test_begins_with() -> None:
    """Row "Begins with"."""
    assert image_matches({"at": {"S": "abc"}}, {"at": {"S": [{"prefix": "ab"}]}})
    assert not image_matches({"at": {"S": "ABC"}}, {"at": {"S": [{"prefix": "ab"}]}})
    assert image_matches({"at": {"S": "ABC"}}, {"at": {"S": [{"prefix": {"equals-ignore-case": "ab"}}]}})
    assert not matches(record(), {"dynamodb": {"SizeBytes": [{"prefix": "2"}]}})


def test_ends_with() -> None:
    """Row "Ends with, ignore case, `$or`": `suffix`."""
    assert image_matches({"at": {"S": "abc"}}, {"at": {"S": [{"suffix": "bc"}]}})
    assert not image_matches({"at": {"S": "abcd"}}, {"at": {"S": [{"suffix": "bc"}]}})
    assert image_matches({"at": {"S": "ABC"}}, {"at": {"S": [{"suffix": {"equals-ignore-case": "bc"}}]}})


def test_ignore_case() -> None:
    """Row "Ends with, ignore case, `$or`": `equals-ignore-case`."""
    assert image_matches({"at": {"S": "aLiCe"}}, {"at": {"S": [{"equals-ignore-case": "Alice"}]}})
    assert not image_matches({"at": {"S": "Alicia"}}, {"at": {"S": [{"equals-ignore-case": "Alice"}]}})


def test_or_of_several_keys() -> None:
    """Row "Ends with, ignore case, `$or`": `$or`, at any level, beside other keys, and within itself."""
    deep = {"dynamodb": {"NewImage": {"$or": [{"a": {"S": ["1"]}}, {"b": {"S": ["2"]}}]}}}
    assert matches(record({"a": {"S": "1"}}), deep)
    assert matches(record({"b": {"S": "2"}}), deep)
    assert not matches(record({"a": {"S": "2"}, "b": {"S": "1"}}), deep)
    top = {"eventName": ["INSERT"], "$or": [{"dynamodb": {"SizeBytes": [1]}}, {"$or": [deep, {"eventID": ["x"]}]}]}
    assert matches(record({"a": {"S": "1"}}), top)
    assert not matches(record({"a": {"S": "1"}}, event_name="MODIFY"), top)
    assert not matches(record({"a": {"S": "3"}}), top)


def test_or_needs_two_patterns_else_it_is_a_name() -> None:
    """Row "Ends with, ignore case, `$or`": an attribute may be called `$or`, too."""
    assert image_matches({"$or": {"S": "x"}}, {"$or": {"S": ["x"]}})
    with pytest.raises(MappingError, match=r"^Invalid filter pattern definition\.$"):
        parse(['{"$or": [{"eventName": ["INSERT"]}]}'])


def test_combining_within_a_list() -> None:
    """Row "Combining": one of a list's alternatives has to hold."""
    pattern = {"at": {"S": ["a", {"prefix": "b"}, {"suffix": "z"}]}}
    assert image_matches({"at": {"S": "a"}}, pattern)
    assert image_matches({"at": {"S": "bc"}}, pattern)
    assert image_matches({"at": {"S": "xyz"}}, pattern)
    assert not image_matches({"at": {"S": "ab"}}, pattern)


def test_combining_keys() -> None:
    """Row "Combining": all keys have to match."""
    pattern = {"a": {"S": ["1"]}, "b": {"S": ["2"]}}
    assert image_matches({"a": {"S": "1"}, "b": {"S": "2"}}, pattern)
    assert not image_matches({"a": {"S": "1"}, "b": {"S": "1"}}, pattern)
    assert not image_matches({"a": {"S": "1"}}, pattern)


def test_combining_filters() -> None:
    """Row "Combining": one filter has to match; with none, everything does."""
    removed, expired = {"eventName": ["REMOVE"]}, {"userIdentity": {"type": ["Service"]}}
    assert matches(record(event_name="REMOVE"), removed, expired)
    assert matches(record(userIdentity=EXPIRY), removed, expired)
    assert not matches(record(), removed, expired)
    assert matches(record())


def test_a_repeated_key() -> None:
    """Row "Combining": the last one wins."""
    text = '{"eventName": ["INSERT"], "eventName": ["REMOVE"]}'
    assert not matches(record(event_name="INSERT"), text)
    assert matches(record(event_name="REMOVE"), text)


@pytest.mark.parametrize(("written", "expected"), [("26", True), ("26.0", False), ("2.6e1", False), ('"26"', False)])
def test_numbers_are_compared_as_text(written: str, expected: bool) -> None:
    """Below the table: 300 and 300.0 differ."""
    assert matches(record(), f'{{"dynamodb": {{"SizeBytes": [{written}]}}}}') is expected


def test_a_number_as_the_event_shows_it() -> None:
    """Below the table, and section 9: ApproximateCreationDateTime is written with a fraction."""
    assert matches(record(), '{"dynamodb": {"ApproximateCreationDateTime": [1700000000.0]}}')
    assert not matches(record(), '{"dynamodb": {"ApproximateCreationDateTime": [1700000000]}}')


# Gotchas with DynamoDB records


def test_image_attributes_need_the_type() -> None:
    """Row "Image attributes need the type key"."""
    assert image_matches({"pk": {"S": "x"}}, {"pk": {"S": ["x"]}})
    assert not image_matches({"pk": {"S": "x"}}, {"pk": ["x"]})


def test_exists_true_on_an_attribute_name() -> None:
    """Row "`[{"exists": true}]` right on an attribute name": never matches."""
    assert not image_matches({"at": {"S": "x"}}, {"at": [{"exists": True}]})
    assert not image_matches({}, {"at": [{"exists": True}]})


def test_exists_false_on_an_attribute_name() -> None:
    """Row "`[{"exists": false}]` right on an attribute name": matches although the attribute is there."""
    assert image_matches({"at": {"S": "x"}}, {"at": [{"exists": False}]})
    assert image_matches({}, {"at": [{"exists": False}]})


def test_numeric_on_a_number_of_dynamodb() -> None:
    """Row "`numeric` on an `N`": never matches, for N is a string."""
    assert not image_matches({"at": {"N": "5"}}, {"at": {"N": [{"numeric": ["=", 5]}]}})
    assert not image_matches({"at": {"N": "5"}}, {"at": {"N": [5]}})
    assert image_matches({"at": {"N": "5"}}, {"at": {"N": ["5"]}})


def test_numeric_on_the_time() -> None:
    """Row "`numeric` on `ApproximateCreationDateTime`": works."""
    assert matches(record(), {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": ["=", AT]}]}})
    assert not matches(record(), {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", AT]}]}})


def test_event_name() -> None:
    """Row "Filter on `eventName`": works."""
    assert matches(record(event_name="REMOVE"), {"eventName": ["REMOVE"]})
    assert not matches(record(event_name="MODIFY"), {"eventName": ["REMOVE"]})


def test_user_identity() -> None:
    """Row "Filter on `userIdentity`": spelt as in the event, so the TTL page's own pattern works."""
    expired = {"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}
    assert matches(record(event_name="REMOVE", userIdentity=EXPIRY), expired)
    assert not matches(record(event_name="REMOVE"), expired)
    assert not matches(record(userIdentity=EXPIRY), {"userIdentity": {"Type": ["Service"]}})


# Lists in items


def test_one_element_of_a_set() -> None:
    """EventBridge: an array matches if one of its elements does."""
    assert image_matches({"at": {"SS": ["a", "b"]}}, {"at": {"SS": ["b"]}})
    assert not image_matches({"at": {"SS": ["a", "b"]}}, {"at": {"SS": ["c"]}})
    assert image_matches({"at": {"SS": ["a", "b"]}}, {"at": {"SS": [{"anything-but": "a"}]}})


def test_the_keys_of_one_element_of_a_list() -> None:
    """EventBridge: what lies below an array has to come from one element of it."""
    both = {"at": {"L": {"M": {"x": {"S": ["1"]}, "y": {"S": ["2"]}}}}}

    def element(x: str, y: str) -> dict[str, Any]:
        return {"M": {"x": {"S": x}, "y": {"S": y}}}

    assert image_matches({"at": {"L": [element("0", "0"), element("1", "2")]}}, both)
    assert not image_matches({"at": {"L": [element("1", "0"), element("0", "2")]}}, both)
    assert not image_matches({"at": {"L": []}}, both)


def test_missing_from_all_elements() -> None:
    """`exists: false` asks about the whole list."""
    missing = {"at": {"L": {"N": [{"exists": False}]}}}
    assert image_matches({"at": {"L": [{"S": "a"}, {"S": "b"}]}}, missing)
    assert not image_matches({"at": {"L": [{"S": "a"}, {"N": "1"}]}}, missing)
    assert image_matches({"at": {"L": []}}, missing)


def test_missing_or_a_value() -> None:
    """`exists: false` is an alternative like any other."""
    pattern = {"at": {"S": [{"exists": False}, "a"]}}
    assert image_matches({}, pattern)
    assert image_matches({"at": {"S": "a"}}, pattern)
    assert not image_matches({"at": {"S": "b"}}, pattern)


# What is no pattern


@pytest.mark.parametrize(
    "text",
    [
        "",
        "single-string",
        '"string"',
        "[1]",
        "null",
        "{}",
        '[{"eventName": ["INSERT"=123}]',
        '{"eventName": "INSERT"}',
        '{"eventName": 1}',
        '{"eventName": null}',
        '{"eventName": []}',
        '{"eventName": {}}',
        '{"eventName": [["INSERT"]]}',
        '{"eventName": [{}]}',
        '{"eventName": [{"like": "I"}]}',
        '{"eventName": [{"wildcard": "I*"}]}',
        '{"eventName": [{"prefix": "a", "suffix": "b"}]}',
        '{"eventName": [{"prefix": 1}]}',
        '{"eventName": [{"prefix": ["PVC"]}]}',
        '{"eventName": [{"prefix": {"suffix": "a"}}]}',
        '{"eventName": [{"suffix": null}]}',
        '{"eventName": [{"equals-ignore-case": 5}]}',
        '{"eventName": [{"exists": "true"}]}',
        '{"eventName": [{"exists": 1}]}',
        '{"eventName": [{"exists": 0}]}',
        '{"eventName": [{"anything-but": []}]}',
        '{"eventName": [{"anything-but": null}]}',
        '{"eventName": [{"anything-but": ["a", 1]}]}',
        '{"eventName": [{"anything-but": [null]}]}',
        '{"eventName": [{"anything-but": {"numeric": ["=", 1]}}]}',
        '{"eventName": [{"anything-but": {"prefix": ""}}]}',
        '{"eventName": [{"anything-but": {"prefix": []}}]}',
        '{"eventName": [{"anything-but": {"prefix": [1]}}]}',
        '{"eventName": [{"numeric": 5}]}',
        '{"eventName": [{"numeric": []}]}',
        '{"eventName": [{"numeric": ["="]}]}',
        '{"eventName": [{"numeric": ["=", "5"]}]}',
        '{"eventName": [{"numeric": ["!=", 5]}]}',
        '{"eventName": [{"numeric": [1, 5]}]}',
        '{"eventName": [{"numeric": ["=", 5, "<", 6]}]}',
        '{"eventName": [{"numeric": ["<", 5, ">", 1]}]}',
        '{"eventName": [{"numeric": [">", 5, "<", 5]}]}',
        '{"eventName": [{"numeric": [">", 1, "<", 5, "<", 6]}]}',
        '{"eventName": [{"numeric": [">", 5e10]}]}',
        '{"eventName": [NaN]}',
        '{"$or": [{"eventName": ["a"]}, {}]}',
        '{"a": ' * 600 + "1" + "}" * 600,
        '{"$or": [{"a": [1]}, ' * 150 + '{"a": [1]}' + "]}" * 150,
        "[" * 4096,
        '{"eventName": ["' + "a" * 4096 + '"]}',
    ],
)
def test_no_pattern(text: str) -> None:
    """Section 2, row "Filter that is not a valid pattern"; 4,096 characters are the most (section 1)."""
    with pytest.raises(MappingError, match=r"^Invalid filter pattern definition\.$"):
        parse(['{"eventName": ["INSERT"]}', text])


def test_the_longest_pattern() -> None:
    """Section 1, row "FilterCriteria.Filters[].Pattern": 4,096 characters."""
    head, tail = '{"eventName": ["INSERT", "', '"]}'
    text = head + "a" * (4096 - len(head + tail)) + tail
    assert matches(record(), text)


def test_the_most_filters() -> None:
    """Section 1, row "FilterCriteria.Filters[].Pattern": 10 after a quota increase."""
    assert matches(record(), *['{"eventName": ["INSERT"]}'] * 10)
    with pytest.raises(MappingError, match=r"^Invalid filter pattern definition\.$"):
        parse(['{"eventName": ["INSERT"]}'] * 11)
