"""Requests of every operation that there is, made from the shapes of its model: valid-looking, then spoilt.

Most have to get past the first checks to be worth anything, so some members have values that mean something: names of
tables, keys, expressions. An operation or member that is new is made from its shape without a word here.
"""

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import strategies as st

from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.api.model import ATTRIBUTE_VALUE, TABLE_NAME, Model
from tests.fuzz.sound import SOUND

Strategy = st.SearchStrategy[Any]

SERVICES = {"DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "dynamodbstreams"}
MAX_DEPTH = 8

ATTRIBUTES = ("pk", "sk", "a", "b", "ttl")
TOKENS = (
    *(
        "pk",
        "sk",
        "a",
        "b.c",
        "a[0]",
        "a[9]",
        "#n",
        "#m",
        ":v",
        ":w",
        "size(a)",
        "ttl",
        "x" * 300,
        "é",
        "'q'",
        '"q"',
        "1",
    ),
    *("=", "<>", "<", ">=", "+", "-", ",", "(", ")", "(", ")", ".", "[", "]", "?", "*", "{", "}", "\x00"),
    *("AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE", "SELECT", "FROM", "WHERE", "INSERT INTO"),
    *(
        "VALUE",
        "UPDATE",
        '"fuzz-pairs"',
        "IS MISSING",
        "if_not_exists(a, :v)",
        "list_append(a, :w)",
        "begins_with(a, :v)",
    ),
    *("attribute_exists(a)", "attribute_type(a, :v)", "contains(a, :v)"),
)
EXPRESSIONS = (
    *("pk = :v", "pk = :v AND sk > :w", "pk = :v AND sk BETWEEN :v AND :w", "#n = :v", "attribute_not_exists(pk)"),
    *("SET a = :v", "SET a = if_not_exists(a, :v) + :w", "REMOVE a, b.c", "ADD a :v", "DELETE a :v", "SET #n = :v"),
    *("a, b.c, #n", "size(a) > :v AND NOT (b = :w OR contains(a, :v))", "a IN (:v, :w)"),
    *("SELECT * FROM \"fuzz-pairs\" WHERE pk = 'a'", "INSERT INTO \"fuzz-plain\" VALUE {'pk': 'a'}"),
    *("UPDATE \"fuzz-plain\" SET a = 1 WHERE pk = 'a'", "DELETE FROM \"fuzz-plain\" WHERE pk = 'a'"),
)
NUMBERS = ("0", "-1", "1", "1.50", "1e5", "9" * 38, "9" * 39, "1e125", "1e126", "-1e-130", "1e-131", "1e999999999", "x")


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What exists where the requests go.

    Attributes:
        tables: names and ARNs of tables that stay.
        passing: names of tables that requests may make and delete.
        known: values that a member of that name may have, such as a stream's ARN.
    """

    tables: tuple[str, ...]
    passing: tuple[str, ...]
    known: dict[str, tuple[Any, ...]] = field(default_factory=dict)


@st.composite
def bodies(draw: st.DrawFn, world: World) -> tuple[str, bytes]:
    """Targets and bodies."""
    dice = draw(st.integers(0, 19))
    if dice == 0:
        return draw(st.sampled_from(sorted(operations()))), draw(_BYTES)
    if dice < 8:
        target = draw(st.sampled_from(sorted(operations())))
        request = draw(_from_shape(world, target))
    else:
        name, sound = draw(st.sampled_from(_sound()))
        target, request = f"DynamoDB_20120810.{name}", _varied(draw, copy.deepcopy(sound))
    if dice % 2:
        request = _spoilt(draw, copy.deepcopy(request))
    body = _encode(request)
    if draw(st.integers(0, 19)) == 0:
        at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 3))
        body = body[:at] + draw(st.binary(max_size=3)) + body[at + length :]
    return target, body


def _sound() -> list[tuple[str, dict[str, Any]]]:
    return [(name, request) for name, request in SOUND if f"DynamoDB_20120810.{name}" in operations()]


@cache
def _from_shape(world: World, target: str) -> Strategy:
    service, _, name = target.partition(".")
    model = Model(SERVICES[service])
    return _Maker(world, model, name).of(model.request(name))


class _Maker:
    """Makes values of one operation's shapes."""

    def __init__(self, world: World, model: Model, operation: str) -> None:
        self._world = world
        self._model = model
        self._tables = st.sampled_from(
            world.passing if operation in ("CreateTable", "DeleteTable") else (*world.tables, *world.passing)
        )

    def of(self, name: str, member: str = "", depth: int = 0) -> Strategy:
        shape = self._model[name]
        if name == ATTRIBUTE_VALUE:
            return _VALUES
        if member in self._world.known:
            return st.sampled_from(self._world.known[member])
        if name == TABLE_NAME or member == "TableName":
            return self._tables
        if self._model.is_item(name):
            return _VARIABLES if member == "ExpressionAttributeValues" else _ITEMS
        match shape["type"]:
            case "structure":
                return self._structure(shape, depth)
            case "list":
                inner = self.of(shape["member"]["shape"], depth=depth + 1)
                return st.lists(inner, min_size=min(1, shape.get("min", 1)), max_size=3)
            case "map":
                return self._map(shape, member, depth)
            case "string":
                return _text(shape, member)
            case "boolean":
                return st.booleans()
            case "timestamp" | "double":
                return st.floats(0, 2e9)
            case _:
                return st.integers(shape.get("min", 0), min(shape.get("max", 100), 100))

    def _structure(self, shape: dict[str, Any], depth: int) -> Strategy:
        if depth > MAX_DEPTH:
            return st.just({})
        members = {member: self.of(inner["shape"], member, depth + 1) for member, inner in shape["members"].items()}
        required = {member: members.pop(member) for member in shape.get("required", ())}
        # A few of the optional members at a time: nearly all of them together are refused for that.
        return (
            st.lists(st.sampled_from(sorted(members)), max_size=4, unique=True).flatmap(
                lambda chosen: st.fixed_dictionaries({**required, **{member: members[member] for member in chosen}})
            )
            if members
            else st.fixed_dictionaries(required)
        )

    def _map(self, shape: dict[str, Any], member: str, depth: int) -> Strategy:
        keys: Strategy = st.sampled_from(ATTRIBUTES)
        if shape["key"]["shape"] == TABLE_NAME:
            keys = self._tables
        elif member == "ExpressionAttributeNames":
            keys = st.sampled_from(("#n", "#m"))
        return st.dictionaries(keys, self.of(shape["value"]["shape"], depth=depth + 1), min_size=1, max_size=3)


def _text(shape: dict[str, Any], member: str) -> Strategy:
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    if member.endswith("Expression") or member == "Statement":
        return st.one_of(st.sampled_from(EXPRESSIONS), _EXPRESSION)
    if member == "IndexName":
        return st.sampled_from(("by-a", "by-b", "none"))
    return st.one_of(st.sampled_from(ATTRIBUTES), st.text(max_size=8))


_EXPRESSION = st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join)
_STRINGS = st.one_of(st.sampled_from(("", "a", "b", "é" * 3)), st.text(max_size=5))
_PLAIN = st.one_of(
    st.fixed_dictionaries({"S": _STRINGS}),
    st.fixed_dictionaries({"N": st.sampled_from(NUMBERS)}),
    st.fixed_dictionaries({"B": st.sampled_from(("", "AA==", "AAEC", "AB==", "x"))}),
    st.fixed_dictionaries({"BOOL": st.booleans()}),
    st.just({"NULL": True}),
    st.fixed_dictionaries({"SS": st.lists(_STRINGS, min_size=1, max_size=3, unique=True)}),
    st.fixed_dictionaries({"NS": st.lists(st.sampled_from(NUMBERS[:5]), min_size=1, max_size=3)}),
)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"M": st.dictionaries(st.sampled_from(ATTRIBUTES), inner, max_size=3)}),
    ),
    max_leaves=5,
)
_KEY = {"pk": st.fixed_dictionaries({"S": st.sampled_from(("a", "b", "c"))})}
_PAIR = {**_KEY, "sk": st.fixed_dictionaries({"N": st.sampled_from(NUMBERS[:5])})}
_ITEMS = st.one_of(
    st.fixed_dictionaries(_KEY),
    st.fixed_dictionaries(_PAIR),
    st.fixed_dictionaries(_PAIR, optional={"a": _VALUES, "b": _VALUES, "ttl": _VALUES}),
    st.dictionaries(st.sampled_from(ATTRIBUTES), _VALUES, max_size=3),
)
_VARIABLES = st.dictionaries(st.sampled_from((":v", ":w")), _VALUES, min_size=1, max_size=2)

# What is nested deeper than Python would make it, or is no JSON at all, is put in as text.
_DEEP, _RAW = "@deep@", "@raw@"
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 1.5, -0.0, 1e308)),
    st.sampled_from((_DEEP, _RAW, "", "\x00", "arn:aws:dynamodb:us-east-1:0:table/", "x" * 70_000, "{}", "yes")),
    st.text(max_size=20),
    st.sampled_from(([], {}, [None], {"": None}, [[]], [{}], {"S": "a"}, {"S": "a", "N": "1"}, {"L": [{}]}, {"M": 1})),
)
_BYTES = st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode), st.just(b"[" * 3000))


def _varied(draw: st.DrawFn, request: Any) -> Any:
    """A request with up to three of its values replaced by others that might do."""
    for _ in range(draw(st.integers(0, 3))):
        places = [(holder, key) for holder, key in _places(request) if key not in ("TableName", "Key")]
        if not places:
            break
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        value = holder[key]
        if isinstance(value, dict) and len(value) == 1 and isinstance(key, str) and next(iter(value)).isupper():
            holder[key] = draw(_VALUES)
        elif isinstance(value, bool):
            holder[key] = not value
        elif isinstance(value, int):
            holder[key] = draw(st.integers(0, 9))
        elif isinstance(key, str) and key.endswith("Expression"):
            holder[key] = draw(st.one_of(st.sampled_from(EXPRESSIONS), _EXPRESSION))
        elif isinstance(value, str) and isinstance(key, str) and len(key) < 3:
            holder[key] = draw(_STRINGS)
    return request


def _spoilt(draw: st.DrawFn, request: Any) -> Any:
    """A request with one to three of its parts replaced by something else, or gone."""
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(request))
        if not places:
            return copy.deepcopy(draw(_JUNK))
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        if draw(st.integers(0, 5)):
            holder[key] = copy.deepcopy(draw(_JUNK))
        else:
            del holder[key]
    return request


def _places(value: Any) -> Any:
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from _places(inner)


def _encode(request: Any) -> bytes:
    text = json.dumps(request, ensure_ascii=False)
    deep = '{"L": [' * 300 + "]}" * 300
    text = text.replace(f'"{_DEEP}"', deep).replace(f'"{_RAW}"', "NaN")
    return text.encode("utf-8", "surrogatepass")
