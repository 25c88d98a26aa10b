"""`everwarm cache` from outside: on a directory at rest, beside a stack that runs, and at an endpoint."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from everwarm import Cache, NotFound
from everwarm.cache.names import Names
from everwarm.clock import ManualClock, SystemClock
from tests.cli.support import Up, eventually, run

StartUp = Callable[..., Up]

PROJECT = """
service: rates
provider: {name: aws, runtime: python3.11}
functions:
  refresher:
    handler: main.handler
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt Rates.StreamArn
          functionResponseType: ReportBatchItemFailures
          filterPatterns: [{eventName: [REMOVE]}]
resources:
  Resources:
    Rates:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: rates
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: key, AttributeType: S}]
        KeySchema: [{AttributeName: key, KeyType: HASH}]
        TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
"""

MODULE = """
import os

from everwarm import Cache

rates = Cache("rates", refresh="1h", keep="1d")

@rates.cached
def rate(pair: str) -> str:
    return f"by {os.environ['AWS_LAMBDA_FUNCTION_NAME']}"

handler = rates.handler
"""


def filled(directory: Path, clock: ManualClock | SystemClock | None = None) -> Cache:
    """A cache with entries of three loaders; open."""
    rates = Cache(
        "rates", directory=directory, clock=clock, refresh="10m", keep="20m", negative="1h", jitter=0, backoff="12m"
    )

    @rates.loader
    def source(key: str) -> dict[str, Any]:
        if key == "nothing":
            raise NotFound
        return {"key": key, "mid": Decimal("1424.5")}

    @rates.cached(tags=lambda pair: [pair[:3], "fx"])
    def rate(pair: str) -> float:
        if pair == "BAD/BAD" and rates.peek("rate:BAD/BAD"):
            raise ConnectionError("the source is down")
        return 1424.5

    for pair in ("EUR/KRW", "USD/KRW", "BAD/BAD"):
        rate(pair)
    for key in ("plain", "nothing"):
        rates.get(key)
    with pytest.raises(ConnectionError):
        rate.refresh("BAD/BAD")
    return rates


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with a cache, at rest."""
    filled(tmp_path / "data").close()
    return tmp_path / "data"


def answer(*args: str | Path) -> Any:
    done = run("cache", *args, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def listed(*args: str | Path) -> list[str]:
    return [entry["key"] for entry in answer("list", *args)]


ALL = ["nothing", "plain", "rate:BAD/BAD", "rate:EUR/KRW", "rate:USD/KRW"]


def test_list(data: Path) -> None:
    shown = run("cache", "list", "--data", data).stdout
    lines = {line.split()[0]: line for line in shown.splitlines() if line}
    assert {"fresh", "Key"} <= {lines["rate:EUR/KRW"].split()[1], lines["Key"].split()[0]}
    assert " in 9m " in lines["rate:EUR/KRW"]
    assert lines["nothing"].split()[1] == "absent"
    assert lines["rate:BAD/BAD"].rstrip().endswith(" 1")
    assert "5 entries in rates" in shown
    entries = {entry["key"]: entry for entry in answer("list", "--data", data)}
    assert sorted(entries) == ALL
    assert entries["rate:EUR/KRW"]["loader"] == "rate"
    assert entries["rate:EUR/KRW"]["tags"] == ["EUR", "fx"]
    assert entries["rate:BAD/BAD"]["error"] == "ConnectionError: the source is down"
    eur = entries["rate:EUR/KRW"]
    assert eur["next_refresh_at"] == eur["fresh_until"] == pytest.approx(eur["loaded_at"] + 600, abs=1)
    assert listed("--data", data, "--prefix", "rate:") == ALL[2:]
    assert listed("--data", data, "--tag", "EUR") == ["rate:EUR/KRW"]


# A table of so many would take its time; what is shown is the same.
def test_list_of_many(tmp_path: Path) -> None:
    with Cache("rates", directory=tmp_path, refresh="10m") as rates:
        for number in range(1001):
            rates.set(f"key {number}", number)
    shown = run("cache", "list", "--data", tmp_path).stdout.splitlines()
    assert shown[0].split() == ["Key", "State", "Age", "Next", "refresh", "Size", "Failures"]
    assert shown[1].startswith("key 0     fresh")
    assert shown[-1].startswith("1,001 entries in rates")
    assert len(shown) == 1 + 1001 + 2
    assert answer("invalidate", "--prefix", "key", "--data", tmp_path)["invalidated"] == 1001
    assert listed("--data", tmp_path) == []


# Readers are not given what is past its hard limit, whether or not it is deleted yet; so it is not called stale.
@pytest.mark.parametrize(("minutes", "state"), [(9, "fresh"), (11, "stale"), (21, "expired")])
def test_an_entry_of_some_time_ago(tmp_path: Path, minutes: int, state: str) -> None:
    filled(tmp_path, ManualClock(SystemClock().now() - minutes * 60)).close()
    entries = {entry["key"]: entry for entry in answer("list", "--data", tmp_path)}
    assert entries["plain"]["state"] == state
    assert entries["plain"]["age_s"] == pytest.approx(minutes * 60, abs=30)


def test_get(data: Path) -> None:
    shown = run("cache", "get", "plain", "--data", data).stdout
    times, _, value = shown.partition("\n\n")
    assert "fresh, until 20" in times
    assert json.loads(value) == {"key": "plain", "mid": 1424.5}
    got = answer("get", "rate:EUR/KRW", "--data", data)
    assert (got["value"], got["state"]) == (1424.5, "fresh")
    assert "the source is down" in run("cache", "get", "rate:BAD/BAD", "--data", data).stdout
    assert "no such thing" in run("cache", "get", "nothing", "--data", data).stdout


def test_get_what_is_not_there(data: Path) -> None:
    done = run("cache", "get", "rate:GBP/KRW", "--data", data)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "there is no entry 'rate:GBP/KRW' in rates" in done.stderr


def test_stats(data: Path) -> None:
    counted = answer("stats", "--data", data)
    assert counted["entries"] == 5
    assert counted["standing"] == {"fresh": 4, "stale": 0, "absent": 1, "expired": 0}
    assert (counted["failing"], counted["warm"]) == (1, 4)
    assert counted["next_refreshes"] == {"1m": 0, "10m": 3, "1h": 4, "1d": 4}
    shown = run("cache", "stats", "--data", data).stdout
    assert "5: 4 fresh, 1 absent" in shown
    assert "3 of rate" in shown


def test_invalidate(data: Path) -> None:
    assert run("cache", "invalidate", "plain", "--data", data).stdout == "1 entry forgotten.\n"
    assert answer("invalidate", "--tag", "EUR", "--data", data) == {"invalidated": 1, "missing": []}
    assert listed("--data", data) == ["nothing", "rate:BAD/BAD", "rate:USD/KRW"]
    again = run("cache", "invalidate", "plain", "nothing", "--data", data)
    assert (again.returncode, again.stdout) == (1, "1 entry forgotten.\n")
    assert "Not in rates: plain" in again.stderr


def test_invalidate_all_asks(data: Path) -> None:
    asked = run("cache", "invalidate", "--all", "--data", data)
    assert asked.returncode == 1
    assert "Forget all 5 entries of rates?" in asked.stdout
    assert len(listed("--data", data)) == 5
    assert run("cache", "invalidate", "--all", "--yes", "--data", data).stdout == "5 entries forgotten.\n"
    assert "No entries in rates." in run("cache", "list", "--data", data).stdout


@pytest.mark.parametrize("which", [(), ("plain", "--all"), ("--tag", "fx", "--all")])
def test_it_has_to_be_said_which(data: Path, which: tuple[str, ...]) -> None:
    for command in ("refresh", "invalidate"):
        done = run("cache", command, *which, "--data", data)
        assert done.returncode == 2
        assert "say which" in done.stderr
    assert len(listed("--data", data)) == 5


def test_there_is_no_waiting_where_nothing_runs(data: Path) -> None:
    done = run("cache", "refresh", "--all", "--wait", "30s", "--data", data)
    assert done.returncode == 1
    assert "nothing to wait for" in done.stderr
    assert run("cache", "refresh", "--all", "--wait", "30", "--data", data).returncode == 2


# The deletions of timers lie in the stream, until somebody comes who has the loader.
def test_refresh_at_rest_is_done_when_the_cache_is_opened(data: Path) -> None:
    done = run("cache", "refresh", "--prefix", "rate:", "--data", data)
    assert done.stdout == "3 entries due: refreshed when the cache is opened next.\n"
    before = {entry["key"]: entry["generation"] for entry in answer("list", "--data", data)}
    with Cache("rates", directory=data, refresh="10m") as rates:

        @rates.cached
        def rate(pair: str) -> float:
            return 1500.0

        assert eventually(lambda: rates.stats.refreshes == 3)
    after = {entry["key"]: entry["generation"] for entry in answer("list", "--data", data)}
    assert {key for key in after if after[key] > before[key]} == set(ALL[2:])
    assert answer("get", "rate:BAD/BAD", "--data", data)["failures"] == 0


@pytest.fixture
def rates_project(tmp_path: Path) -> Path:
    directory = tmp_path / "rates"
    directory.mkdir()
    (directory / "serverless.yml").write_text(PROJECT, encoding="utf-8")
    (directory / "main.py").write_text(MODULE, encoding="utf-8")
    return directory


def load(running: Up, pair: str) -> None:
    with Cache("rates", endpoint=running.endpoint, refresh="1h", keep="1d") as rates:

        @rates.cached
        def rate(pair: str) -> str:
            return "by a reader"

        assert rate(pair) == "by a reader"


def test_refresh_beside_a_stack_that_runs(up: StartUp, rates_project: Path) -> None:
    running = up(rates_project)
    for pair in ("EUR/KRW", "USD/KRW"):
        load(running, pair)
    at = ("--data", rates_project / ".everwarm")
    assert listed(*at) == ["rate:EUR/KRW", "rate:USD/KRW"]
    assert run("cache", "refresh", "rate:EUR/KRW", *at).stdout == "1 entry due: refreshed now.\n"

    def value(key: str) -> Any:
        return answer("get", key, "--endpoint", running.endpoint)["value"]

    eventually(lambda: value("rate:EUR/KRW") == "by rates-dev-refresher")
    assert value("rate:USD/KRW") == "by a reader"
    waited = run("cache", "refresh", "--all", "--wait", "30s", *at)
    assert (waited.returncode, waited.stdout) == (0, "2 entries refreshed.\n")
    assert value("rate:USD/KRW") == "by rates-dev-refresher"
    assert answer("invalidate", "rate:USD/KRW", *at) == {"invalidated": 1, "missing": []}
    assert listed(*at) == ["rate:EUR/KRW"]


# Who may read the data directory is let in; the key is in the file that says where the stack is.
def test_a_stack_that_checks_credentials(up: StartUp, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n", encoding="utf-8")
    filled(tmp_path / "data").close()
    running = up("--data", tmp_path / "data", "--credentials", keys)
    assert listed("--data", tmp_path / "data") == ALL
    refused = run("cache", "list", "--endpoint", running.endpoint, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
    assert refused.returncode == 1
    assert refused.stderr.startswith("everwarm: ")


def test_the_endpoint_of_the_environment(up: StartUp, rates_project: Path) -> None:
    running = up(rates_project)
    load(running, "EUR/KRW")
    assert "rate:EUR/KRW" in run("cache", "list", EVERWARM_ENDPOINT=running.endpoint).stdout


def test_an_endpoint_where_nobody_is() -> None:
    done = run("cache", "list", "--table", "rates", "--endpoint", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "http://127.0.0.1:9 cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_that_a_program_has(tmp_path: Path) -> None:
    with filled(tmp_path):
        done = run("cache", "list", "--data", tmp_path)
    assert done.returncode == 1
    assert "is open in another process" in done.stderr
    assert "a program that has a Cache there" in done.stderr


def test_no_data(tmp_path: Path) -> None:
    done = run("cache", "list", "--data", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "there is no data in" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_which_table(data: Path) -> None:
    with Cache("quotes", directory=data) as quotes:
        quotes.set("ACME", 41)
    several = run("cache", "list", "--data", data)
    assert several.returncode == 1
    assert "say which with --table: quotes, rates" in several.stderr
    assert listed("--data", data, "--table", "quotes") == ["ACME"]
    assert listed("--data", data, "--cache", "rates") == ALL
    unknown = run("cache", "list", "--data", data, "--table", "prices")
    assert "there is no table 'prices'" in unknown.stderr
    assert "there are quotes, rates" in unknown.stderr


def test_a_table_with_names_of_its_own(tmp_path: Path) -> None:
    names = Names(key="pk", ttl="expires", timer_prefix="t:")
    with Cache("rates", directory=tmp_path, names=names) as rates:
        rates.loader(lambda key: 1)
        rates.get("a")
    refused = run("cache", "list", "--data", tmp_path)
    assert refused.returncode == 1
    assert "--name key=pk" in refused.stderr
    given = ("--name", "key=pk", "--name", "ttl=expires", "--name", "timer_prefix=t:")
    [entry] = answer("list", "--data", tmp_path, *given)
    assert entry["key"] == "a"
    assert entry["next_refresh_at"] == entry["fresh_until"]
    wrong = run("cache", "list", "--data", tmp_path, "--name", "pk=key")
    assert wrong.returncode == 2
    assert "'pk=key' is not of the form ATTRIBUTE=NAME" in wrong.stderr
