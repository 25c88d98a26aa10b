"""The DynamoDB endpoint as an ASGI application: methods, headers, limits. What is answered: protocol.py."""

import random
from zlib import crc32

from everwarm.dynamodb.api import auth
from everwarm.dynamodb.api.compression import MIN_PACKED_BYTES, NotGzip, TooLarge, accepts_gzip, pack, unpack
from everwarm.dynamodb.api.credentials import Keys
from everwarm.dynamodb.api.headers import Head
from everwarm.dynamodb.api.protocol import Answer, answer, refuse
from everwarm.dynamodb.api.signatures import check_signature
from everwarm.dynamodb.engine import Engine
from everwarm.errors import RequestEntityTooLargeException
from everwarm.listener import AsgiApp, Receive, Scope, Send

MAX_REQUEST_BYTES = 16 * 1024 * 1024
MAX_DISCARDED_BYTES = 4 * MAX_REQUEST_BYTES
PREFLIGHT_AGE_S = 172_800

_JSON = b"application/x-amz-json-1.0"
_PLAIN_JSON = b"application/json"
_TOO_LARGE = refuse(RequestEntityTooLargeException(f"The request is larger than {MAX_REQUEST_BYTES // 2**20} MiB"))
# Whatever is not a request of the API gets this, in XML, from a service that has none.
_UNKNOWN = Answer(404, b"<UnknownOperationException/>\n")
_EXPOSED = b"x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date"

_Headers = list[tuple[bytes, bytes]]


def application(engine: Engine, keys: Keys | None = None) -> AsgiApp:
    """The endpoint of one engine.

    Args:
        keys: who may ask. Without them a request has to look signed, as on AWS, and that is all.
    """
    health = Answer(200, f"healthy: dynamodb.{engine.region}.amazonaws.com ".encode())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        head = Head.of(scope)
        content_type = _content_type(head.headers.get(b"content-type", b""))
        sent = await _read(receive) if head.method == "POST" else b""
        if content_type is None and not sent:
            content_type = _PLAIN_JSON  # what is empty needs no type
        if head.method == "POST" and content_type is not None:
            body = None if sent is None else _unpacked(head, sent)
            if sent is None or body is None:
                await _send(send, head, _TOO_LARGE, content_type, close=sent is None)
                return

            def authenticate() -> None:
                auth.check_form(head)
                if keys is not None:
                    # What is signed is what was sent, packed or not.
                    check_signature(head, sent, keys, engine.clock.now())

            reply = await answer(engine, head.text(b"x-amz-target"), body, authenticate)
            await _send(send, head, reply, content_type)
        elif head.method == "OPTIONS" and b"origin" in head.headers:
            await _preflight(send, head)
        elif head.method in ("GET", "HEAD") and head.path in ("/", "/ping"):
            await _send(send, head, health, b"text/plain")
        else:
            await _send(send, head, _UNKNOWN, None)

    return app


def _unpacked(head: Head, body: bytes) -> bytes | None:
    """The body as its sender had it; None if that is too large."""
    if head.headers.get(b"content-encoding", b"").lower() != b"gzip":
        return body
    try:
        return unpack(body, MAX_REQUEST_BYTES)
    except TooLarge:
        return None
    except NotGzip:
        return b""  # no JSON either way


def _content_type(given: bytes) -> bytes | None:
    """The content type of the answer; None if this is no request of the API."""
    if given == _JSON:
        return _JSON
    given = given.partition(b";")[0].strip().lower()
    return given if given in (_JSON, _PLAIN_JSON) else None


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


async def _send(send: Send, head: Head, reply: Answer, content_type: bytes | None, *, close: bool = False) -> None:
    body = reply.body
    headers: _Headers = [] if content_type is None else [(b"content-type", content_type)]
    if len(body) >= MIN_PACKED_BYTES and accepts_gzip(head.headers.get(b"accept-encoding", b"")):
        body = pack(body)
        headers.append((b"content-encoding", b"gzip"))
    headers += [
        (b"content-length", b"%d" % len(body)),
        # Of the bytes as they are sent: clients check it before they unpack.
        (b"x-amz-crc32", b"%d" % crc32(body)),
        (b"x-amzn-requestid", _request_id()),
    ]
    if b"origin" in head.headers:
        headers += [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _preflight(send: Send, head: Head) -> None:
    """What a browser asks before it asks: everything that it wants is granted."""
    headers: _Headers = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-max-age", b"%d" % PREFLIGHT_AGE_S),
        (b"content-length", b"0"),
        (b"x-amzn-requestid", _request_id()),
    ]
    for asked, granted in (
        (b"access-control-request-headers", b"access-control-allow-headers"),
        (b"access-control-request-method", b"access-control-allow-methods"),
    ):
        if asked in head.headers:
            headers.append((granted, head.headers[asked]))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _request_id() -> bytes:
    """52 capital letters and digits, as AWS's have. No secret, so any generator does."""
    return b"%052X" % random.getrandbits(208)
