"""Which of several faults of one expression is told. As AWS does it, and DynamoDB Local with it."""

from typing import Any

import pytest

from everwarm.dynamodb.expressions.bind import Binder
from everwarm.errors import ValidationException

NAMES = {"#a": "a", "#i": "[3]"}
VALUES = {":s": {"S": "a"}, ":n": {"N": "1"}, ":b": {"BOOL": True}}

RESERVED = "Attribute name is a reserved keyword; reserved keyword: abort"
UNKNOWN = "Invalid function name; function: foo"
REDUNDANT = "The expression has redundant parentheses;"
NO_NAME = "An expression attribute name used in the document path is not defined; attribute name: "
NO_VALUE = "An expression attribute value used in expression is not defined; attribute value: "
OVERLAP = "Two document paths overlap with each other; must remove or rewrite one of these paths; "
CONFLICT = "Two document paths conflict with each other; must remove or rewrite one of these paths; "


def misplaced(function: str) -> str:
    return f"The function is not allowed to be used this way in an expression; function: {function}"


def operand(operator: str, tag: str) -> str:
    return f"Incorrect operand type for operator or function; operator or function: {operator}, operand type: {tag}"


def told(read: Any, text: str) -> str:
    with pytest.raises(ValidationException) as caught:
        read(text)
    return caught.value.message.partition(": ")[2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SET c = d SET abort = e", RESERVED),
        ("SET c = d SET a = foo(b)", UNKNOWN),
        ("SET c = d SET e = f", 'The "SET" section can only be used once in an update expression;'),
        ("SET abort = foo(a)", RESERVED),
        ("SET a = foo(abort)", UNKNOWN),
        ("SET a = foo(b), c = ((d))", REDUNDANT),
        ("SET a = list_append(b, list_append(abort, c))", misplaced("list_append")),
        ("SET a = list_append(abort, list_append(b, c))", RESERVED),
        ("SET a = list_append(b, c) + abort", misplaced("list_append")),
        ("SET a = abort + list_append(b, c)", RESERVED),
    ],
)
def test_what_the_text_of_an_update_shows(text: str, problem: str) -> None:
    assert told(Binder(NAMES, VALUES).update, text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("foo(b) AND ((c = d))", REDUNDANT),
        ("a BETWEEN (((b.c)).d) AND c", REDUNDANT),
        ("abort = a AND foo(b)", RESERVED),
        ("foo(abort) = a", UNKNOWN),
        ("contains(abort, b) = c", misplaced("contains")),
        ("contains(foo(a), b)", UNKNOWN),
        ("abort = contains(a, b)", RESERVED),
        ("size(abort) AND b = c", misplaced("size")),
        ("size(abort) = c", RESERVED),
        ("a[99999999999].abort = c", "List index is not within the allowable range; index: [99999999999]"),
    ],
)
def test_what_the_text_of_a_condition_shows(text: str, problem: str) -> None:
    assert told(Binder(NAMES, VALUES).condition, text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SET a = :x, b = #y", f"{NO_NAME}#y"),
        ("SET b = #y, a = :x", f"{NO_VALUE}:x"),
        ("SET a = :x, b = :y, c = :z", f"{NO_VALUE}:z"),
        ("SET c = :x REMOVE #r", f"{NO_NAME}#r"),
        ("SET a = #x, #y = b", f"{NO_NAME}#y"),
        ("SET a = :x, a = b", f"{OVERLAP}path one: [a], path two: [a]"),
        ("SET a = :x, b = list_append(:s, c)", operand("list_append", "S")),
        ("SET b = list_append(:s, c), a = :x", f"{NO_VALUE}:x"),
        ("SET a = list_append(:s, :x)", f"{NO_VALUE}:x"),
        ("SET a = if_not_exists(:x)", f"{NO_VALUE}:x"),
        ("SET a = if_not_exists(:s, :x)", f"{NO_VALUE}:x"),
        ("SET a = :s + :b", operand("+", "S")),
        (
            "SET b = list_append(:s, a), c = if_not_exists(a) ADD a.b :s",
            (
                "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
                "typeSet: ALLOWED_FOR_ADD_OPERAND"
            ),
        ),
    ],
)
def test_an_update_is_bound_from_its_end(text: str, problem: str) -> None:
    assert told(Binder(NAMES, VALUES).update, text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a.b, a[1], a", f"{OVERLAP}path one: [a, [1]], path two: [a]"),
        ("a, a.b, a[1]", f"{CONFLICT}path one: [a, b], path two: [a, [1]]"),
        ("c, c, a.b, a[1]", f"{CONFLICT}path one: [a, b], path two: [a, [1]]"),
        ("a, b, a, b", f"{OVERLAP}path one: [b], path two: [b]"),
        ("b, a, a.c, b.d", f"{OVERLAP}path one: [a], path two: [b, d]"),
        ("a, #a, c, #i", f"{OVERLAP}path one: [a], path two: [[3]]"),
        ("#x, a, a", f"{OVERLAP}path one: [a], path two: [a]"),
        ("a, a, #x", f"{NO_NAME}#x"),
        ("#x, abort", RESERVED),
    ],
)
def test_paths_are_bound_from_the_last_one(text: str, problem: str) -> None:
    assert told(Binder(NAMES, None).projection, text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (":x = #y", f"{NO_VALUE}:x"),
        ("a BETWEEN :s AND :x", f"{NO_VALUE}:x"),
        ("begins_with(:n, :x)", f"{NO_VALUE}:x"),
        ("size(:n) > #x", operand("size", "N")),
        ("#x > size(:n)", f"{NO_NAME}#x"),
        (
            "contains(a, a) AND #x = :y",
            (
                "The first operand must be distinct from the remaining operands for this operator or function; "
                "operator: contains, first operand: [a]"
            ),
        ),
    ],
)
def test_a_condition_is_bound_from_its_beginning(text: str, problem: str) -> None:
    assert told(Binder(NAMES, VALUES).condition, text) == problem
