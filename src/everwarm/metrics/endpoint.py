"""`/metrics`, for Prometheus to scrape: text, in the format that it asks for.

Prometheus does not sign its requests as AWS's clients do. Where credentials are checked, it shows one of the same keys
by HTTP basic authentication: the access key id as the user, the secret access key as the password.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import CollectorRegistry

from everwarm.dynamodb.api.credentials import Keys
from everwarm.listener import AsgiApp, Receive, Scope, Send
from everwarm.metrics.collector import EverwarmCollector, Sources

PATH = "metrics"

_TEXT = b"text/plain; charset=utf-8"


def application(sources: Sources, keys: Keys | None = None) -> AsgiApp:
    """The application for everything below `/metrics`.

    Args:
        sources: where the figures are.
        keys: who may ask; everybody, without them.
    """
    # Described, so that `name[]` finds a figure.
    registry = CollectorRegistry(auto_describe=True)
    registry.register(EverwarmCollector(sources))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)

    def told(headers: Mapping[bytes, bytes], query: str) -> tuple[bytes, bytes]:
        encode, content_type = choose_encoder(headers.get(b"accept", b"").decode("latin-1"))
        wanted = parse_qs(query).get("name[]")
        return encode(registry.restricted_registry(wanted) if wanted else registry), content_type.encode()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if scope["path"].rstrip("/") != f"/{PATH}":
            await _send(send, 404, _TEXT, b"There is only /metrics here.\n")
        elif scope["method"] not in ("GET", "HEAD"):
            await _send(send, 405, _TEXT, b"GET it.\n", (b"allow", b"GET, HEAD"))
        elif keys is not None and not _knows_a_key(headers.get(b"authorization", b""), keys):
            await _send(
                send,
                401,
                _TEXT,
                b"Credentials are checked here: give an access key id as the user and its secret as the password.\n",
                (b"www-authenticate", b'Basic realm="everwarm", charset="UTF-8"'),
            )
        else:
            # Thousands of mappings are megabytes of text; others are served meanwhile.
            body, content_type = await asyncio.to_thread(told, headers, scope["query_string"].decode("latin-1"))
            await _send(send, 200, content_type, body)

    return app


def _knows_a_key(authorization: bytes, keys: Keys) -> bool:
    scheme, _, encoded = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return False
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    key = keys.get(user)
    return key is not None and hmac.compare_digest(key.secret.encode(), password.encode())


async def _send(send: Send, status: int, content_type: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
