"""The Runtime API by itself; that AWS's client understands it, the tests with real processes show."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from everwarm.lambdas.runtime.replies import MAX_RESPONSE_BYTES
from everwarm.lambdas.runtime.runtime_api import (
    PREFIX,
    Answered,
    AnsweredTooMuch,
    InitFailed,
    Invocation,
    Polled,
    Posted,
    RuntimeApi,
)

INVOCATION = Invocation("id-1", b'{"n": 1}', 1_700_000_000_000, "arn:aws:lambda:::function:f", "Root=1-2-3")

TOO_MUCH = MAX_RESPONSE_BYTES + 1


@pytest.fixture
def said() -> list[Posted]:
    return []


@pytest.fixture
async def api(said: list[Posted]) -> AsyncIterator[RuntimeApi]:
    api = RuntimeApi(said.append)
    yield api
    api.close()


async def ask(
    api: RuntimeApi, method: str, path: str, body: bytes = b"", *, cut_off: bool = False
) -> tuple[int, dict[str, str], bytes]:
    """One request; `cut_off` breaks the connection before the body's end. Status 0 means: no answer."""
    incoming: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": cut_off}]
    incoming.append({"type": "http.disconnect"})
    outgoing: list[Any] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        outgoing.append(message)

    await api({"type": "http", "method": method, "path": path}, receive, send)
    if not outgoing:
        return 0, {}, b""
    head, content = outgoing
    return head["status"], {k.decode(): v.decode() for k, v in head["headers"]}, content["body"]


async def given_an_event(api: RuntimeApi) -> None:
    api.hand_over(INVOCATION)
    assert (await ask(api, "GET", PREFIX + "invocation/next"))[0] == 200


async def test_next_waits_for_the_event(api: RuntimeApi, said: list[Posted]) -> None:
    asking = asyncio.create_task(ask(api, "GET", PREFIX + "invocation/next"))
    await asyncio.sleep(0)
    assert said == [Polled()]
    assert not asking.done()
    api.hand_over(INVOCATION)
    status, headers, body = await asking
    assert (status, body) == (200, b'{"n": 1}')
    assert headers["lambda-runtime-aws-request-id"] == "id-1"
    assert headers["lambda-runtime-deadline-ms"] == "1700000000000"
    assert headers["lambda-runtime-invoked-function-arn"] == "arn:aws:lambda:::function:f"
    assert headers["lambda-runtime-trace-id"] == "Root=1-2-3"


@pytest.mark.parametrize(("outcome", "failed"), [("response", False), ("error", True)])
async def test_an_answer(api: RuntimeApi, said: list[Posted], outcome: str, failed: bool) -> None:
    await given_an_event(api)
    assert (await ask(api, "POST", f"{PREFIX}invocation/id-1/{outcome}", b"{}"))[0] == 202
    assert said == [Polled(), Answered(b"{}", failed)]


@pytest.mark.parametrize("size_bytes", [MAX_RESPONSE_BYTES, TOO_MUCH])
async def test_the_limit_of_an_answer(api: RuntimeApi, said: list[Posted], size_bytes: int) -> None:
    await given_an_event(api)
    status, _, _ = await ask(api, "POST", PREFIX + "invocation/id-1/response", b"x" * size_bytes)
    assert status == (413 if size_bytes == TOO_MUCH else 202)
    assert isinstance(said[-1], AnsweredTooMuch if size_bytes == TOO_MUCH else Answered)


# A process that dies while it posts has sent half of a JSON text, which must not pass for its answer.
async def test_half_an_answer_is_none(api: RuntimeApi, said: list[Posted]) -> None:
    await given_an_event(api)
    assert (await ask(api, "POST", PREFIX + "invocation/id-1/response", b'{"ha', cut_off=True))[0] == 0
    assert said == [Polled()]


async def test_an_answer_to_another_call(api: RuntimeApi, said: list[Posted]) -> None:
    await given_an_event(api)
    status, _, body = await ask(api, "POST", PREFIX + "invocation/id-2/response", b"{}")
    assert (status, b"InvalidRequestID" in body) == (400, True)
    assert said == [Polled()]


async def test_a_second_answer(api: RuntimeApi) -> None:
    await given_an_event(api)
    assert (await ask(api, "POST", PREFIX + "invocation/id-1/response", b"1"))[0] == 202
    assert (await ask(api, "POST", PREFIX + "invocation/id-1/response", b"2"))[0] == 400


# Handler code can reach this API, too; it must not take the next event out of order.
async def test_next_during_a_call(api: RuntimeApi) -> None:
    await given_an_event(api)
    assert (await ask(api, "GET", PREFIX + "invocation/next"))[0] == 403


async def test_init_error(api: RuntimeApi, said: list[Posted]) -> None:
    assert (await ask(api, "POST", PREFIX + "init/error", b'{"errorType": "E"}'))[0] == 202
    assert said == [InitFailed(b'{"errorType": "E"}')]


async def test_init_error_after_init(api: RuntimeApi, said: list[Posted]) -> None:
    await given_an_event(api)
    assert (await ask(api, "POST", PREFIX + "init/error", b"{}"))[0] == 403
    assert said == [Polled()]


@pytest.mark.parametrize("path", ["/", PREFIX + "nothing", "/2019-01-01/runtime/invocation/next"])
async def test_unknown_paths(api: RuntimeApi, path: str) -> None:
    assert (await ask(api, "GET", path))[0] == 404


async def test_close_ends_the_waiting(api: RuntimeApi) -> None:
    asking = asyncio.create_task(ask(api, "GET", PREFIX + "invocation/next"))
    await asyncio.sleep(0)
    api.close()
    assert (await asking)[0] == 410
