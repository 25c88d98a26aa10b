"""What is asked of a server: requests as bytes, made before the clock runs.

The headers are those that boto3 sends, a signature among them, since a server has to read them all. The item is 1 KB
as AWS counts it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item

TABLE = "bench"
KEYS = 10_000
ITEM_BYTES = 1024

# As many digits whatever is counted, so that a request's length never changes.
_FIRST_VERSION = 10_000_000
_HEADERS = (
    "POST / HTTP/1.1\r\n"
    "Host: 127.0.0.1:8000\r\n"
    "Accept-Encoding: identity\r\n"
    "X-Amz-Target: DynamoDB_20120810.{action}\r\n"
    "Content-Type: application/x-amz-json-1.0\r\n"
    "User-Agent: Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.7 "
    "md/pyimpl#CPython m/Z,b,D,e cfg/retry-mode#legacy Botocore/1.40.0\r\n"
    "X-Amz-Date: 20250101T000000Z\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={signature}\r\n"
    "amz-sdk-invocation-id: 00000000-0000-4000-8000-000000000000\r\n"
    "amz-sdk-request: attempt=1\r\n"
    "Content-Length: {length}\r\n"
    "\r\n"
)


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests of one kind.

    Attributes:
        name: the operation, or what else is asked.
        next_request: makes the next request's bytes.
        least_body_bytes: a shorter answer is an error: an item that was not found, say.
    """

    name: str
    next_request: Callable[[], bytes]
    least_body_bytes: int


def item(number: int, version: int = 0) -> Item:
    """The item of one of the keys, 1,024 bytes; each version differs from all others."""
    made = {
        "content": {"S": f"pair/{number:08d}"},
        "version": {"N": str(_FIRST_VERSION + version)},
        "ttl": {"N": "1999999999"},
        "payload": {"S": ""},
    }
    made["payload"]["S"] = "x" * (ITEM_BYTES - item_size(made))
    return made


def get_item() -> Workload:
    """Reads keys that exist, in random order, the same in each run."""
    requests = [_request("GetItem", {"TableName": TABLE, "Key": {"content": item(n)["content"]}}) for n in range(KEYS)]
    order = random.Random(1)  # a fixed order, not a secret

    def next_request() -> bytes:
        return requests[int(order.random() * KEYS)]

    return Workload("GetItem", next_request, least_body_bytes=ITEM_BYTES)


def put_item() -> Workload:
    """Writes one key after the other, round and round; a new version each time, since an equal item is no change."""
    mark = str(_FIRST_VERSION).encode()
    halves = [_request("PutItem", {"TableName": TABLE, "Item": item(n)}).split(mark) for n in range(KEYS)]
    version = _FIRST_VERSION

    def next_request() -> bytes:
        nonlocal version
        version += 1
        before, after = halves[version % KEYS]
        return b"%b%d%b" % (before, version, after)

    return Workload("PutItem", next_request, least_body_bytes=2)


def fixed() -> Workload:
    """What is asked of the bare server, which answers any request alike: a GetItem."""
    return Workload("bare server", get_item().next_request, least_body_bytes=ITEM_BYTES)


def _request(action: str, content: dict[str, object]) -> bytes:
    body = orjson.dumps(content)
    return _HEADERS.format(action=action, signature="0" * 64, length=len(body)).encode() + body
