"""A cache without a directory: for tests, on a clock that they move."""

from pathlib import Path

import pytest

from everwarm import Cache, SettingError
from everwarm.clock import ManualClock
from tests.stack.support import eventually


def test_it_refreshes_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # A test that would talk to the table of whoever runs it is not what it says.
    monkeypatch.setenv("EVERWARM_ENDPOINT", "http://127.0.0.1:1")
    clock, calls = ManualClock(), []
    with Cache("rates", refresh="10m", directory=None, clock=clock) as rates:

        @rates.cached
        def rate(pair: str) -> int:
            calls.append(pair)
            return len(calls)

        assert (rate("EUR/KRW"), rate("EUR/KRW")) == (1, 1)
        clock.advance(601)
        assert eventually(lambda: rate("EUR/KRW") == 2)
    assert list(tmp_path.iterdir()) == []


def test_two_of_them_have_nothing_in_common() -> None:
    with Cache("rates", directory=None) as one, Cache("rates", directory=None) as other:
        one.set("a", 1)
        assert other.get("a") is None


def test_it_is_not_at_an_endpoint_as_well() -> None:
    with pytest.raises(SettingError, match="not both"):
        Cache("rates", endpoint="http://127.0.0.1:1", directory=None).start()
