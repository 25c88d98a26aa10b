"""The text of statements, parsed: what becomes of what is right; of the rest comes nothing but AWS's error."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from everwarm.dynamodb.partiql.grammar import parse
from everwarm.dynamodb.partiql.keywords import KEYWORDS
from everwarm.dynamodb.partiql.tree import (
    Call,
    Delete,
    Exists,
    Insert,
    Literal,
    Parameter,
    Reference,
    Returning,
    Select,
    Sequence,
    Update,
)
from everwarm.errors import ValidationException

MALFORMED = "Statement wasn't well formed, can't be processed: "


def where(condition: str) -> Call:
    statement = parse(f"SELECT * FROM games WHERE {condition}").statement
    assert isinstance(statement, Select)
    assert isinstance(statement.where, Call)
    return statement.where


def problem(statement: str) -> str:
    with pytest.raises(ValidationException) as caught:
        parse(statement)
    return caught.value.message


def test_a_select() -> None:
    statement = parse('SELECT a, b.c[1]."d e" FROM "my-games"."by.team" ORDER BY a DESC, b ASC').statement
    assert isinstance(statement, Select)
    assert statement.paths == (("a",), ("b", "c", 1, "d e"))
    assert (statement.table, statement.index) == ("my-games", "by.team")
    assert statement.order_by == ((("a",), True), (("b",), False))


def test_everything_is_selected() -> None:
    statement = parse("select * from games").statement
    assert isinstance(statement, Select)
    assert (statement.paths, statement.index, statement.where) == (None, None, None)


def test_the_writes() -> None:
    insert = parse("INSERT INTO games VALUE {'a': 1}").statement
    assert isinstance(insert, Insert)
    update = parse("UPDATE games SET a = 1, b = 2 REMOVE c SET d = 3 WHERE a = 1 RETURNING MODIFIED OLD *").statement
    assert isinstance(update, Update)
    assert [one.path for one in update.assignments] == [("a",), ("b",), ("c",), ("d",)]
    assert [one.value is None for one in update.assignments] == [False, False, True, False]
    assert update.returning is Returning.UPDATED_OLD
    delete = parse("DELETE FROM games WHERE a = 1 RETURNING ALL OLD *").statement
    assert isinstance(delete, Delete)
    assert delete.returning is Returning.ALL_OLD
    exists = parse("EXISTS(SELECT * FROM games WHERE a = 1)").statement
    assert isinstance(exists, Exists)


def test_parameters_are_counted_in_the_order_of_the_text() -> None:
    parsed = parse("UPDATE games SET a = ? WHERE b = ? AND c IN [?, ?]")
    assert parsed.parameters == 4
    statement = parsed.statement
    assert isinstance(statement, Update)
    value = statement.assignments[0].value
    assert isinstance(value, Parameter)
    assert value.number == 0


@pytest.mark.parametrize(
    ("condition", "operators"),
    [
        ("a = 1 OR b = 2 AND c = 3", ("or", "=", "and")),
        ("NOT a = 1 AND b = 2", ("and", "not", "=")),
        ("a BETWEEN 1 AND 2 AND b = 3", ("and", "between", "=")),
        ("a NOT IN [1] OR b IS NOT MISSING", ("or", "not", "not")),
        ("(a = 1 OR b = 2) AND c = 3", ("and", "or", "=")),
    ],
)
def test_what_binds_tighter(condition: str, operators: tuple[str, str, str]) -> None:
    root = where(condition)
    below = [one.operator for one in root.operands if isinstance(one, Call)]
    assert (root.operator, *below) == operators


def test_a_chain_is_one_node() -> None:
    assert len(where("a = 1 AND b = 2 AND c = 3 AND d = 4").operands) == 4


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", {"S": "it's"}),
        ("''", {"S": ""}),
        ("1.50", {"N": "1.50"}),
        (".5e-3", {"N": ".5e-3"}),
        ("- 1", {"N": "-1"}),
        ("-(1)", {"N": "-1"}),
        ("- -1", {"N": "1"}),
        ("+1", {"N": "1"}),
        ("True", {"BOOL": True}),
        ("null", {"NULL": True}),
    ],
)
def test_literals(text: str, value: dict[str, object]) -> None:
    literal = where(f"a = {text}").operands[1]
    assert isinstance(literal, Literal)
    assert literal.value == value


def test_parentheses_of_several_values_are_a_list() -> None:
    values = where("a = (1, 2)").operands[1]
    assert isinstance(values, Sequence)
    assert not values.bag
    assert len(values.items) == 2


def test_names_keep_their_case_and_key_words_have_none() -> None:
    root = where("Abc iS nOt Missing")
    [call] = root.operands
    assert isinstance(call, Call)
    assert call.operands == (Reference(("Abc",), call.operands[0].spot),)


def test_a_key_word_is_no_name_unless_it_is_quoted() -> None:
    for word in ("date", "value", "size", "user", "nothing"):
        assert word in KEYWORDS
        assert problem(f"SELECT {word} FROM games").startswith(MALFORMED)
        parse(f'SELECT "{word}" FROM games')


# Reserved words of DynamoDB's expressions that AWS's own examples use unquoted.
@pytest.mark.parametrize("name", ["name", "status", "year", "type", "title", "month"])
def test_names_that_are_no_key_words(name: str) -> None:
    parse(f"SELECT {name} FROM games WHERE {name} = 1")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("", "Expected data manipulation"),
        ("this isn't any", "Expected data manipulation"),
        ('"games', "Expected data manipulation"),
        ("SELECT", "Unexpected term"),
        ('SELECT * FROM "games', "Invalid character"),
        ("SELECT a", "Expected FROM after SELECT list"),
        ("SELECT *, a FROM games", "Other expressions may not be present"),
        ("SELECT * FROM games WHERE", "Unexpected term"),
        ("SELECT * FROM games WHERE a = 'open", "Invalid character"),
        ("SELECT * FROM games WHERE a =", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM games WHERE a IS 1", "Expected type name"),
        ("SELECT * FROM games WHERE a BETWEEN 1", "Expected AND"),
        ("SELECT * FROM games WHERE (a = 1", "Expected RIGHT_PAREN"),
        ("SELECT * FROM games WHERE a = [1", "Expected RIGHT_BRACKET"),
        ("SELECT * FROM games WHERE a = {'b' 1}", "Expected COLON"),
        ("SELECT * FROM games; SELECT * FROM games", "Unexpected token after semicolon"),
        ("INSERT games VALUE {}", "Expected data manipulation"),
        ("INSERT INTO games VALUES {'a': 1}", "Expected LEFT_PAREN for row value constructor"),
        ("UPDATE games WHERE a = 1", "Expected data manipulation"),
        ("UPDATE games SET 'a' = 1 WHERE a = 1", "Expected identifier for simple path"),
        ("UPDATE games SET a WHERE a = 1", "Expected '='"),
        ("UPDATE games REMOVE a, b WHERE a = 1", "Unexpected token after expression"),
        ("UPDATE games SET a = 1 WHERE a = 1 RETURNING NEW *", "Expected ( MODIFIED | ALL ) ( NEW | OLD )"),
        ("DELETE games WHERE a = 1", "Expected FROM after DELETE"),
    ],
)
def test_what_is_no_statement(statement: str, words: str) -> None:
    assert problem(statement).startswith(MALFORMED + words)


@pytest.mark.parametrize(
    ("selected", "spot"),
    [
        ("COUNT(*)", "1:8:5"),
        ("count( * )", "1:8:5"),
        ("COUNT(a)", "1:8:5"),
        ("COUNT(DISTINCT a)", "1:8:5"),
        ("COUNT(ALL a)", "1:8:5"),
        ("a, COUNT(*)", "1:11:5"),
        ("\n  COUNT(*)", "2:3:5"),
        ("SUM(DISTINCT a)", "1:8:3"),
    ],
)
def test_aggregates_are_refused_where_they_stand(selected: str, spot: str) -> None:
    assert problem(f"SELECT {selected} FROM games") == f"Unexpected path component at {spot}"


# AWS complains about what it does not have only where the syntax is right.
def test_syntax_comes_first() -> None:
    assert problem("SELECT a AS b FROM games") == "Aliasing is not supported"
    assert problem("SELECT a AS b FROM games WHERE").startswith(MALFORMED)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "a = 1" + ")" * 2000,
        "NOT " * 2000 + "a = 1",
        "a = " + "[" * 2000 + "]" * 2000,
        "a = " + "{'a':" * 1000 + "1" + "}" * 1000,
        "a = " + "-" * 3000 + "a",
        "a" + "[a" * 1000 + "]" * 1000 + " = 1",
        " AND ".join(["a = 1"] * 700),
        "a = " + " + ".join(["1"] * 1500),
        "a" + " = 1" * 1500,
        "f(" * 2000 + ")" * 2000,
        ".".join("a" * 3000) + " = 1",
    ],
    ids=lambda text: text[:12],
)
def test_depth_and_length_are_refused(text: str) -> None:
    with pytest.raises(ValidationException):
        parse(f"SELECT * FROM games WHERE {text}")


_PARTS = st.sampled_from(
    """
    SELECT * FROM games WHERE a = 1 ' " ` ? , . ; : ( ) [ ] { } << >> < <= > >= <> != + - / % || @ AND OR NOT IN
    BETWEEN IS MISSING NULL LIKE INSERT INTO VALUE VALUES UPDATE SET REMOVE DELETE RETURNING ALL OLD NEW MODIFIED EXISTS
    ORDER BY DESC ASC GROUP HAVING LIMIT AS JOIN ON CAST size( begins_with( list_append( set_add( 1.5 1e9 'text' "name"
    -- /* */ # $ \x00 ß 99999999999999999999 count( select
    """.split()  # noqa: SIM905 - one literal a word would fill a page
)


@given(st.lists(_PARTS, max_size=60), st.sampled_from(["", " ", "\n"]))
@example(["SELECT", "*", "FROM", "games", "WHERE", "(", "SELECT"], " ")
def test_any_words_are_a_statement_or_refused(parts: list[str], between: str) -> None:
    text = between.join(parts)
    try:
        parse(text)
    except ValidationException as err:
        assert err.message  # noqa: PT017 - most texts are refused, not all


@given(st.text(max_size=200))
def test_any_text_is_a_statement_or_refused(text: str) -> None:
    try:
        parse(f"SELECT * FROM games WHERE {text}")
    except ValidationException as err:
        assert err.message  # noqa: PT017 - most texts are refused, not all
