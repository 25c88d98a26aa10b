"""The Lambda Runtime API, version 2018-06-01, for one worker process, as an ASGI application.

It only carries: an invocation to the process that asks for the next one, and what the process posts to `post`, in
order. What that means for a call is `worker.py`'s business.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from everwarm.lambdas.runtime.replies import MAX_RESPONSE_BYTES
from everwarm.listener import Receive, Scope, Send

PREFIX = "/2018-06-01/runtime/"

STATE_TEXT = "State transition is not allowed"

ACCEPTED = orjson.dumps({"status": "OK"})


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way to the handler.

    Attributes:
        event: JSON.
        deadline_ms: when the call's time is up, in epoch milliseconds.
        trace_id: X-Ray's header, which ends up in `_X_AMZN_TRACE_ID`.
        client_context: JSON, of the caller's, for the context object.
    """

    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str
    trace_id: str
    client_context: str | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """The process is ready and waits for an event."""


@dataclass(frozen=True, slots=True)
class InitFailed:
    """The handler could not be loaded; the payload says why."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The handler returned, or raised (`failed`), in the current call."""

    payload: bytes
    failed: bool


@dataclass(frozen=True, slots=True)
class AnsweredTooMuch:
    """The handler's answer is over `MAX_RESPONSE_BYTES`."""


Posted = Polled | InitFailed | Answered | AnsweredTooMuch


class RuntimeApi:
    """The application. Wants a port of its own: the port tells which process is speaking."""

    def __init__(self, post: Callable[[Posted], None]) -> None:
        """
        Args:
            post: told of everything that the process says, in order.
        """
        self._post = post
        self._waiting: asyncio.Queue[Invocation | None] = asyncio.Queue()
        self._initialised = False
        self._asked = False  # for an event, and has not answered it
        self._current: str | None = None

    def hand_over(self, invocation: Invocation) -> None:
        """Give the process its next event, as soon as it asks."""
        self._waiting.put_nowait(invocation)

    def close(self) -> None:
        """Let a request for the next event end without one."""
        self._waiting.put_nowait(None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        with contextlib.suppress(_Disconnected):
            match scope["method"], path.removeprefix(PREFIX).split("/"):
                case "GET", ["invocation", "next"]:
                    await self._next(send)
                case "POST", ["invocation", request_id, "response" | "error" as outcome]:
                    await self._answer(request_id, outcome == "error", receive, send)
                case "POST", ["init", "error"]:
                    await self._init_error(receive, send)
                case _:
                    await _refuse(send, 404, "NotFound", f"The Runtime API has no {scope['method']} {path}")

    async def _next(self, send: Send) -> None:
        if self._asked:
            await _refuse(send, 403, "InvalidStateTransition", STATE_TEXT)
            return
        self._asked = self._initialised = True
        self._post(Polled())
        invocation = await self._waiting.get()
        if invocation is None:
            await _refuse(send, 410, "Gone", "The function is being stopped")
            return
        self._current = invocation.request_id
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        if invocation.client_context is not None:
            # In a header, so in ASCII and on one line, however the caller has written it.
            headers["Lambda-Runtime-Client-Context"] = json.dumps(json.loads(invocation.client_context))
        await _send(send, 200, invocation.event, headers)

    async def _answer(self, request_id: str, failed: bool, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if request_id != self._current:
            await _refuse(send, 400, "InvalidRequestID", "Invalid request ID")
            return
        self._current = None
        self._asked = False
        if body is None:
            self._post(AnsweredTooMuch())
            text = f"Exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
            await _refuse(send, 413, "RequestEntityTooLarge", text)
        else:
            self._post(Answered(body, failed))
            await _send(send, 202, ACCEPTED)

    async def _init_error(self, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if self._initialised or body is None:
            await _refuse(send, 403, "InvalidStateTransition", STATE_TEXT)
            return
        self._post(InitFailed(body))
        await _send(send, 202, ACCEPTED)


class _Disconnected(Exception):
    """The process died while it was speaking: what it said so far means nothing."""


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None when it is too large, and then none of it is kept."""
    parts: list[bytes] = []
    size_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Disconnected
        part: bytes = message.get("body", b"")
        size_bytes += len(part)
        if size_bytes <= MAX_RESPONSE_BYTES:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body", False):
            return b"".join(parts) if size_bytes <= MAX_RESPONSE_BYTES else None


async def _refuse(send: Send, status: int, error_type: str, text: str) -> None:
    await _send(send, status, orjson.dumps({"errorMessage": text, "errorType": error_type}))


async def _send(send: Send, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body))} | (headers or {})
    encoded = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in lines.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
