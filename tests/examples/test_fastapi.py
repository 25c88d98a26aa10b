"""examples/fastapi: the app as uvicorn runs it, beside the real source; and the command that compares."""

import importlib
import json
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn

from tests.stack.support import eventually

APP = Path(__file__).parents[2] / "examples" / "fastapi"

Example = Callable[[str], ModuleType]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: "Message[str, str]"
    body: Any


class Running:
    """The app on a free port, in this process."""

    def __init__(self, app: Any) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        eventually(lambda: self._server.started)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self._url = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> Answer:
        try:
            with urllib.request.urlopen(self._url + path, timeout=10) as answer:
                return Answer(answer.status, answer.headers, json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, json.load(error))

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def source(example: Example) -> Iterator[Any]:
    server = example("source").serve(0, 0)
    yield server
    server.stop()


@pytest.fixture
def module(source: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """app.py, with its data elsewhere."""
    monkeypatch.setenv("SOURCE_URL", source.url)
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REFRESH", "1h")
    monkeypatch.syspath_prepend(str(APP))
    yield importlib.import_module("app")
    del sys.modules["app"]


@pytest.fixture
def app(module: ModuleType) -> Iterator[Running]:
    running = Running(module.app)
    yield running
    running.stop()


def test_an_answer_says_how_old_it_is(app: Running) -> None:
    first, second = app.get("/rates/EUR/KRW"), app.get("/rates/EUR/KRW")
    assert first.status == second.status == 200
    assert len(first.body) == 30
    assert first.body == second.body
    for answer in (first, second):
        assert answer.headers["X-Cache"] == "fresh"
        assert 0 <= int(answer.headers["Age"]) <= 5
    # The hour of REFRESH, give or take its jitter.
    [max_age] = re.findall(r"max-age=(\d+)", second.headers["Cache-Control"])
    assert 3000 <= int(max_age) <= 4000


def test_the_source_is_asked_once(app: Running, source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    handle = source.finish_request

    def count(*request: Any) -> None:
        asked.append(request)
        handle(*request)

    monkeypatch.setattr(source, "finish_request", count)
    answers = [app.get("/rates/EUR/USD") for _ in range(5)]
    assert {answer.status for answer in answers} == {200}
    assert len(asked) == 1
    assert [app.get("/direct/EUR/USD").body for _ in range(3)] == [answers[0].body] * 3
    assert len(asked) == 4


def test_a_pair_that_there_is_not(app: Running) -> None:
    for path in ("/rates/EUR/XXX", "/rates/EUR/XXX", "/direct/EUR/XXX"):
        answer = app.get(path)
        assert answer.status == 404
        assert answer.body == {"error": "there are no rates of EUR/XXX"}


def test_a_source_that_is_down_is_noticed_by_those_alone_who_ask_for_what_was_never_loaded(
    app: Running, source: Any
) -> None:
    before = app.get("/rates/EUR/KRW")
    source.stop()
    assert app.get("/rates/EUR/KRW").body == before.body
    for path in ("/rates/EUR/USD", "/direct/EUR/KRW"):
        answer = app.get(path)
        assert answer.status == 502
        assert answer.body["error"].startswith("the source does not answer")


# A short life and a source that is not slowed down much, to see all its rows in a few seconds.
def test_the_comparison_runs(tmp_path: Path) -> None:
    command = ["compare.py", "--delay-ms", "100", "--refresh", "1s", "--seconds", "2.5", "--direct", "3"]
    ran = subprocess.run([sys.executable, *command], cwd=APP, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = {line[:34].strip(): line[34:].split() for line in ran.stdout.splitlines()[2:]}
    assert rows.keys() >= {
        "without the cache",
        "first call of a pair",
        "later calls",
        "during a refresh",
        "source down, without the cache",
        "source down, stale value",
    }
    p50_ms = {kind: float(cells[2]) for kind, cells in rows.items()}
    assert p50_ms["without the cache"] >= 100
    assert p50_ms["later calls"] < 50
    assert p50_ms["during a refresh"] < 50
    failed = {kind: int(cells[1]) for kind, cells in rows.items()}
    assert failed.pop("source down, without the cache") == 1
    assert set(failed.values()) == {0}
