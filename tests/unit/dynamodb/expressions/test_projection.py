"""Which part of an item a projection gives. Source: "Projection expressions" in the developer guide."""

import copy

import pytest

from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

ITEM: Item = {
    "Id": {"N": "123"},
    "Title": {"S": "Bicycle 123"},
    "Pictures": {"M": {"FrontView": {"S": "front"}, "RearView": {"S": "rear"}}},
    "Related": {"L": [{"N": "341"}, {"N": "472"}, {"N": "649"}]},
    "Reviews": {"M": {"FiveStar": {"L": [{"M": {"who": {"S": "ann"}, "text": {"S": "good"}}}, {"S": "better"}]}}},
}


def part(text: str) -> Item:
    return project(Binder(None, None).projection(text), ITEM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title, Id", {"Id": {"N": "123"}, "Title": {"S": "Bicycle 123"}}),
        ("Title, Nothing", {"Title": {"S": "Bicycle 123"}}),
        ("Pictures.RearView", {"Pictures": {"M": {"RearView": {"S": "rear"}}}}),
        # Elements close ranks in the order of their indexes, whatever the order of the text.
        ("Related[2], Related[0]", {"Related": {"L": [{"N": "341"}, {"N": "649"}]}}),
        ("Related[2], Related[9]", {"Related": {"L": [{"N": "649"}]}}),
        (
            "Reviews.FiveStar[0].who, Reviews.FiveStar[1]",
            {"Reviews": {"M": {"FiveStar": {"L": [{"M": {"who": {"S": "ann"}}}, {"S": "better"}]}}}},
        ),
        # A path that leads nowhere leaves no empty map behind.
        ("Pictures.SideView", {}),
        ("Pictures[0], Related.x, Title.x, Title2[0]", {}),
        ("Reviews.FiveStar[0].nobody", {}),
    ],
)
def test_parts(text: str, expected: Item) -> None:
    before = copy.deepcopy(ITEM)
    assert part(text) == expected
    assert before == ITEM


def test_names_with_dots_and_reserved_words_through_placeholders() -> None:
    item: Item = {"a.b": {"M": {"Name": {"S": "x"}}}, "a": {"M": {"b": {"S": "no"}}}}
    paths = Binder({"#ab": "a.b", "#n": "Name"}, None).projection("#ab.#n")
    assert project(paths, item) == {"a.b": {"M": {"Name": {"S": "x"}}}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a, b, a", "overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"),
        (
            "a.b, a",
            "overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]",
        ),
        (
            "a, a[1].b",
            "overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, [1], b]",
        ),
        (
            "a.b.c, a[0]",
            (
                "conflict with each other; must remove or rewrite one of these paths; "
                "path one: [a, b, c], path two: [a, [0]]"
            ),
        ),
    ],
)
def test_paths_that_cannot_stand_together(text: str, problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        part(text)
    assert caught.value.message == f"Invalid ProjectionExpression: Two document paths {problem}"
