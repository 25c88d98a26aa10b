"""Invoke, through boto3: section 10 of the reference of event source mappings. What handlers do wrong is elsewhere."""

import http.client
import itertools
import json
import re
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.stack import Stack
from tests.stack.support import eventually
from tests.wire.conftest import connect
from tests.wire.functions import make_function
from tests.wire.refused import refused

NOT_FOUND = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody"

# Each call leaves a line, so that a test sees how often it came, and with which id; the first ones fail.
RECORDING = """
    import os
    def handler(event, context):
        with open(event["to"], "a+") as calls:
            calls.write(context.aws_request_id + "\\n")
            calls.seek(0)
            count = len(calls.readlines())
        if count <= event["failures"]:
            raise LookupError("not yet")
"""


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[], list[str]]:
    """The request ids of the calls that `event(...)` has led to."""
    file = tmp_path / "calls"
    return lambda: file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def event(tmp_path: Path) -> Callable[[int], bytes]:
    """`event(failures)`: for the recording function, which fails so many times first."""
    return lambda failures: json.dumps({"to": str(tmp_path / "calls"), "failures": failures}).encode()


@pytest.fixture(scope="module")
def own_clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def own(own_clock: ManualClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a stack whose clock may be moved by hours."""
    with Stack(tmp_path_factory.mktemp("none"), memory=True, clock=own_clock) as stack:
        yield connect("lambda", stack.endpoint)


@pytest.fixture
def recording(own: Any) -> Iterator[str]:
    name = make_function(own, RECORDING)
    yield name
    own.delete_function(FunctionName=name)


def test_request_response(lambda_: Any, function: str) -> None:
    """RequestResponse: 200, the handler's answer, and the version that was run."""
    response = lambda_.invoke(FunctionName=function, Payload=b'{"a": [1, "\xc3\xa9"]}')
    assert response["StatusCode"] == 200
    assert response["ExecutedVersion"] == "$LATEST"
    assert json.loads(response["Payload"].read()) == {"a": [1, "é"]}
    assert not {"FunctionError", "LogResult"} & set(response)


def test_no_payload(lambda_: Any, function: str) -> None:
    """Without a payload the event is an empty object."""
    assert lambda_.invoke(FunctionName=function)["Payload"].read() == b"{}"


def test_the_request_id_is_the_calls(lambda_: Any) -> None:
    name = make_function(lambda_, "def handler(event, context):\n    return context.aws_request_id\n")
    response = lambda_.invoke(FunctionName=name)
    assert json.loads(response["Payload"].read()) == response["ResponseMetadata"]["RequestId"]
    lambda_.delete_function(FunctionName=name)


def test_a_function_error(lambda_: Any) -> None:
    """RequestResponse: header X-Amz-Function-Error, status 200."""
    name = make_function(lambda_, "def handler(event, context):\n    raise ValueError('bad')\n")
    response = lambda_.invoke(FunctionName=name)
    assert (response["StatusCode"], response["FunctionError"]) == (200, "Unhandled")
    assert json.loads(response["Payload"].read())["errorMessage"] == "bad"
    lambda_.delete_function(FunctionName=name)


def test_log_tail(lambda_: Any) -> None:
    """LogType Tail: the log in X-Amz-Log-Result."""
    name = make_function(lambda_, "def handler(event, context):\n    print('hello', event)\n")
    response = lambda_.invoke(FunctionName=name, LogType="Tail", Payload=b"7")
    lines = b64decode(response["LogResult"]).decode().splitlines()
    request_id = response["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request_id} Version: $LATEST" in lines
    assert "hello 7" in lines
    assert lines[-1].startswith(f"REPORT RequestId: {request_id}\t")
    assert "LogResult" not in lambda_.invoke(FunctionName=name, LogType="None", Payload=b"7")
    lambda_.delete_function(FunctionName=name)


def test_log_tail_of_much(lambda_: Any) -> None:
    """X-Amz-Log-Result: the last 4 KB."""
    name = make_function(lambda_, "def handler(event, context):\n    for n in range(1000): print('line', n)\n")
    tail = b64decode(lambda_.invoke(FunctionName=name, LogType="Tail")["LogResult"])
    assert 3000 < len(tail) <= 4096
    assert b"line 999\n" in tail
    lambda_.delete_function(FunctionName=name)


def test_client_context(lambda_: Any) -> None:
    source = "def handler(event, context):\n    return context.client_context.custom\n"
    name = make_function(lambda_, source)
    context = b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    response = lambda_.invoke(FunctionName=name, ClientContext=context)
    assert json.loads(response["Payload"].read()) == {"a": "b"}
    lambda_.delete_function(FunctionName=name)


@pytest.mark.parametrize("context", ["no", "é", "eyc="])
def test_client_context_that_is_none(lambda_: Any, function: str, context: str) -> None:
    """No base64, or of what is no JSON."""
    with refused("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."):
        lambda_.invoke(FunctionName=function, ClientContext=context)


def test_dry_run(lambda_: Any, calls: Any, event: Any) -> None:
    """DryRun: 204, and nobody is called."""
    name = make_function(lambda_, RECORDING)
    response = lambda_.invoke(FunctionName=name, InvocationType="DryRun", Payload=event(0))
    assert response["StatusCode"] == 204
    assert response["Payload"].read() == b""
    assert calls() == []
    lambda_.delete_function(FunctionName=name)


def test_event(own: Any, recording: str, calls: Any, event: Any) -> None:
    """Event: 202, empty body; called once, under the id that was answered."""
    response = own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(0))
    assert response["StatusCode"] == 202
    assert response["Payload"].read() == b""
    assert eventually(calls) == [response["ResponseMetadata"]["RequestId"]]


def test_event_with_a_function_error(own: Any, own_clock: ManualClock, recording: str, calls: Any, event: Any) -> None:
    """Function error: two retries, after one and then two minutes, under one id."""
    response = own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(99))
    eventually(calls)
    for pause_s in (60, 120):
        count, before = len(calls()), own_clock.now()
        while len(calls()) == count:
            own_clock.advance(5)
            settle(own)
        assert own_clock.now() >= before + pause_s
    for _ in range(60):
        own_clock.advance(60)
        settle(own)
    assert calls() == [response["ResponseMetadata"]["RequestId"]] * 3


def settle(client: Any) -> None:
    """Let what the clock has set going come to its next wait: the loop has gone round once and again."""
    for _ in range(10):
        client.get_account_settings()


def test_event_that_succeeds_at_last(own: Any, own_clock: ManualClock, recording: str, calls: Any, event: Any) -> None:
    own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(1))
    eventually(lambda: len(calls()) == 2, meanwhile=lambda: own_clock.advance(10))
    own_clock.advance(600)
    settle(own)
    assert len(calls()) == 2


def test_event_with_no_retries(own: Any, own_clock: ManualClock, recording: str, calls: Any, event: Any) -> None:
    """Settings: MaximumRetryAttempts 0 to 2."""
    own.put_function_event_invoke_config(FunctionName=recording, MaximumRetryAttempts=0)
    own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(99))
    eventually(calls)
    for _ in range(10):
        own_clock.advance(60)
        settle(own)
    assert len(calls()) == 1


def test_event_that_is_throttled(own: Any, own_clock: ManualClock, recording: str, calls: Any, event: Any) -> None:
    """Throttle or fault: retried, interval 1 s growing to 5 min."""
    own.put_function_concurrency(FunctionName=recording, ReservedConcurrentExecutions=0)
    own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(0))
    for _ in range(5):
        own_clock.advance(30)
        settle(own)
    assert calls() == []
    own.delete_function_concurrency(FunctionName=recording)
    eventually(calls, meanwhile=lambda: own_clock.advance(30))
    assert len(calls()) == 1


def throttles(client: Any, name: str) -> float:
    """How many calls of a function were not taken."""
    with urllib.request.urlopen(f"{client.meta.endpoint_url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf'^everwarm_function_throttles_total{{function="{name}"}} (.+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0


def test_event_that_is_throttled_for_hours(
    own: Any, own_clock: ManualClock, recording: str, calls: Any, event: Any
) -> None:
    """Throttle or fault: retried up to 6 h, interval 1 s growing to 5 min."""
    own.put_function_concurrency(FunctionName=recording, ReservedConcurrentExecutions=0)
    own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(0))
    settle(own)
    began, tried, before = own_clock.now(), [], throttles(own, recording)
    for step_s in (*[1] * 35, *[100] * 220):
        own_clock.advance(step_s)
        settle(own)
        if (now := throttles(own, recording)) > before:
            tried.append(own_clock.now() - began)
            before = now
    assert tried[:5] == [1, 3, 7, 15, 31]
    pauses = [later - earlier for earlier, later in itertools.pairwise(tried[5:])]
    assert max(pauses) <= 500  # 300, seen in steps of 100
    assert min(pauses[5:]) >= 200
    assert 6 * 3600 - 500 <= tried[-1] <= 6 * 3600 + 500
    own.delete_function_concurrency(FunctionName=recording)
    for _ in range(10):
        own_clock.advance(60)
        settle(own)
    assert calls() == []


def test_event_that_gets_too_old(own: Any, own_clock: ManualClock, recording: str, calls: Any, event: Any) -> None:
    """Settings: MaximumEventAgeInSeconds 60 to 21,600."""
    own.put_function_event_invoke_config(FunctionName=recording, MaximumEventAgeInSeconds=60)
    own.put_function_concurrency(FunctionName=recording, ReservedConcurrentExecutions=0)
    own.invoke(FunctionName=recording, InvocationType="Event", Payload=event(0))
    for _ in range(10):
        own_clock.advance(60)
        settle(own)
    own.delete_function_concurrency(FunctionName=recording)
    for _ in range(10):
        own_clock.advance(60)
        settle(own)
    assert calls() == []


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_function_that_is_not_there(lambda_: Any, kind: str) -> None:
    with refused("ResourceNotFoundException", NOT_FOUND):
        lambda_.invoke(FunctionName="nobody", InvocationType=kind)


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_payload_that_is_not_json(lambda_: Any, function: str, kind: str) -> None:
    """InvalidRequestContentException, whichever way it is called."""
    with refused(
        "InvalidRequestContentException",
        begins="Could not parse request body into json: Could not parse payload into json: ",
    ):
        lambda_.invoke(FunctionName=function, Payload=b"{no", InvocationType=kind)


@pytest.mark.parametrize(("kind", "limit"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_a_payload_that_is_too_large(lambda_: Any, function: str, kind: str, limit: int) -> None:
    """Section 9, limits: 6 MB synchronous; asynchronous 1 MB."""
    payload = b'"' + b"x" * (limit - 1) + b'"'
    with refused(
        "RequestEntityTooLargeException",
        f"{limit + 1} byte payload is too large for the {kind} invocation type (limit {limit} bytes)",
    ):
        lambda_.invoke(FunctionName=function, Payload=payload, InvocationType=kind)


def test_a_large_payload(lambda_: Any) -> None:
    """6 MB each way are not too much."""
    name = make_function(lambda_, "def handler(event, context):\n    return len(event)\n")
    payload = b'"' + b"x" * (6_291_456 - 2) + b'"'
    assert lambda_.invoke(FunctionName=name, Payload=payload)["Payload"].read() == b"6291454"
    lambda_.delete_function(FunctionName=name)


def test_an_invocation_type_that_is_none(lambda_: Any, function: str) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'Perhaps' at 'invocationType' failed to satisfy constraint: Member must "
        "satisfy enum value set: [Event, RequestResponse, DryRun]",
    ):
        lambda_.invoke(FunctionName=function, InvocationType="Perhaps")


def test_reserved_concurrency_of_none(lambda_: Any, function: str) -> None:
    """A throttle: TooManyRequestsException, 429, with its reason."""
    lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException", "Rate Exceeded.") as caught:
        lambda_.invoke(FunctionName=function)
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    lambda_.delete_function_concurrency(FunctionName=function)
    assert lambda_.invoke(FunctionName=function)["StatusCode"] == 200


def test_a_runtime_that_does_not_run_here(lambda_: Any) -> None:
    name = make_function(lambda_, Runtime="java21")
    with refused("InvalidRuntimeException", has="java21"):
        lambda_.invoke(FunctionName=name)
    lambda_.delete_function(FunctionName=name)


def test_a_handler_calls_a_function(lambda_: Any, function: str) -> None:
    """AWS_ENDPOINT_URL leads to the same endpoint, so plain boto3 works in a handler."""
    source = f"""
        import boto3, json
        def handler(event, context):
            answer = boto3.client("lambda").invoke(FunctionName="{function}", Payload=json.dumps(event))
            return json.loads(answer["Payload"].read())
    """
    name = make_function(lambda_, source)
    assert json.loads(lambda_.invoke(FunctionName=name, Payload=b'{"through": 2}')["Payload"].read()) == {"through": 2}
    lambda_.delete_function(FunctionName=name)


def test_invoke_async(lambda_: Any, function: str) -> None:
    """The operation that Event has taken the place of."""
    assert lambda_.invoke_async(FunctionName=function, InvokeArgs=b"{}")["Status"] == 202


def test_the_head_of_an_answer(function: str, connection: http.client.HTTPConnection) -> None:
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
        "Signature=b",
        "X-Amz-Date": "20200101T000000Z",
    }
    connection.request("POST", f"/2015-03-31/functions/{function}/invocations", body=b"1", headers=signed)
    response = connection.getresponse()
    assert re.fullmatch(r"[0-9a-f-]{36}", response.getheader("x-amzn-RequestId") or "")
    assert response.getheader("Content-Type") == "application/json"
    assert response.read() == b"1"
