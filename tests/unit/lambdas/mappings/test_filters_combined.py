"""Whatever patterns and images come: how the parts of a pattern combine."""

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from everwarm.errors import InvalidFilter
from tests.unit.lambdas.mappings.filtering import image_matches, matches, record

texts = st.text("abAB", max_size=3)
leaves = st.one_of(
    texts.map(lambda text: {"S": text}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.lists(texts, min_size=1).map(lambda values: {"SS": values}),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda some: {"L": some}),
        st.dictionaries(texts, inner, max_size=3).map(lambda some: {"M": some}),
    ),
    max_leaves=8,
)
images = st.dictionaries(texts, values, max_size=3)
rules = st.one_of(
    texts,
    st.booleans(),
    st.none(),
    st.integers(-5, 5),
    st.fixed_dictionaries({"prefix": texts}),
    st.fixed_dictionaries({"suffix": texts}),
    st.fixed_dictionaries({"equals-ignore-case": texts}),
    st.fixed_dictionaries({"anything-but": st.lists(texts, min_size=1)}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
lists = st.lists(rules, min_size=1, max_size=3)


def pattern_of(value: Any) -> Any:
    """The pattern that asks for just this."""
    if isinstance(value, dict):
        return {key: pattern_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return pattern_of(value[0]) if isinstance(value[0], dict) else value
    return [value]


def whole(value: Any) -> bool:
    """Whether all of it can be asked for: an empty map or list has no leaf."""
    if isinstance(value, dict | list):
        return bool(value) and all(map(whole, value.values() if isinstance(value, dict) else value))
    return True


@given(images.filter(whole))
def test_an_image_matches_the_pattern_that_asks_for_it(image: dict[str, Any]) -> None:
    assert image_matches(image, pattern_of(image))


@given(images, texts, lists, lists)
def test_a_longer_list_lets_more_through(image: dict[str, Any], name: str, some: list[Any], more: list[Any]) -> None:
    first, second, both = (image_matches(image, {name: {"S": one}}) for one in (some, more, some + more))
    assert both == (first or second)


@given(images, texts, texts, lists, lists)
def test_two_keys_let_through_what_both_do(
    image: dict[str, Any], one: str, other: str, some: list[Any], more: list[Any]
) -> None:
    first, second = {one: {"S": some}}, {other: {"S": more}}
    if one != other:
        together = image_matches(image, first | second)
        assert together == (image_matches(image, first) and image_matches(image, second))
    assert image_matches(image, {"$or": [first, second]}) == (
        image_matches(image, first) or image_matches(image, second)
    )


@given(images, texts, texts)
def test_present_or_missing(image: dict[str, Any], name: str, inner: str) -> None:
    """Exactly one of `exists: true` and `exists: false` holds, wherever one asks."""
    for path in ({"S": 0}, {"M": {inner: {"SS": 0}}}, {"L": {"S": 0}}, {"L": {"M": {inner: {"BOOL": 0}}}}):
        there, missing = (
            json.loads(json.dumps(path).replace("0", json.dumps([{"exists": value}]))) for value in (True, False)
        )
        assert image_matches(image, {name: there}) is not image_matches(image, {name: missing})


@given(images, st.recursive(lists, lambda inner: st.dictionaries(texts, inner, max_size=3), max_leaves=6))
def test_any_pattern_is_answered_or_refused(image: dict[str, Any], pattern: Any) -> None:
    with contextlib.suppress(InvalidFilter):
        assert matches(record(image), {"dynamodb": pattern}) in (True, False)
