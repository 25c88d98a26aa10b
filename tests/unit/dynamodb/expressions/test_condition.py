"""What a condition says about an item. Source: "Comparison operator and function reference" in the developer guide."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.condition import holds
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException

ITEM: Item = {
    "s": {"S": "häuser"},
    "n": {"N": "10"},
    "nine": {"N": "9"},
    "bin": {"B": "AAEC"},  # 00 01 02
    "yes": {"BOOL": True},
    "nil": {"NULL": True},
    "m": {"M": {"x": {"N": "1"}, "deep": {"L": [{"S": "zero"}, {"M": {"y": {"S": "end"}}}]}}},
    "l": {"L": [{"S": "a"}, {"N": "2"}, {"L": []}]},
    "ss": {"SS": ["red", "green"]},
    "ns": {"NS": ["1", "2"]},
    "bs": {"BS": ["AAEC", "/w=="]},
    "blank": {"S": ""},
}
VALUES: dict[str, AttributeValue] = {
    ":s": {"S": "häuser"},
    ":haus": {"S": "häus"},
    ":red": {"S": "red"},
    ":n": {"N": "10"},
    ":one": {"N": "1"},
    ":nine": {"N": "9"},
    ":two": {"N": "2"},
    ":three": {"N": "3"},
    ":six": {"N": "6"},
    ":zero": {"N": "0"},
    ":b": {"B": "AAE="},
    ":b12": {"B": "AQI="},
    ":whole": {"B": "AAEC"},
    ":ss": {"SS": ["green", "red"]},
    ":tag_n": {"S": "N"},
    ":tag_ss": {"S": "SS"},
    ":yes": {"BOOL": True},
    ":end": {"S": "end"},
    ":nothing": {"L": []},
}


def answer(text: str, item: Item = ITEM) -> bool:
    used = set(re.findall(r":\w+", text))
    binder = Binder(None, {name: VALUES[name] for name in used} or None)
    condition = binder.condition(text)
    return holds(condition, item)


@pytest.mark.parametrize(
    "text",
    [
        "s = :s",
        "n = :n",
        "n <> :one",
        "ss = :ss",  # sets have no order
        "yes = :yes",
        "n > nine",  # by value, not by digits
        "nine < n",
        "n >= :n AND n <= :n",
        "s >= :haus",
        "bin > :b",
        "n BETWEEN nine AND :n",
        "nine IN (:one, n, :nine)",
        "m.x = :one",
        "m.deep[1].y = :end",
        "l[1] = :two",
        "attribute_exists(m.deep[1].y)",
        "attribute_exists(nil)",
        "attribute_not_exists(m.deep[2])",
        "attribute_not_exists(l[0].x)",
        "attribute_not_exists(s.x)",
        "attribute_not_exists(m[0])",
        "attribute_type(n, :tag_n)",
        "attribute_type(ss, :tag_ss)",
        "begins_with(s, :haus)",
        "begins_with(bin, :b)",
        "begins_with(s, blank)",
        "contains(s, :haus)",
        "contains(bin, :b12)",
        "contains(ss, :red)",
        "contains(ns, :two)",
        "contains(bs, :whole)",
        "contains(l, :two)",
        "contains(l, :nothing)",
        "size(s) = :six",  # characters, not the 7 bytes
        "size(bin) = :three",
        "size(ss) = :two",
        "size(l) = :three",
        "size(m) = :two",
        "size(blank) = :zero",
        "size(ss) < size(s)",
        "NOT n = :one",
    ],
)
def test_holds(text: str) -> None:
    assert answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "n = :s",  # another type is never equal
        "s < :n",
        "n < :s",
        "yes <= yes.x",
        "attribute_type(n, :tag_ss)",
        "attribute_type(gone, :tag_n)",
        "begins_with(n, :haus)",
        "begins_with(bin, :haus)",
        "contains(s, :red)",
        "contains(ss, :one)",
        "contains(ns, :red)",
        "contains(m, :one)",
        "contains(n, :one)",
        "size(n) = :two",  # a number has no size
        "size(gone) = :zero",
        "nine BETWEEN :six AND s",
        "attribute_exists(l[3])",
        "attribute_exists(gone.x)",
    ],
)
def test_does_not_hold(text: str) -> None:
    assert not answer(text)


# Only `<>`, the opposite of `=`, holds where an operand is missing.
def test_a_missing_operand() -> None:
    for comparison in ("gone = :n", "gone < :n", "gone >= :n", "gone BETWEEN :one AND :n", "gone IN (:n)"):
        assert not answer(comparison)
        assert answer(f"NOT {comparison}")
    assert answer("gone <> :n")


def test_put_only_if_absent() -> None:
    assert answer("attribute_not_exists(pk)", {})
    assert not answer("attribute_not_exists(pk)", {"pk": {"S": "k"}})


# boto3's `&` writes one more pair of parentheses for each condition; 150 comparisons and their ANDs are allowed.
@pytest.mark.parametrize("word", ["AND", "OR"])
def test_deep_chains_are_answered(word: str) -> None:
    left = right = "n=:n"
    for _ in range(149):
        left, right = f"({left} {word} n=:n)", f"(n=:n {word} {right})"
    assert answer(left)
    assert answer(right)


def test_deep_alternation_is_answered() -> None:
    text = "n=:n"
    for depth in range(148):
        text = f"(n=:n {'AND' if depth % 2 else 'OR'} {text})"
    assert answer(text)


# A model in plain Python: numbers under three names, any of which may be missing.
Model = tuple[str, Any]
COMPARISONS = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compare(args: tuple[str, str, str]) -> Model:
    name, operator, digit = args

    def model(item: dict[str, int]) -> bool:
        return COMPARISONS[operator](item[name], int(digit)) if name in item else operator == "<>"

    return f"{name} {operator} :v{digit}", model


def _between(args: tuple[str, str, str]) -> Model:
    name, one, two = args
    low, high = sorted((one, two))
    return f"{name} BETWEEN :v{low} AND :v{high}", lambda item: name in item and int(low) <= item[name] <= int(high)


def _in(args: tuple[str, list[str]]) -> Model:
    name, digits = args
    choices = ", ".join(f":v{digit}" for digit in digits)
    return f"{name} IN ({choices})", lambda item: name in item and str(item[name]) in digits


NAMES, DIGITS = st.sampled_from("abc"), st.sampled_from("0123")
LEAVES = st.one_of(
    st.tuples(NAMES, st.sampled_from(list(COMPARISONS)), DIGITS).map(_compare),
    st.tuples(NAMES, DIGITS, DIGITS).map(_between),
    st.tuples(NAMES, st.lists(DIGITS, min_size=1, max_size=3)).map(_in),
    NAMES.map(lambda name: (f"attribute_exists({name})", lambda item: name in item)),
)


def _combined(children: st.SearchStrategy[Model]) -> st.SearchStrategy[Model]:
    def logical(args: tuple[Model, str, Model]) -> Model:
        (left, is_left), word, (right, is_right) = args
        if word == "AND":
            return f"({left}) AND ({right})", lambda item: is_left(item) and is_right(item)
        return f"({left}) OR ({right})", lambda item: is_left(item) or is_right(item)

    def bare(args: tuple[Model, Model, Model]) -> Model:
        # Without parentheses, so that precedence shows.
        (a, is_a), (b, is_b), (c, is_c) = args
        return f"{a} OR NOT {b} AND {c}", lambda item: is_a(item) or (not is_b(item) and is_c(item))

    return st.one_of(
        st.tuples(children, st.sampled_from(["AND", "OR"]), children).map(logical),
        children.map(lambda child: (f"NOT ({child[0]})", lambda item: not child[1](item))),
        st.tuples(LEAVES, LEAVES, LEAVES).map(bare),
    )


@given(st.recursive(LEAVES, _combined, max_leaves=12), st.dictionaries(NAMES, st.integers(0, 3)))
def test_conditions_agree_with_a_model(condition: Model, numbers: dict[str, int]) -> None:
    text, model = condition
    bound = Binder(None, {f":v{digit}": {"N": digit} for digit in "0123"}).condition(text)
    assert holds(bound, {name: {"N": str(number)} for name, number in numbers.items()}) == model(numbers)


@pytest.mark.parametrize(("text", "size"), [("", 0), ("abc", 3), ("é", 1), ("\U0001f600", 2)])
def test_the_size_of_a_string_is_counted_in_utf_16(text: str, size: int) -> None:
    condition = Binder(None, {":n": {"N": str(size)}}).condition("size(a) = :n")
    assert holds(condition, {"a": {"S": text}})


# As deep as 300 operators let a condition be: it never runs out of stack, neither bound nor asked.
@pytest.mark.parametrize(
    ("layer", "layers", "answer"),
    [
        ("NOT (b = :one AND {})", 99, False),
        ("(b = :one OR {})", 149, True),
        ("NOT {}", 299, False),
        ("(b = :one AND (c = :one OR {}))", 74, True),
    ],
)
def test_the_deepest_conditions_are_answered(layer: str, layers: int, answer: bool) -> None:
    text = "a = :one"
    for _ in range(layers):
        text = layer.format(text)
    condition = Binder(None, {":one": {"N": "1"}}).condition(text)
    assert holds(condition, {"a": {"N": "1"}, "b": {"N": "1"}}) is answer
    with pytest.raises(ValidationException, match="too many operators"):
        Binder(None, {":one": {"N": "1"}}).condition(layer.format(text))
