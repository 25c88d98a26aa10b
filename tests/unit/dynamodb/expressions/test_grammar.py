"""What is an expression and what is not, in the words that the service answers with.

Syntax error texts are of recorded form: the token, and the text from its left neighbour to its right one.
"""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.expressions import grammar
from everwarm.dynamodb.expressions.nodes import Call, DocumentPath, Placeholder
from everwarm.dynamodb.expressions.reserved_words import RESERVED_WORDS
from everwarm.errors import ValidationException

A, B, C, V = DocumentPath(("a",)), DocumentPath(("b",)), DocumentPath(("c",)), Placeholder(":v")


def is_v(path: DocumentPath) -> Call:
    return Call("=", (path, V))


def refusal(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValidationException) as caught:
        parse(text)
    return caught.value.message


@pytest.mark.parametrize(
    ("parse", "text", "token", "near"),
    [
        # Recorded from the service by its users: aws/aws-cdk issue 7591, getmoto/moto pull request 5189.
        (grammar.update, "ADD hits : incr", ":", "hits : incr"),
        (grammar.update, "SET a = :v,", "<EOF>", ","),
        (grammar.condition, "a = = :v", "=", "= = :v"),
        (grammar.condition, "b = :v AND __typename = :v", "_", "AND __"),
        (grammar.condition, "attribute_exists([1])", "[", "([1"),
        (grammar.update, "SET a = if_not_exists(a, 0)", "0", ", 0)"),
        (grammar.projection, "a b", "b", "a b"),
        (grammar.projection, "a, ?b", "?", ", ?b"),
        (grammar.update, "SET a = :v + :v + :v", "+", ":v + :v"),
        (grammar.update, "ADD a b", "b", "a b"),
        (grammar.condition, "a = :v)", ")", ":v)"),
        (grammar.condition, "(a = :v", "<EOF>", ":v"),
        (grammar.condition, "a AND b = :v", "AND", "a AND b"),
        (grammar.condition, "(a) AND b = :v", "AND", ") AND b"),
        (grammar.condition, "a.b[x] = :v", "x", "[x]"),
        # Blanks before the end belong to it.
        (grammar.condition, "a <>  ", "<EOF>", "<>  "),
        (grammar.update, " ", "<EOF>", " "),
        (grammar.condition, " <> :v", "<>", " <> :v"),
        (grammar.projection, "a b ", "b", "a b "),
        (grammar.condition, "((a))", "<EOF>", ")"),
        (grammar.update, "SET a = ((b + :v)", "<EOF>", ")"),
        # Key words of every grammar are none's names, reserved or not.
        (grammar.condition, "SET a = :v", "SET", "SET a"),
        (grammar.update, "REMOVE remove", "remove", "REMOVE remove"),
        (grammar.update, "SET a = :v, REMOVE b", "REMOVE", ", REMOVE b"),
        (grammar.update, "SET a.and = :v", "and", ".and ="),
        (grammar.projection, "in", "in", "in"),
        (grammar.projection, "a[01]", "1", "01]"),
    ],
)
def test_syntax_errors_show_the_token_and_its_neighbours(
    parse: Callable[[str], object], text: str, token: str, near: str
) -> None:
    assert refusal(parse, text).endswith(f': Syntax error; token: "{token}", near: "{near}"')


def test_an_error_names_the_parameter() -> None:
    assert refusal(grammar.condition, "").startswith("Invalid ConditionExpression: ")
    assert refusal(grammar.update, "").startswith("Invalid UpdateExpression: ")
    assert refusal(grammar.projection, "").startswith("Invalid ProjectionExpression: ")
    assert refusal(grammar.key_condition, "").startswith("Invalid KeyConditionExpression: ")
    # The same text under another parameter must not get the other one's kept message.
    assert refusal(lambda text: grammar.condition(text, "FilterExpression"), "") == (
        "Invalid FilterExpression: The expression can not be empty;"
    )


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        # "Precedence in conditions" in the developer guide: NOT before AND before OR.
        ("a = :v OR b = :v AND c = :v", Call("OR", (is_v(A), Call("AND", (is_v(B), is_v(C)))))),
        ("(a = :v OR b = :v) AND c = :v", Call("AND", (Call("OR", (is_v(A), is_v(B))), is_v(C)))),
        ("NOT a = :v AND b = :v", Call("AND", (Call("NOT", (is_v(A),)), is_v(B)))),
        ("NOT (a = :v AND b = :v)", Call("NOT", (Call("AND", (is_v(A), is_v(B))),))),
        ("a BETWEEN :v AND :v AND b = :v", Call("AND", (Call("BETWEEN", (A, V, V)), is_v(B)))),
        ("(a) = (:v)", is_v(A)),
        ("(size(a)) > :v", Call(">", (Call("size", (A,)), V))),
        ("\ta\n=\r:v ", is_v(A)),
        ("a[0].#b [ 12 ] = :v", is_v(DocumentPath(("a", 0, "#b", 12)))),
        ("a in (:v, b)", Call("IN", (A, V, B))),
    ],
)
def test_trees(text: str, tree: Call) -> None:
    assert grammar.condition(text).root == tree


def test_key_words_in_any_case() -> None:
    assert grammar.condition("not a = :v and (b between :v and :v or c in (:v))") == grammar.condition(
        "NOT a = :v AND (b BETWEEN :v AND :v OR c IN (:v))"
    )
    assert grammar.update("set a = :v remove b add c :v delete d :v") == grammar.update(
        "SET a = :v REMOVE b ADD c :v DELETE d :v"
    )


@pytest.mark.parametrize(
    ("parse", "text", "problem"),
    [
        (grammar.condition, "SIZE(a) > :v", "Invalid function name; function: SIZE"),
        (
            grammar.condition,
            "size(a)",
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            grammar.condition,
            "contains(a, :v) = :v",
            "The function is not allowed to be used this way in an expression; function: contains",
        ),
        (
            grammar.condition,
            "if_not_exists(a, :v) = :v",
            "The function is not allowed in a condition expression; function: if_not_exists",
        ),
        (
            grammar.update,
            "SET a = size(b)",
            "The function is not allowed in an update expression; function: size",
        ),
        (grammar.update, "SET a = foo(b)", "Invalid function name; function: foo"),
        (
            grammar.update,
            "SET a = list_append(list_append(a, :v), :v)",
            "The function is not allowed to be used this way in an expression; function: list_append",
        ),
        (
            grammar.update,
            "SET a = if_not_exists(a, list_append(b, :v))",
            "The function is not allowed to be used this way in an expression; function: list_append",
        ),
        (
            grammar.update,
            "SET a = :v + list_append(b, :v)",
            "The function is not allowed to be used this way in an expression; function: list_append",
        ),
        (
            grammar.update,
            "SET a = :v SET b = :v",
            'The "SET" section can only be used once in an update expression;',
        ),
        (grammar.condition, "((a = :v))", "The expression has redundant parentheses;"),
        (grammar.condition, "((a)) = :v", "The expression has redundant parentheses;"),
        # Parentheses are the first thing that is said, of the rest what stands first.
        (grammar.condition, "name = :v AND ((a = :v))", "The expression has redundant parentheses;"),
        (grammar.condition, "((a = :v)) AND AND", "The expression has redundant parentheses;"),
        (grammar.condition, "foo(name)", "Invalid function name; function: foo"),
        (grammar.condition, "foo(a) AND name = :v", "Invalid function name; function: foo"),
        (grammar.condition, "name = :v AND foo(a)", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            grammar.condition,
            "size(a) AND foo(a)",
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (grammar.update, "SET a = ((b + :v))", "The expression has redundant parentheses;"),
        (
            grammar.condition,
            "a.Status = :v",
            "Attribute name is a reserved keyword; reserved keyword: Status",
        ),
        (grammar.projection, "a, url", "Attribute name is a reserved keyword; reserved keyword: url"),
        (
            grammar.projection,
            "a[2147483648]",
            "List index is not within the allowable range; index: [2147483648]",
        ),
    ],
)
def test_other_faults(parse: Callable[[str], object], text: str, problem: str) -> None:
    assert refusal(parse, text).partition(": ")[2] == problem


@pytest.mark.parametrize(
    "text", ["((a) = :v)", "(a = :v) AND (b = :v)", "((a = :v) AND (b = :v))", "NOT (a = :v)", "(NOT (a = :v))"]
)
def test_parentheses_that_are_not_redundant(text: str) -> None:
    assert grammar.condition(text).root


def test_the_published_reserved_words() -> None:
    # The list in the developer guide has 573 entries, its misspelt ones included.
    assert len(RESERVED_WORDS) == 573
    assert {"ABORT", "FLATTERN", "TTL", "ZONE"} <= RESERVED_WORDS
    # The words of the guide's own examples are free.
    assert not {"ID", "BRAND", "PRICE", "CONTENT", "HITS"} & RESERVED_WORDS


@pytest.mark.parametrize(
    ("parse", "text", "told"),
    [
        (lambda text: grammar.condition(text, "FilterExpression"), "a = :v" + " " * 4090, " expression size: 4097"),
        (grammar.condition, "a = :v" + " " * 4090, ""),
        (grammar.key_condition, "a = :v" + " " * 4090, ""),
        (grammar.update, "SET a=:v" + " " * 4088, ""),
        (grammar.projection, "a" * 4096, ""),
    ],
)
def test_4096_bytes_pass_and_more_do_not(parse: Callable[[str], object], text: str, told: str) -> None:
    assert len(text) in (4095, 4096)
    assert parse(text)
    assert refusal(parse, text + " " * (4097 - len(text))).endswith(
        f"Expression size has exceeded the maximum allowed size;{told}"
    )


def test_300_operators_pass_and_301_do_not() -> None:
    conditions = ["a=:v"] * 150
    assert grammar.condition(" AND ".join(conditions)).root  # 150 comparisons and 149 times AND
    assert refusal(grammar.condition, " AND ".join([*conditions, "a=:v"])).endswith(
        "The expression contains too many operators; operator count: 301"
    )


# Deep texts are refused or understood; neither may exhaust the stack.
@pytest.mark.parametrize("text", ["(" * 4000, "NOT " * 1000, "size(" * 800, "a=:v" + ")" * 4000])
def test_deep_nonsense_is_refused(text: str) -> None:
    assert refusal(grammar.condition, text)
    assert refusal(grammar.update, "SET a = " + text)


def test_calls_may_lie_in_one_another_as_deep_as_a_text_is_long() -> None:
    assert grammar.update("SET a = " + "if_not_exists(a," * 240 + ":v" + ")" * 240)
    assert refusal(grammar.update, "SET a = " + "(" * 2000 + ":v" + ")" * 2000).endswith(
        "The expression has redundant parentheses;"
    )


WORDS = ["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE", "size", "contains", "if_not_exists"]
PIECES = st.sampled_from([*"a7.,()[]=<+-é!", "name", "#b", ":v", "[0]", "<>", *WORDS])


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES).map("".join)))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for parse in (grammar.condition, grammar.update, grammar.projection, grammar.key_condition):
        # Any other exception ends the test, a RecursionError too.
        with contextlib.suppress(ValidationException):
            assert parse(text)
