"""Keys from arguments: readable, the same for the same call, and different for any other."""

import inspect
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.cache.names import Names
from everwarm.cache.values.calls import pack_call, unpack_call
from everwarm.cache.values.keys import MAX_KEY_BYTES, KeyMaker, key_of
from everwarm.dynamodb.values.check import normal_value
from everwarm.errors import CacheError
from tests.unit.cache.values.ids import case_name


class Side(Enum):
    BUY = "buy"


class Tone(StrEnum):
    LOUD = "loud"


class Size(IntEnum):
    LARGE = 1


class Right(Flag):
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Pair:
    base: str
    quote: str = "EUR"


@dataclass
class Loose:
    base: str


Point = namedtuple("Point", "x y")
HERE = __name__


def history(pair: Any, days: int = 30) -> None: ...


def anything(*args: Any, **kwargs: Any) -> None: ...


def strict(first: Any, /, second: Any = None, *rest: Any, third: Any = 3, **others: Any) -> None: ...


def key(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    return key_of(function.__name__, inspect.signature(function), args, kwargs)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("EUR/KRW", "EUR/KRW"),
        ("a.b-c_d@e+f~g", "a.b-c_d@e+f~g"),
        ("Zürich", "Zürich"),
        ("New York", '"New York"'),
        ("a:b", '"a:b"'),
        ('say "hi"\n', '"say \\"hi\\"\\n"'),
        ("", '""'),
        ("1", '"1"'),
        ("None", '"None"'),
        ("nan", '"nan"'),
        ("\ud800", '"\\ud800"'),
        (1, "1"),
        (-1, "-1"),
        (True, "True"),
        (None, "None"),
        (1.0, "1.0"),
        (1e30, "1e+30"),
        (float("inf"), "inf"),
        (Decimal("1.0"), "Decimal(1.0)"),
        (b"\x00a", "bytes(0061)"),
        (date(2024, 5, 1), "date(2024-05-01)"),
        (datetime(2024, 5, 1, tzinfo=UTC), "datetime(2024-05-01T00:00:00+00:00)"),
        (
            datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
            "datetime(2024-10-27T02:30:00+01:00[Europe/Berlin][later])",
        ),
        (time(12), "time(12:00:00)"),
        (timedelta(days=1, seconds=2), "timedelta(1d2s0us)"),
        (UUID(int=1), "UUID(00000000-0000-0000-0000-000000000001)"),
        (Side.BUY, f"{HERE}.Side(BUY)"),
        (Tone.LOUD, f"{HERE}.Tone(LOUD)"),
        (Size.LARGE, f"{HERE}.Size(LARGE)"),
        (Right(0), f"{HERE}.Right(0)"),
        (Right.READ | Right.WRITE, f"{HERE}.Right(READ|WRITE)"),
        ((1, "a"), "(1,a)"),
        ((), "()"),
        ([1, ("a",)], "[1,(a)]"),
        (frozenset({"b", "a"}), "{a,b}"),
        (frozenset(), "{}"),
        ({"b": 1, "a": [2]}, "{a=[2],b=1}"),
        ({}, "{=}"),
        (Pair("KRW"), f"{HERE}.Pair(base=KRW,quote=EUR)"),
        (Point(1, 2), f"{HERE}.Point(x=1,y=2)"),
    ],
    ids=case_name,
)
def test_how_each_type_is_written(value: Any, written: str) -> None:
    assert key(history, value) == f"history:{written}:30"


def test_defaults_and_names_make_no_difference() -> None:
    keys = {
        key(history, "EUR/KRW"),
        key(history, "EUR/KRW", 30),
        key(history, pair="EUR/KRW"),
        key(history, days=30, pair="EUR/KRW"),
    }
    assert keys == {"history:EUR/KRW:30"}


def test_parameters_of_every_kind() -> None:
    assert key(anything) == "anything"
    assert key(anything, 1, 2, b=1, a=2) == "anything:*:1:2:a=2:b=1"
    assert key(anything, **{"a b": 1}) == 'anything:"a b"=1'
    assert key(strict, 1) == "strict:1:None:third=3"
    assert key(strict, 1, 2, 3, third=4, fourth=5) == "strict:1:2:*:3:third=4:fourth=5"


def test_wrong_arguments_are_told_as_python_does() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'pair'"):
        key(history)
    with pytest.raises(TypeError, match="too many positional arguments"):
        key(history, 1, 2, 3)
    with pytest.raises(TypeError, match="multiple values for argument 'pair'"):
        key(history, 1, pair=2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'day'"):
        key(history, 1, day=2)


def test_the_whole_call_is_what_is_kept() -> None:
    maker = KeyMaker("history", inspect.signature(history))
    assert maker.full(("EUR/KRW",), {}) == (("EUR/KRW", 30), {})
    assert maker.full((), {"days": 3, "pair": "EUR/KRW"}) == (("EUR/KRW", 3), {})
    maker = KeyMaker("strict", inspect.signature(strict))
    assert maker.full((1,), {"b": 2}) == ((1, None), {"third": 3, "b": 2})


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (object(), "it is, or holds, an object"),
        ([object()], "it is, or holds, an object"),
        (Loose("a"), "a Loose may change; make it @dataclass(frozen=True)"),
        (bytearray(b"a"), "it is, or holds, a bytearray"),
        (1j, "it is, or holds, a complex"),
        (10**5000, "Exceeds the limit"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_key_can_be_made_of(value: Any, problem: str) -> None:
    with pytest.raises(CacheError) as raised:
        key(history, value)
    text = str(raised.value)
    assert text.startswith("history(): no key can be made of the argument 'pair': ")
    assert problem in text
    assert "@cache.cached(key=lambda ...: ...)" in text
    with pytest.raises(CacheError, match=r"the argument '\*args'"):
        key(anything, value)


def test_arguments_that_hold_themselves() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(CacheError, match="nested deeper than 8 levels"):
        key(history, endless)


# ZoneInfo names its zone; others cannot be told apart.
def test_a_time_zone_of_another_library() -> None:
    class Zone(tzinfo):
        def utcoffset(self, when: datetime | None) -> timedelta:
            return timedelta(0)

        def dst(self, when: datetime | None) -> None:
            return None

        def tzname(self, when: datetime | None) -> str:
            return "Nowhere"

    with pytest.raises(CacheError, match=r"take one of zoneinfo or datetime.timezone"):
        key(history, datetime(2024, 1, 1, tzinfo=Zone()))


def test_a_method_is_refused_when_it_is_decorated() -> None:
    class Source:
        def history(self, pair: str) -> None: ...

    with pytest.raises(CacheError, match="history is a method: its keys would have to tell one 'self' from another"):
        KeyMaker("history", inspect.signature(Source.history))


def test_long_keys_end_in_a_hash() -> None:
    long = key(history, "EUR/" + "ü" * 2000)
    other = key(history, "EUR/" + "ü" * 2001)
    assert len(long.encode()) in (MAX_KEY_BYTES, MAX_KEY_BYTES - 1)
    assert long.startswith("history:EUR/üüü")
    assert long != other
    assert long[:400] == other[:400]
    assert Names().checked(long) == long
    exactly = "a" * (MAX_KEY_BYTES - len("history::30"))
    assert key(history, exactly) == f"history:{exactly}:30"
    assert "#" in key(history, exactly + "a")


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.sampled_from(["1", "True", "None", "a:b", "a,b", "(a)", "a=1", '"a"', "{}", "#"]),
    st.binary(max_size=5),
    st.decimals(allow_nan=False),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.datetimes(timezones=st.sampled_from([None, UTC, ZoneInfo("Asia/Seoul"), timezone(timedelta(hours=9))])),
    st.sampled_from([Side.BUY, Tone.LOUD, Size.LARGE, *Right, Right(0), Right(3)]),
)
arguments = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(scalars, max_size=3),
        st.dictionaries(scalars, inner, max_size=3),
        st.builds(Pair, inner, inner),
        st.builds(Point, inner, inner),
    ),
    max_leaves=6,
)
calls = st.tuples(
    st.lists(arguments, max_size=3), st.dictionaries(st.text(min_size=1, max_size=3), arguments, max_size=2)
)
MAKER = KeyMaker("anything", inspect.signature(anything), max_bytes=10**9)


def same(one: Any, other: Any) -> bool:
    """Equal and of equal types, all the way down; == has 1 == True == 1.0."""
    return bool(exact(one) == exact(other))


def exact(value: Any) -> Any:
    if isinstance(value, datetime | time):
        return (
            type(value),
            value.isoformat(),
            str(value.tzinfo) if isinstance(value.tzinfo, ZoneInfo) else "",
            value.fold,
        )
    if isinstance(value, Pair):
        return Pair, exact(value.base), exact(value.quote)
    if isinstance(value, list | tuple):
        return type(value), tuple(map(exact, value))
    if isinstance(value, dict):
        return dict, frozenset((exact(key), exact(inner)) for key, inner in value.items())
    if isinstance(value, set | frozenset):
        return frozenset, frozenset(map(exact, value))
    if isinstance(value, float | Decimal):
        return type(value), str(value)
    return type(value), value


@given(calls, calls)
def test_different_calls_have_different_keys(one: Any, other: Any) -> None:
    assert (MAKER(*one) == MAKER(*other)) == same(one, other)


@given(calls)
def test_a_call_can_be_made_again(call: tuple[list[Any], dict[str, Any]]) -> None:
    args, kwargs = call
    attribute = pack_call(args, kwargs)
    assert normal_value(attribute) == attribute
    again = unpack_call(attribute)
    assert same(again, (tuple(args), kwargs))
    assert MAKER(*again) == MAKER(args, kwargs)


# Two arguments that are written next to each other, where a separator forgotten would show.
@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_texts_do_not_run_together(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (MAKER(one, {}) == MAKER(other, {})) == (one == other)


def test_the_deepest_arguments_can_be_kept() -> None:
    deepest: Any = datetime(2024, 1, 1, tzinfo=UTC)
    for _ in range(7):
        deepest = {"a": deepest}
    assert key(history, deepest)
    item = {"M": {"call": pack_call([deepest], {})}}
    normal_value(item["M"]["call"])
    assert unpack_call(item["M"]["call"]) == ((deepest,), {})


def test_a_call_in_the_table_is_readable() -> None:
    assert pack_call(("EUR/KRW", 30), {"strict": True}) == {
        "M": {"args": {"L": [{"S": "EUR/KRW"}, {"N": "30"}]}, "kwargs": {"M": {"strict": {"BOOL": True}}}}
    }


def test_a_class_that_cannot_be_found_again() -> None:
    @dataclass(frozen=True)
    class Local:
        base: str

    with pytest.raises(CacheError, match="define it at its module's level"):
        pack_call((Local("a"),), {})


@pytest.mark.parametrize("value", [object(), Loose("a"), bytearray(b"a")], ids=lambda value: type(value).__name__)
def test_what_cannot_be_kept(value: Any) -> None:
    with pytest.raises(CacheError, match="among the arguments cannot be kept beside the result"):
        pack_call((), {"pair": [value]})


# What lies in a table is not to be trusted with what is called.
@pytest.mark.parametrize(
    "named",
    [("os", "system"), ("nowhere", "Side"), (HERE, "Loose"), (HERE, "Gone"), ("subprocess", "Popen"), (HERE, "Side")],
)
def test_only_frozen_dataclasses_are_made(named: tuple[str, str]) -> None:
    attribute = {"M": {"$dataclass": {"L": [{"L": [{"S": named[0]}, {"S": named[1]}]}, {"M": {"base": {"S": "a"}}}]}}}
    with pytest.raises(CacheError, match="no such class"):
        unpack_call({"M": {"args": {"L": [attribute]}, "kwargs": {"M": {}}}})


@pytest.mark.parametrize(
    "attribute",
    [{}, {"M": {}}, {"S": "a"}, {"M": {"args": {"L": [{"M": {"$nothing": {"S": ""}}}]}, "kwargs": {"M": {}}}}],
)
def test_a_broken_call_is_an_error_of_ours(attribute: dict[str, Any]) -> None:
    with pytest.raises(CacheError, match="the arguments kept with an entry cannot be read"):
        unpack_call(attribute)
