"""pydantic's models, both ways, as far as a model takes what it gives."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, RootModel, SecretStr, field_serializer

from everwarm.cache.values.codec import Codec
from everwarm.dynamodb.values.check import normal_value
from everwarm.errors import UnreadableValue, UnstorableValue
from tests.unit.cache.values.ids import case_name


class Side(Enum):
    BUY = "buy"


class Quote(BaseModel):
    model_config = ConfigDict(frozen=True)

    day: date
    rate: Decimal
    weight: float = 1.0


class Trade(BaseModel):
    id: UUID
    at: datetime
    took: timedelta
    side: Side
    quotes: list[Quote]
    pair: tuple[str, int]
    tags: set[str]
    blob: bytes
    by_day: dict[date, Quote]
    by_number: dict[int, str]
    source: HttpUrl
    note: str | None = None
    name: str = Field(alias="Name")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    lives: int


class Secret(BaseModel):
    token: SecretStr


class Halved(BaseModel):
    size: int

    @field_serializer("size")
    def halve(self, size: int) -> int:
        return size // 2


class Tree(BaseModel):
    children: list["Tree"] = []


class Names(RootModel[list[str]]):
    pass


class Loose(BaseModel):
    value: Any = None


QUOTE = Quote(day=date(2024, 5, 1), rate=Decimal("1480.25000000000000000001"), weight=0.1)
TRADE = Trade(
    id=UUID(int=1),
    at=datetime(2024, 5, 1, 12, tzinfo=UTC),
    took=timedelta(seconds=1.5),
    side=Side.BUY,
    quotes=[QUOTE],
    pair=("EUR/KRW", 1),
    tags={"a"},
    blob=b"\x00\xff",
    by_day={date(2024, 5, 1): QUOTE},
    by_number={1: "a"},
    source=HttpUrl("https://example.com/rates"),
    Name="first",
)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Quote, QUOTE),
        (Trade, TRADE),
        (list[Quote | None], [QUOTE, None]),
        (dict[str, Trade], {"a": TRADE}),
        (list[Cat | Dog], [Dog(lives=1), Cat(lives=9)]),
        (list[Annotated[Cat | Dog, Field(discriminator="kind")]], [Dog(lives=1), Cat(lives=9)]),
        (Tree, Tree(children=[Tree(), Tree(children=[Tree()])])),
        (Names, Names(["a", "b"])),
        (Loose, Loose(value=[1, 0.5, {"a": None}])),
        (Trade | str, TRADE),
    ],
    ids=case_name,
)
def test_a_model_comes_back(annotation: Any, value: Any) -> None:
    codec = Codec(annotation)
    encoded = codec.encode(value)
    assert normal_value(encoded.attribute) == encoded.attribute
    assert codec.decode(encoded.attribute, encoded.encoding) == value


def test_it_is_a_map_of_dynamodb_s_own_types() -> None:
    assert Codec(Quote).encode(QUOTE).attribute == {
        "M": {"day": {"S": "2024-05-01"}, "rate": {"N": "1480.25000000000000000001"}, "weight": {"N": "0.1"}}
    }


@pytest.mark.parametrize(
    ("annotation", "value", "problem"),
    [
        (Secret, Secret(token=SecretStr("hush")), "value: a Secret would not come back as it is"),
        (list[Halved], [Halved(size=4)], "value[0]: a Halved would not come back as it is"),
        (Loose, Loose(value=(1, 2)), "value: a Loose would not come back as it is"),
        (Loose, Loose(value={"a": [float("nan")]}), "value.value.a[0]: NaN is no number that DynamoDB can hold"),
        (Loose, Loose(value=object()), "value.value: pydantic cannot write it: Unable to serialize unknown type"),
        (Quote, TRADE, "value: a Trade, where the function's return annotation has Quote"),
        (
            Any,
            [QUOTE],
            "value[0]: a Quote would come back as a dict; say so in the function's return annotation: -> Quote",
        ),
    ],
    ids=case_name,
)
def test_what_does_not_come_back_is_refused(annotation: Any, value: Any, problem: str) -> None:
    with pytest.raises(UnstorableValue) as raised:
        Codec(annotation).encode(value)
    assert problem in str(raised.value)


def test_what_a_model_does_not_take_is_to_be_loaded_again() -> None:
    with pytest.raises(UnreadableValue, match="the stored value is not of the type Quote: ValidationError"):
        Codec(Quote).decode({"M": {"day": {"S": "yesterday"}}})


# An optional package: who has none of its models does not pay for it.
def test_it_is_not_imported_for_others() -> None:
    code = (
        "import sys, dataclasses\n"
        "from everwarm.cache.values.codec import Codec\n"
        "Q = dataclasses.make_dataclass('Q', [('a', int)])\n"
        "Codec(list[Q]).encode([Q(1)]); Codec().encode([1])\n"
        "assert not {'pydantic', 'pydantic_core', 'zstandard'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
