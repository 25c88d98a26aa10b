"""The DynamoDB endpoint as an ASGI application: methods, headers, limits. What is answered: protocol.py."""

import itertools
import secrets
from functools import partial
from zlib import crc32

from everwarm.clock import Clock
from everwarm.dynamodb.api import auth
from everwarm.dynamodb.api.compression import MIN_PACKED_BYTES, NotGzip, TooLarge, accepts_gzip, pack, unpack
from everwarm.dynamodb.api.credentials import Keys
from everwarm.dynamodb.api.headers import Head, Headers, headers_of
from everwarm.dynamodb.api.protocol import Answer, answer, anybody, refuse
from everwarm.dynamodb.api.signatures import check_signature
from everwarm.dynamodb.engine import Engine
from everwarm.errors import RequestEntityTooLargeException
from everwarm.listener import AsgiApp, Receive, Scope, Send, read_body

MAX_REQUEST_BYTES = 16 * 1024 * 1024
MAX_DISCARDED_BYTES = 4 * MAX_REQUEST_BYTES
PREFLIGHT_AGE_S = 172_800

_JSON = b"application/x-amz-json-1.0"
_PLAIN_JSON = b"application/json"
_TOO_LARGE = refuse(RequestEntityTooLargeException(f"The request is larger than {MAX_REQUEST_BYTES // 2**20} MiB"))
# Whatever is not a request of the API gets this, in XML, from a service that has none.
_UNKNOWN = Answer(404, b"<UnknownOperationException/>\n")
_EXPOSED = b"x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date"

_PROCESS = b"%036X" % secrets.randbits(144)
_numbers = itertools.count(1)

_Pairs = list[tuple[bytes, bytes]]


def application(engine: Engine, keys: Keys | None = None) -> AsgiApp:
    """The endpoint of one engine.

    Args:
        keys: who may ask. Without them a request has to look signed, as on AWS, and that is all.
    """
    health = Answer(200, f"healthy: dynamodb.{engine.region}.amazonaws.com ".encode())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        method, path = scope["method"], scope["path"]
        if method == "POST":
            sent = await read_body(receive, MAX_REQUEST_BYTES, MAX_DISCARDED_BYTES)
            content_type = _content_type(headers, empty=not sent)
            if content_type is None:
                await _send(send, headers, _UNKNOWN, None)
                return
            body = sent if sent is None or b"content-encoding" not in headers else _unpacked(headers, sent)
            if sent is None or body is None:
                await _send(send, headers, _TOO_LARGE, content_type, close=sent is None)
                return
            authenticate = anybody
            if keys is not None or not auth.well_formed(headers, scope["query_string"]):
                authenticate = partial(_authenticate, Head.of(scope, headers), sent, keys, engine.clock)
            reply = await answer(engine, headers.get(b"x-amz-target", b"").decode("latin-1"), body, authenticate)
            await _send(send, headers, reply, content_type)
        elif method == "OPTIONS" and b"origin" in headers:
            await _preflight(send, headers)
        elif method in ("GET", "HEAD") and path in ("/", "/ping"):
            await _send(send, headers, health, b"text/plain")
        else:
            await _send(send, headers, _UNKNOWN, None)

    return app


def _authenticate(head: Head, sent: bytes, keys: Keys | None, clock: Clock) -> None:
    auth.check_form(head)
    if keys is not None:
        # What is signed is what was sent, packed or not.
        check_signature(head, sent, keys, clock.now())


def _unpacked(headers: Headers, body: bytes) -> bytes | None:
    """The body as its sender had it; None if that is too large."""
    if headers.get(b"content-encoding", b"").lower() != b"gzip":
        return body
    try:
        return unpack(body, MAX_REQUEST_BYTES)
    except TooLarge:
        return None
    except NotGzip:
        return b""  # no JSON either way


def _content_type(headers: Headers, *, empty: bool) -> bytes | None:
    """The content type of the answer; None if this is no request of the API.

    Args:
        empty: whether the request has no body, which needs no type.
    """
    given = headers.get(b"content-type", b"")
    if given == _JSON:
        return _JSON
    given = given.partition(b";")[0].strip().lower()
    if given in (_JSON, _PLAIN_JSON):
        return given
    return _PLAIN_JSON if empty else None


async def _send(send: Send, given: Headers, reply: Answer, content_type: bytes | None, *, close: bool = False) -> None:
    body = reply.body
    packed = len(body) >= MIN_PACKED_BYTES and accepts_gzip(given.get(b"accept-encoding", b""))
    if packed:
        body = pack(body)
    headers: _Pairs = [
        (b"content-length", b"%d" % len(body)),
        # Of the bytes as they are sent: clients check it before they unpack.
        (b"x-amz-crc32", b"%d" % crc32(body)),
        (b"x-amzn-requestid", _request_id()),
    ]
    if content_type is not None:
        headers.append((b"content-type", content_type))
    if packed:
        headers.append((b"content-encoding", b"gzip"))
    if b"origin" in given:
        headers += [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _preflight(send: Send, given: Headers) -> None:
    """What a browser asks before it asks: everything that it wants is granted."""
    headers: _Pairs = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-max-age", b"%d" % PREFLIGHT_AGE_S),
        (b"content-length", b"0"),
        (b"x-amzn-requestid", _request_id()),
    ]
    for asked, granted in (
        (b"access-control-request-headers", b"access-control-allow-headers"),
        (b"access-control-request-method", b"access-control-allow-methods"),
    ):
        if asked in given:
            headers.append((granted, given[asked]))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _request_id() -> bytes:
    """52 capital letters and digits, as AWS's have: those of this process, then a number."""
    return b"%b%016X" % (_PROCESS, next(_numbers))
