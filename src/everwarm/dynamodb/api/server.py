"""The DynamoDB endpoint as an ASGI application: headers, limits, request ids. What is answered: protocol.py."""

import random
from zlib import crc32

import orjson

from everwarm.dynamodb.api.protocol import Answer, answer
from everwarm.dynamodb.engine import Engine
from everwarm.errors import RequestEntityTooLargeException
from everwarm.listener import AsgiApp, Receive, Scope, Send

MAX_REQUEST_BYTES = 16 * 1024 * 1024
MAX_DISCARDED_BYTES = 4 * MAX_REQUEST_BYTES

_JSON = b"application/x-amz-json-1.0"
_TOO_LARGE = RequestEntityTooLargeException(f"The request is larger than {MAX_REQUEST_BYTES // 2**20} MiB")


def application(engine: Engine) -> AsgiApp:
    """The endpoint of one engine."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            # What AWS's own endpoint says to a browser or a load balancer.
            await _send(send, Answer(200, f"healthy: dynamodb.{engine.region}.amazonaws.com ".encode()), b"text/plain")
            return
        body = await _read(receive)
        if body is None:
            await _send(send, Answer(_TOO_LARGE.status, orjson.dumps(_TOO_LARGE.to_wire())), close=True)
            return
        await _send(send, await answer(engine, _target(scope), body))

    return app


def _target(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-amz-target":
            target: str = value.decode("latin-1")
            return target
    return ""


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None if it is too large.

    One that is too large is read on and thrown away, up to a limit: a client that is still sending when the
    connection is closed may find it reset, and never see the answer.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= MAX_REQUEST_BYTES else None
    parts = [body]
    size_bytes = len(body)
    while message.get("more_body"):
        message = await receive()
        part: bytes = message.get("body", b"")
        parts.append(part)
        size_bytes += len(part)
        if size_bytes > MAX_REQUEST_BYTES:
            parts.clear()
        if size_bytes > MAX_DISCARDED_BYTES:
            return None
    return b"".join(parts) if size_bytes <= MAX_REQUEST_BYTES else None


async def _send(send: Send, reply: Answer, content_type: bytes = _JSON, *, close: bool = False) -> None:
    headers = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(reply.body)),
        (b"x-amz-crc32", b"%d" % crc32(reply.body)),
        (b"x-amzn-requestid", _request_id()),
    ]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _request_id() -> bytes:
    """52 capital letters and digits, as AWS's have. No secret, so any generator does."""
    return b"%052X" % random.getrandbits(208)
