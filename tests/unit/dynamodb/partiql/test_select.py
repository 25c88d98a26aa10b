"""SELECT against a model: whatever way its WHERE clause takes, it finds what looking at every item would find."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.condition import holds
from everwarm.dynamodb.partiql.binding import bind_where
from everwarm.dynamodb.partiql.grammar import parse
from everwarm.dynamodb.partiql.tree import Select
from everwarm.errors import ApiError, ValidationException
from tests.unit.dynamodb.conftest import Call

ITEMS: list[dict[str, Any]] = [
    {"pk": {"S": pk}, "sk": {"N": str(sk)}, **({"n": {"N": str(sk % 3)}, "g": {"S": pk * 2}} if sk % 4 else {})}
    for pk in ("a", "b", "c")
    for sk in range(-2, 6)
]
INDEXES = (None, "by-n", "by-g")


def keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


@pytest.fixture(scope="module")
def filled(call_on: Callable[[Engine], Call]) -> Iterator[Call]:
    """`games`, with a local index by `n` and a global one by `g` and `n`; and `others`, for what is written."""
    engine = Engine.open(None, ManualClock())
    call = call_on(engine)
    every = {"ProjectionType": "ALL"}
    for name in ("games", "others"):
        call(
            "CreateTable",
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=keys("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": one, "AttributeType": tag}
                for one, tag in (("pk", "S"), ("sk", "N"), ("n", "N"), ("g", "S"))
            ],
            LocalSecondaryIndexes=[{"IndexName": "by-n", "KeySchema": keys("pk", "n"), "Projection": every}],
            GlobalSecondaryIndexes=[{"IndexName": "by-g", "KeySchema": keys("g", "n"), "Projection": every}],
        )
        for item in ITEMS:
            call("PutItem", TableName=name, Item=item)
    yield call
    engine.close()


_STRINGS = st.sampled_from(["'a'", "'b'", "'c'", "'aa'", "'bb'", "'z'"])
_NUMBERS = st.sampled_from(["-2", "-1", "0", "1", "2", "3", "5", "9"])
_OPERATORS = st.sampled_from(["=", "=", "=", "<>", "<", "<=", ">", ">="])


def _comparisons(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda operator, value: f"{name} {operator} {value}", _OPERATORS, values),
        st.builds(lambda operator, value: f"{value} {operator} {name}", _OPERATORS, values),
        st.builds(lambda chosen: f"{name} IN [{', '.join(chosen)}]", st.lists(values, min_size=1, max_size=3)),
        st.builds(lambda low, high: f"{name} BETWEEN {low} AND {high}", values, values),
        st.sampled_from([f"{name} IS MISSING", f"{name} IS NOT MISSING"]),
    )


_CONDITIONS = st.recursive(
    st.one_of(
        _comparisons("pk", _STRINGS),
        _comparisons("sk", _NUMBERS),
        _comparisons("n", _NUMBERS),
        _comparisons("g", _STRINGS),
    ),
    lambda inner: st.one_of(
        st.builds(lambda one, other: f"({one} AND {other})", inner, inner),
        st.builds(lambda one, other: f"({one} OR {other})", inner, inner),
        st.builds(lambda one: f"NOT ({one})", inner),
    ),
    max_leaves=6,
)


def found(call: Call, statement: str, limit: int | None) -> list[dict[str, Any]]:
    """All pages."""
    more: dict[str, Any] = {} if limit is None else {"Limit": limit}
    items: list[dict[str, Any]] = []
    while True:
        page = call("ExecuteStatement", Statement=statement, **more)
        items += page["Items"]
        if "NextToken" not in page:
            return items
        more["NextToken"] = page["NextToken"]


def by_key(items: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return sorted((item["pk"]["S"], int(item["sk"]["N"])) for item in items)


@settings(max_examples=100)
@given(st.data())
def test_it_finds_what_is_there(filled: Call, data: st.DataObject) -> None:
    condition, index = data.draw(_CONDITIONS), data.draw(st.sampled_from(INDEXES))
    limit = data.draw(st.sampled_from([None, 1, 3]))
    source = "games" if index is None else f'games."{index}"'
    statement = f"SELECT * FROM {source} WHERE {condition}"
    try:
        select = parse(statement).statement
        assert isinstance(select, Select)
        assert select.where is not None
        where = bind_where(select.where, ())
    except ValidationException as err:
        assert "BETWEEN" in err.message  # noqa: PT017 - bounds that are reversed
        return
    there = [item for item in ITEMS if index is None or "n" in item]
    wanted = [item for item in there if holds(where.condition, item)]
    assert by_key(found(filled, statement, limit)) == by_key(wanted)


_WORDS = st.sampled_from(
    """
    games games."by-g" games."by-n" '' pk sk n g m.x l[0] 'a' 'b' 1 2 -1 ? ? ? true NULL MISSING [1,?] {'a':?} <<1>>
    <<?>> = = <> < > + - AND OR NOT IN BETWEEN IS ( ) , size(n) begins_with(pk,?) contains(n,1) list_append(l,?)
    set_add(n,<<1>>) if_not_exists(n,1) attribute_type(n,'N')
    """.split()  # noqa: SIM905 - one literal a word would fill a page
)
_BEGINNINGS = st.sampled_from(
    [
        "SELECT * FROM games WHERE",
        "SELECT n FROM games WHERE pk = 'a' AND",
        'SELECT * FROM games."by-g" WHERE',
        "SELECT",
        "INSERT INTO others VALUE {'pk': ?, 'sk': 9, 'n':",
        "UPDATE others SET n =",
        "UPDATE others SET",
        "DELETE FROM others WHERE pk = 'a' AND sk = 1 AND",
        "EXISTS(SELECT * FROM games WHERE pk = 'a' AND sk = 1 AND",
    ]
)
_ENDS = st.sampled_from(["", "}", ")", "WHERE pk = 'a' AND sk = 1", "FROM games", "ORDER BY sk", "RETURNING ALL OLD *"])
_PARAMETERS = st.lists(
    st.sampled_from(
        [{"S": "a"}, {"S": ""}, {"N": "1"}, {"BOOL": True}, {"NULL": True}, {"SS": ["a"]}, {"L": []}, {"M": {}}]
    ),
    max_size=3,
)


# The engine's own errors would not be caught here.
@settings(max_examples=150)
@given(_BEGINNINGS, st.lists(_WORDS, max_size=8), _ENDS, _PARAMETERS)
def test_any_statement_is_answered(
    filled: Call, beginning: str, words: list[str], end: str, parameters: list[dict[str, Any]]
) -> None:
    statement = " ".join([beginning, *words, end])
    member = {"Statement": statement, **({"Parameters": parameters} if parameters else {})}
    for action, request in (
        ("ExecuteStatement", member),
        ("BatchExecuteStatement", {"Statements": [member]}),
        ("ExecuteTransaction", {"TransactStatements": [member]}),
    ):
        try:
            filled(action, **request)
        except ApiError as err:
            assert err.message or err.members  # noqa: PT017 - most are refused, not all
