"""`/metrics`: what Prometheus gets to see, and that the page about it has all of it."""

import re
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from email.message import Message
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.docs.pages import Page
from tests.stack.support import Project, client, eventually, expire, put
from tests.wire.refused import refused

Start = Callable[..., Stack]

PAGE = Page(Path("docs/metrics.md"))


def fetch(stack: Stack, query: str = "", **headers: str) -> tuple[str, Message]:
    request = urllib.request.Request(f"{stack.endpoint}/metrics{query}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode(), answer.headers


def status(request: urllib.request.Request) -> int:
    """Of an answer that is a refusal."""
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(request, timeout=10)
    with told.value:
        if told.value.code == 401:
            assert told.value.headers["WWW-Authenticate"].startswith("Basic ")
        return told.value.code


def figures(stack: Stack) -> dict[str, float]:
    """Each sample's value by its name and the values of its labels, without the mapping's id."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(fetch(stack)[0]):
        for sample in family.samples:
            labels = [value for name, value in sample.labels.items() if name != "mapping"]
            found[" ".join([sample.name, *labels])] = sample.value
    return found


def test_requests_are_counted_by_operation_and_outcome(start: Start) -> None:
    stack = start()
    dynamodb = client("dynamodb", stack.endpoint)
    for _ in range(3):
        dynamodb.put_item(TableName="cache", Item={"pk": {"S": "a"}})
    with refused("ResourceNotFoundException"):
        dynamodb.get_item(TableName="elsewhere", Key={"pk": {"S": "a"}})
    with refused("ValidationException"):
        dynamodb.get_item(TableName="cache", Key={"id": {"S": "a"}})
    with refused("ConditionalCheckFailedException"):
        dynamodb.put_item(TableName="cache", Item={"pk": {"S": "a"}}, ConditionExpression="attribute_not_exists(pk)")
    dynamodb.close()
    request = urllib.request.Request(
        stack.endpoint, b"{}", {"X-Amz-Target": "Made.Up", "Content-Type": "application/x-amz-json-1.0"}
    )
    assert status(request) == 400
    counted = {name: value for name, value in figures(stack).items() if name.startswith("everwarm_requests_total")}
    assert counted == {
        "everwarm_requests_total PutItem OK": 3,
        "everwarm_requests_total GetItem ResourceNotFoundException": 1,
        "everwarm_requests_total GetItem ValidationException": 1,
        "everwarm_requests_total PutItem ConditionalCheckFailedException": 1,
        # Whatever is made up has one name here, or strangers could make as many as they like.
        "everwarm_requests_total unknown UnknownOperationException": 1,
    }


def test_an_expiry_and_the_call_for_it(start: Start, clock: ManualClock, project: Project) -> None:
    stack = start()
    expire(stack, clock, "ann")
    eventually(project.expired_keys)
    told = eventually(lambda: _if(figures(stack), "everwarm_mapping_records_total", 2))
    assert told["everwarm_ttl_lateness_seconds_count"] == 1
    assert told["everwarm_ttl_lateness_seconds_bucket 0.001"] == 1  # the clock stands still
    assert told["everwarm_ttl_lateness_seconds_bucket +Inf"] == 1
    assert 1 <= told["everwarm_function_invocations_total shop-dev-main"] <= 2
    assert told["everwarm_function_errors_total shop-dev-main"] == 0
    assert told["everwarm_function_cold_starts_total shop-dev-main"] == 1
    assert told["everwarm_function_workers shop-dev-main"] == 1
    assert told["everwarm_stream_lag_seconds shop-dev-main cache"] == 0
    assert told["everwarm_stream_records_total"] == 2
    assert told["everwarm_stream_record_bytes_total"] > 200
    assert told["everwarm_table_items cache"] == 0
    assert told["everwarm_store_refusing_writes"] == 0


def test_failures_are_counted(start: Start, clock: ManualClock, project: Project) -> None:
    project.write_handler("def handler(event, context): raise LookupError")
    yml = project.directory / "serverless.yml"
    yml.write_text(yml.read_text().replace("batchSize: 100", "batchSize: 100, maximumRetryAttempts: 1"))
    stack = start()
    put(stack, "ann", clock.now() + 3600)
    told = eventually(
        lambda: _if(figures(stack), "everwarm_mapping_records_given_up_total", 1), meanwhile=lambda: clock.advance(1)
    )
    assert told["everwarm_mapping_failed_calls_total shop-dev-main cache"] == 2
    assert told["everwarm_mapping_retries_total shop-dev-main cache"] == 1
    assert told["everwarm_function_errors_total shop-dev-main"] == 2
    assert told["everwarm_failures_kept"] == 1
    assert told["everwarm_failure_records_kept"] == 1


def _if(told: dict[str, float], metric: str, value: float) -> dict[str, float]:
    return told if told[f"{metric} shop-dev-main cache"] == value else {}


def test_sizes_on_disk(start: Start, tmp_path: Path) -> None:
    stack = start(data=tmp_path / "data")
    put(stack, "ann", 4_000_000_000, text={"S": "x" * 100_000})
    told = figures(stack)
    assert told["everwarm_table_items cache"] == 1
    assert told["everwarm_table_size_bytes cache"] > 100_000
    assert told["everwarm_store_size_bytes"] > 100_000
    assert told["everwarm_disk_free_bytes"] > 0
    assert told["everwarm_store_commits_total"] > 0
    assert told["everwarm_store_transactions_total"] >= told["everwarm_store_commits_total"]


def test_the_format(start: Start) -> None:
    stack = start()
    text, headers = fetch(stack)
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert headers["Content-Length"] == str(len(text))
    text, headers = fetch(stack, Accept="application/openmetrics-text; version=1.0.0")
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert text.endswith("# EOF\n")
    text, _ = fetch(stack, "?name[]=everwarm_failures_kept")
    assert [line for line in text.splitlines() if not line.startswith("#")] == ["everwarm_failures_kept 0.0"]


@pytest.mark.parametrize(("method", "path", "expected"), [("POST", "/metrics", 405), ("GET", "/metrics/more", 404)])
def test_what_it_is_not(start: Start, method: str, path: str, expected: int) -> None:
    assert status(urllib.request.Request(start().endpoint + path, method=method)) == expected


def test_where_credentials_are_checked_a_key_is_wanted(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = ann\naws_secret_access_key = a:b\n")
    stack = start(credentials=file)
    for shown in (None, "ann:wrong", "bob:a:b", "ann"):
        headers = {} if shown is None else {"Authorization": f"Basic {b64encode(shown.encode()).decode()}"}
        assert status(urllib.request.Request(f"{stack.endpoint}/metrics", headers=headers)) == 401
    text, _ = fetch(stack, Authorization=f"Basic {b64encode(b'ann:a:b').decode()}")
    assert "everwarm_build_info" in text


# Prometheus's conventions: base units, `_total` for counters, a text for each.
def test_the_page_lists_all_of_them(start: Start, tmp_path: Path) -> None:
    text, _ = fetch(start(data=tmp_path / "data"))
    told = {
        (family.name + ("_total" if family.type == "counter" else ""), family.type)
        for family in text_string_to_metric_families(text)
        if family.name.startswith("everwarm_")
    }
    listed = set(re.findall(r"^\| `(everwarm_\w+)` \| (\w+) \|", PAGE.text, re.MULTILINE))
    assert told == listed
    described = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    assert all(name in described for name, _ in told)
    labels = {
        sample.name: set(sample.labels) - {"le"}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for line in re.findall(r"^\| `everwarm_.*$", PAGE.text, re.MULTILINE):
        _, name, _, with_labels, *_ = [cell.strip(" `") for cell in line.split("|")]
        shown = labels.get(name) or labels.get(f"{name}_count")
        if shown:
            assert set(re.findall(r"\w+", with_labels)) == shown
