"""What type checkers see of decorated functions: mypy checks this file, and nobody runs it."""

from typing import assert_type

from everwarm import Cache, Entry

rates = Cache("rates", directory=None)


@rates.cached
def history(pair: str, days: int = 30) -> list[dict[str, float]]:
    return [{pair: float(days)}]


@rates.cached(refresh="1h", tags=["daily"])
def closing(pair: str) -> float:
    return 1.5


@rates.cached
async def opening(pair: str, *, adjusted: bool = False) -> float | None:
    return None


@rates.cached(keep="2d")
async def volume(pair: str) -> int:
    return 1


@rates.loader
def plain(key: str) -> bytes:
    return key.encode()


def sync() -> None:
    assert_type(history("EUR/KRW"), list[dict[str, float]])
    assert_type(history("EUR/KRW", days=7), list[dict[str, float]])
    assert_type(history.entry("EUR/KRW"), Entry[list[dict[str, float]]])
    assert_type(history.peek("EUR/KRW", 7), Entry[list[dict[str, float]]] | None)
    assert_type(history.fresh("EUR/KRW"), list[dict[str, float]])
    assert_type(history.refresh("EUR/KRW"), list[dict[str, float]])
    assert_type(history.key("EUR/KRW"), str)
    assert_type(history.invalidate("EUR/KRW"), bool)
    assert_type(history.get_many(["EUR/KRW", ("USD/KRW", 7)]), list[list[dict[str, float]]])
    assert_type(closing("EUR/KRW"), float)
    assert_type(plain("a"), bytes)
    history.set([], "EUR/KRW")
    history(7)  # type: ignore[arg-type]  # a pair is a text
    history()  # type: ignore[call-arg]  # there is no pair
    history("EUR/KRW", months=1)  # type: ignore[call-arg]
    closing.set("much", "EUR/KRW")  # type: ignore[arg-type]  # a rate is a number


async def with_await() -> None:
    assert_type(await opening("EUR/KRW", adjusted=True), float | None)
    assert_type(await opening.entry("EUR/KRW"), Entry[float | None])
    assert_type(await volume("EUR/KRW"), int)
    assert_type(await volume.fresh("EUR/KRW"), int)
    assert_type(await volume.refresh("EUR/KRW"), int)
    assert_type(await volume.peek("EUR/KRW"), Entry[int] | None)
    assert_type(await volume.get_many(["EUR/KRW"]), list[int])
    assert_type(await history.aget("EUR/KRW"), list[dict[str, float]])
    await volume(7)  # type: ignore[arg-type]  # a pair is a text
