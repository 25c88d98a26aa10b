"""What a function says that it returns is what comes back."""

import dataclasses
import sys
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, localcontext
from enum import Enum, Flag, IntEnum, StrEnum
from types import SimpleNamespace
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    TypedDict,
    TypeVar,
)
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.cache.values.codec import Codec
from everwarm.dynamodb.values.check import normal_value
from everwarm.errors import UnreadableValue, UnstorableValue
from tests.unit.cache.values.ids import case_name

if TYPE_CHECKING:
    from nowhere import Missing  # type: ignore[import-not-found]


class Side(Enum):
    BUY = "buy"
    SELL = "sell"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Tone(StrEnum):
    LOUD = "loud"


class Mixed(Enum):
    ONE = 1
    PAIR = (1, 2)


class Right(Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: Decimal = Decimal("0.5")


@dataclass
class Quote:
    date: str
    rate: float


@dataclass(frozen=True, slots=True)
class Trade:
    at: datetime
    side: Side
    price: Decimal
    quote: Quote | None = None
    tags: frozenset[str] = frozenset()
    final: bool = field(default=False, kw_only=True)


@dataclass
class Tree:
    name: str
    children: list["Tree"] = field(default_factory=list)


@dataclass
class Computed:
    width: int
    area: int = field(init=False)

    def __post_init__(self) -> None:
        self.area = self.width**2


class Row(TypedDict):
    day: date
    rate: Decimal
    note: NotRequired[str | None]


Pair = NewType("Pair", str)
T = TypeVar("T")
NOON = datetime(2024, 5, 1, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=9)))


def bad_quote(rate: Any) -> Quote:
    return Quote("b", rate)


def round_trip(annotation: Any, value: Any) -> tuple[dict[str, Any], Any]:
    codec = Codec(annotation)
    encoded = codec.encode(value)
    assert normal_value(encoded.attribute) == encoded.attribute
    return encoded.attribute, codec.decode(encoded.attribute, encoded.encoding)


@pytest.mark.parametrize(
    ("annotation", "value", "attribute"),
    [
        (None, None, {"NULL": True}),
        (float, 1.0, {"N": "1"}),
        (Decimal, Decimal("1.50"), {"N": "1.5"}),
        (datetime, NOON, {"S": "2024-05-01T12:00:00.000001+09:00"}),
        (date, date(2024, 5, 1), {"S": "2024-05-01"}),
        (time, time(12, 30), {"S": "12:30:00"}),
        (timedelta, timedelta(minutes=1, microseconds=-1), {"N": "59.999999"}),
        (UUID, UUID(int=1), {"S": "00000000-0000-0000-0000-000000000001"}),
        (Side, Side.BUY, {"S": "buy"}),
        (Size, Size.LARGE, {"N": "2"}),
        (Tone, Tone.LOUD, {"S": "loud"}),
        (Mixed, Mixed.PAIR, {"S": "PAIR"}),
        (Right, Right.READ | Right.WRITE, {"N": "3"}),
        (bytearray, bytearray(b"a"), {"B": "YQ=="}),
        (memoryview, memoryview(b"a"), {"B": "YQ=="}),
        (list[float], [1.0, 2.5], {"L": [{"N": "1"}, {"N": "2.5"}]}),
        (tuple[int, str], (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        (tuple[float, ...], (1.0,), {"L": [{"N": "1"}]}),
        (tuple[()], (), {"L": []}),
        (tuple, (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        (set[str], {"b", "a"}, {"SS": ["a", "b"]}),
        (set[str], set(), {"L": []}),
        (frozenset[UUID], frozenset({UUID(int=0)}), {"SS": ["00000000-0000-0000-0000-000000000000"]}),
        (set[Decimal], {Decimal("0.1")}, {"NS": ["0.1"]}),
        (set[bytes], {b"a"}, {"BS": ["YQ=="]}),
        (set[tuple[int, int]], {(1, 2)}, {"L": [{"L": [{"N": "1"}, {"N": "2"}]}]}),
        (dict[str, float], {"a": 1.0}, {"M": {"a": {"N": "1"}}}),
        (dict[int, str], {1: "a"}, {"M": {"1": {"S": "a"}}}),
        (dict[date, bool], {date(2024, 5, 1): True}, {"M": {"2024-05-01": {"BOOL": True}}}),
        (dict[Side, list[str]], {Side.BUY: ["a"]}, {"M": {"buy": {"L": [{"S": "a"}]}}}),
        (Sequence[int], [1], {"L": [{"N": "1"}]}),
        (Iterable[bool], [True], {"L": [{"BOOL": True}]}),
        (Mapping[str, int], {"a": 1}, {"M": {"a": {"N": "1"}}}),
        (AbstractSet[int], frozenset({1}), {"NS": ["1"]}),
        (Point, Point(1), {"M": {"x": {"N": "1"}, "y": {"N": "0.5"}}}),
        (Quote, Quote("2024-05-01", 2.0), {"M": {"date": {"S": "2024-05-01"}, "rate": {"N": "2"}}}),
        (Row, {"day": date(2024, 5, 1), "rate": Decimal(1)}, {"M": {"day": {"S": "2024-05-01"}, "rate": {"N": "1"}}}),
        (Computed, Computed(3), {"M": {"width": {"N": "3"}, "area": {"N": "9"}}}),
        (Tree, Tree("a", [Tree("b")]), None),
        (Quote | None, None, {"NULL": True}),
        (list[Quote | None], [None, Quote("a", 0.5)], None),
        (int | float, 0.5, {"N": "0.5"}),
        (int | str | None, "a", {"S": "a"}),
        (str | datetime, NOON, {"S": "2024-05-01T12:00:00.000001+09:00"}),
        (str | datetime, "no moment", {"S": "no moment"}),
        (Quote | Tree, Tree("a"), None),
        (Quote | Point | list[Quote], [Quote("a", 1.0)], None),
        (list[int] | tuple[str, ...], ("a",), {"L": [{"S": "a"}]}),
        (Literal["up", "down"], "up", {"S": "up"}),
        (Literal[1, None], None, {"NULL": True}),
        (Annotated[Pair, "shown"], Pair("EUR/KRW"), {"S": "EUR/KRW"}),
        (list.__class_getitem__(T), [1, "a"], {"L": [{"N": "1"}, {"S": "a"}]}),
        (object, {"a": [1]}, {"M": {"a": {"L": [{"N": "1"}]}}}),
    ],
    ids=case_name,
)
def test_it_comes_back_as_it_was(annotation: Any, value: Any, attribute: dict[str, Any] | None) -> None:
    stored, back = round_trip(annotation, value)
    assert back == value
    assert type(back) is type(value)
    assert attribute is None or stored == attribute


def test_all_of_it_at_once() -> None:
    trade = Trade(NOON, Side.SELL, Decimal("1.25"), Quote("d", 3.0), frozenset({"a", "b"}), final=True)
    value: dict[str, list[tuple[Trade, Row]]] = {
        "a": [(trade, {"day": date(2024, 1, 1), "rate": Decimal("0.1"), "note": None})]
    }
    _, back = round_trip(dict[str, list[tuple[Trade, Row]]], value)
    assert back == value
    assert type(back["a"][0][0].quote.rate) is float
    assert type(back["a"][0][1]["rate"]) is Decimal


@given(
    st.datetimes(
        timezones=st.none() | st.integers(-86399, 86399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
    )
)
def test_every_datetime(value: datetime) -> None:
    _, back = round_trip(datetime, value)
    assert back == value
    assert back.utcoffset() == value.utcoffset()


@given(st.timedeltas())
def test_every_timedelta_whatever_decimals_are_rounded_to(value: timedelta) -> None:
    with localcontext() as context:
        context.prec = 3
        assert round_trip(timedelta, value)[1] == value


@given(
    st.lists(
        st.builds(Quote, st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**53), 2**53).map(float))
    )
)
def test_every_list_of_dataclasses(value: list[Quote]) -> None:
    assert round_trip(list[Quote], value)[1] == value


@pytest.mark.parametrize(
    ("annotation", "value", "problem"),
    [
        (
            list[Quote],
            [Quote("a", 1.0), bad_quote("x")],
            "value[1].rate: a str, where the function's return annotation has float",
        ),
        (list[Quote], [{"date": "a"}], "value[0]: a dict, where the function's return annotation has Quote"),
        (dict[str, float], {"a": None}, "value.a: None, where the function's return annotation has float"),
        (dict[str, float], {"a": Decimal(1)}, "value.a: a Decimal, where the function's return annotation has float"),
        (float, 2**53 + 1, "value: the int 9007199254740993, to which no float is equal"),
        (date, datetime(2024, 1, 1, tzinfo=UTC), "value: a datetime, where the function's return annotation has date"),
        (tuple[int, int], (1, 2, 3), "value: a tuple of 3, where the function's return annotation has tuple[int, int]"),
        (list[int], (i for i in range(3)), "value: a generator, where the function's return annotation has list[int]"),
        (int | str, 0.5, "value: a float, where the function's return annotation has int | str"),
        (Quote | None, bad_quote([1]), "value.rate: a list, where the function's return annotation has float"),
        (str | datetime, "2024-05-01", "value: it would come back as another type of str | datetime"),
        (dict[int, str], {"a": "b"}, "value: a str, where the function's return annotation has int"),
        (Tone | dict[str, Any], {"a": 1j}, "value.a: complex is no type"),
    ],
    ids=case_name,
)
def test_what_is_not_as_the_function_says(annotation: Any, value: Any, problem: str) -> None:
    with pytest.raises(UnstorableValue) as raised:
        Codec(annotation).encode(value)
    assert problem in str(raised.value)


# It is told when the function is decorated, not at three in the morning.
@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (complex, "complex is no type that DynamoDB can hold"),
        (list[complex], "complex is no type that DynamoDB can hold"),
        (Iterator[int], "collections.abc.Iterator[int] is no type that DynamoDB can hold"),
        (SimpleNamespace, "SimpleNamespace is no type that DynamoDB can hold"),
        (dict[bool, int], "a dict's keys are text or numbers in DynamoDB; bool is neither"),
        (dict[tuple[int, int], int], "a dict's keys are text or numbers in DynamoDB; tuple[int, int] is neither"),
    ],
    ids=case_name,
)
def test_what_can_never_be_stored(annotation: Any, problem: str) -> None:
    def load() -> None: ...

    load.__annotations__["return"] = annotation
    with pytest.raises(UnstorableValue) as raised:
        Codec.of(load)
    assert "load() returns what " in str(raised.value)
    assert problem in str(raised.value)


def test_an_init_var_is_nothing_that_could_be_kept() -> None:
    with pytest.raises(UnstorableValue, match="scale is an InitVar"):
        Codec(dataclasses.make_dataclass("Scaled", [("scale", dataclasses.InitVar[int]), ("size", int)]))


def test_a_function_s_own_annotation() -> None:
    async def load(pair: str) -> list[Quote]:
        return []

    def bare(pair):  # type: ignore[no-untyped-def]
        return pair

    codec = Codec.of(load)
    assert codec.decode(codec.encode([Quote("a", 1.0)]).attribute) == [Quote("a", 1.0)]
    assert Codec.of(bare).encode(["a"]).attribute == {"L": [{"S": "a"}]}
    with pytest.raises(UnstorableValue):
        Codec.of(load).encode(["a"])


# Names that are imported for type checkers only are common, and lists of text can be cached all the same.
def test_an_annotation_that_cannot_be_resolved_is_as_none() -> None:
    def load() -> "list[Missing]":
        raise NotImplementedError

    codec = Codec.of(load)
    assert codec.decode(codec.encode(["a"]).attribute) == ["a"]
    with pytest.raises(UnstorableValue, match=r"\(the annotation cannot be resolved: name 'Missing' is not defined\)$"):
        codec.encode((1, 2))


def test_fields_that_cannot_be_resolved_are_told() -> None:
    @dataclass
    class Holder:
        missing: "Missing"

    with pytest.raises(UnstorableValue, match=r"the annotations of .*Holder cannot be resolved: name 'Missing'"):
        Codec(Holder)


# Values of an earlier form of a class are in the table when the new program starts.
def test_a_class_may_grow_and_shrink() -> None:
    stored = Codec(Point).encode(Point(1, Decimal(2))).attribute
    del stored["M"]["y"]
    assert Codec(Point).decode(stored) == Point(1, Decimal("0.5"))
    stored["M"]["z"] = {"S": "gone"}
    assert Codec(Point).decode(stored) == Point(1, Decimal("0.5"))
    del stored["M"]["x"]
    with pytest.raises(UnreadableValue, match="the stored value is not of the type Point: TypeError"):
        Codec(Point).decode(stored)


@pytest.mark.parametrize("attribute", [{"S": "a"}, {"M": {"rate": {"S": "x"}, "date": {"S": "a"}}}, {"NULL": True}])
def test_what_does_not_fit_is_to_be_loaded_again(attribute: dict[str, Any]) -> None:
    with pytest.raises(UnreadableValue, match="the stored value is not of the type Quote"):
        Codec(Quote).decode(attribute)


def test_a_tree_that_holds_itself() -> None:
    tree = Tree("a")
    tree.children.append(Tree("b", [tree]))
    with pytest.raises(UnstorableValue) as raised:
        Codec(Tree).encode(tree)
    assert str(raised.value) == "value.children[0].children[0]: a value that holds itself cannot be stored"


# The encoding of Decimals is that of the untyped parts alone.
def test_a_float_s_place_keeps_floats_beside_untyped_decimals() -> None:
    _, back = round_trip(tuple[float, Any], (0.5, Decimal("0.1")))
    assert back == (0.5, Decimal("0.1"))
    assert [type(value) for value in back] == [float, Decimal]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="`type` statements came with Python 3.12")
def test_a_type_statement_may_speak_of_itself() -> None:
    names: dict[str, Any] = {}
    exec("type Json = dict[str, Json] | list[Json] | str | int | None", names)
    value = {"a": [1, {"b": None}]}
    assert round_trip(names["Json"], value)[1] == value


def test_awaitables_are_what_they_are_not() -> None:
    def load() -> Awaitable[int]:
        raise NotImplementedError

    with pytest.raises(UnstorableValue):
        Codec.of(load)
