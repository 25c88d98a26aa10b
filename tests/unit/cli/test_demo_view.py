"""What a person can read in the demo's picture, at usual widths."""

import io

import pytest
from rich.console import Console

from everwarm.cli.demo_state import DemoState, Entry
from everwarm.cli.demo_view import frame, summary
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.lambdas.mappings.next_step import Outcome, Result

NOW = 1_700_000_000.0
TTL_S = 10
ENDPOINT = "http://127.0.0.1:8000"


def expired(state: DemoState, name: str, late_ms: float) -> None:
    state.expired([Expired("rates", {"content": {"S": name}}, int(NOW), NOW + late_ms / 1000)])


def drawn(state: DemoState, width: int = 96) -> list[str]:
    """The picture's lines."""
    console = Console(file=io.StringIO(), width=width, height=50)
    with console.capture() as capture:
        console.print(frame(state, NOW, TTL_S, ENDPOINT))
    return capture.get().splitlines()


@pytest.fixture
def state() -> DemoState:
    state = DemoState()
    state.read([Entry("EUR/USD", NOW + 7.3, "1.1172 on 2026-10-30"), Entry("EUR/KRW", None)])
    return state


@pytest.mark.parametrize("width", [80, 96, 120])
def test_all_that_is_promised_is_there(state: DemoState, width: int) -> None:
    expired(state, "EUR/KRW", late_ms=1234.5)
    lines = drawn(state, width)
    assert all(len(line) <= width for line in lines)
    text = "\n".join(lines)
    for name in ("expirations", "refreshes", "failures", "lateness p50", "lateness p99", "lateness max"):
        assert name in text
    assert ENDPOINT in text
    assert "1234.5 ms" in text
    assert any("EUR/USD" in line and "7.3 s" in line and "1.1172 on 2026-10-30" in line for line in lines)
    assert any("EUR/KRW" in line and "expired: its function runs" in line for line in lines)


# A picture that changes its height jumps.
@pytest.mark.parametrize("width", [80, 96])
def test_the_picture_keeps_its_height(state: DemoState, width: int) -> None:
    before = len(drawn(state, width))
    expired(state, "EUR/KRW", late_ms=1)
    state.called("main", [], Outcome(Result.FUNCTION_ERROR, "NotLoaded: " + "a long story " * 20))
    state.read([Entry("EUR/USD", None), Entry("EUR/KRW", NOW + 9, "1491.76 on 2026-10-30")])
    assert len(drawn(state, width)) == before


# The second of its expiry may be over and the deletion not yet read.
def test_no_negative_seconds() -> None:
    state = DemoState()
    state.read([Entry("EUR/USD", NOW - 0.4, "1.1172 on 2026-10-30")])
    assert any("EUR/USD" in line and "0.0 s" in line for line in drawn(state))


def test_summary_of_nothing() -> None:
    assert summary(DemoState()) == (
        "0 expirations, 0 refreshes, 0 failures; every expired entry is back. Lateness: p50 -, p99 -, max -."
    )


def test_summary_of_an_entry_that_is_missing(state: DemoState) -> None:
    expired(state, "EUR/KRW", late_ms=2)
    assert summary(state) == (
        "1 expirations, 0 refreshes, 0 failures; some expired entries are not back yet. "
        "Lateness: p50 2.0 ms, p99 2.0 ms, max 2.0 ms."
    )
