"""What is asked of a server: requests as bytes, made before the clock runs.

The headers are those that boto3 sends, a signature among them, since a server has to read them all. The item is 1 KB
as AWS counts it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item

TABLE = "bench"
SERIES = "bench-series"
"""Has a sort key: `SERIES_ITEMS` items of each series, which are what a Query asks for."""
KEYS = 10_000
SERIES_ITEMS = 10
ITEM_BYTES = 1024
BATCH = 25
TRANSACTION = 4

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


def series_item(number: int) -> Item:
    """An item of the table with a sort key; the numbers count through one series after the other."""
    series, at = divmod(number, SERIES_ITEMS)
    made = {"series": {"S": f"series/{series:06d}"}, "at": {"N": str(at)}, "payload": {"S": ""}}
    made["payload"]["S"] = "x" * (ITEM_BYTES - item_size(made))
    return made


def get_item() -> Workload:
    """Reads keys that exist, in random order, the same in each run."""
    contents = [{"TableName": TABLE, "Key": _key(number)} for number in range(KEYS)]
    return _reading("GetItem", contents, ITEM_BYTES)


def query() -> Workload:
    """Reads whole series, in random order, the same in each run."""
    contents = [
        {
            "TableName": SERIES,
            "KeyConditionExpression": "series = :series",
            "ExpressionAttributeValues": {":series": series_item(first)["series"]},
        }
        for first in range(0, KEYS, SERIES_ITEMS)
    ]
    return _reading("Query", contents, SERIES_ITEMS * ITEM_BYTES)


def put_item() -> Workload:
    """Puts one item after the other, round and round."""
    return _writing("PutItem", [{"TableName": TABLE, "Item": item(number)} for number in range(KEYS)])


def update_item() -> Workload:
    """Sets one attribute of one item after the other."""
    return _writing("UpdateItem", [_update(number) for number in range(KEYS)])


def batch_write_item() -> Workload:
    """Puts `BATCH` items at once."""
    contents = [
        {"RequestItems": {TABLE: [{"PutRequest": {"Item": item(first + n)}} for n in range(BATCH)]}}
        for first in range(0, KEYS, BATCH)
    ]
    return _writing("BatchWriteItem", contents)


def transact_write_items() -> Workload:
    """Two puts, an update and a check of a condition at once."""
    contents = [
        {
            "TransactItems": [
                {"Put": {"TableName": TABLE, "Item": item(first)}},
                {"Put": {"TableName": TABLE, "Item": item(first + 1)}},
                {"Update": _update(first + 2)},
                {
                    "ConditionCheck": {
                        "TableName": TABLE,
                        "Key": _key(first + 3),
                        "ConditionExpression": "attribute_exists(content)",
                    }
                },
            ]
        }
        for first in range(0, KEYS, TRANSACTION)
    ]
    return _writing("TransactWriteItems", contents)


def fixed() -> Workload:
    """What is asked of the bare server, which answers any request alike: a GetItem."""
    return Workload("bare server", get_item().next_request, least_body_bytes=ITEM_BYTES)


def operations() -> list[Workload]:
    """Everything that is asked of the engine."""
    return [get_item(), query(), put_item(), update_item(), batch_write_item(), transact_write_items()]


def _key(number: int) -> Item:
    return {"content": item(number)["content"]}


def _update(number: int) -> dict[str, object]:
    return {
        "TableName": TABLE,
        "Key": _key(number),
        "UpdateExpression": "SET version = :version",
        "ExpressionAttributeValues": {":version": {"N": str(_FIRST_VERSION)}},
    }


def _reading(action: str, contents: Sequence[Mapping[str, object]], least_body_bytes: int) -> Workload:
    requests = [_request(action, content) for content in contents]
    order = random.Random(1)  # a fixed order, not a secret

    def next_request() -> bytes:
        return requests[int(order.random() * len(requests))]

    return Workload(action, next_request, least_body_bytes)


def _writing(action: str, contents: Sequence[Mapping[str, object]]) -> Workload:
    """One request after the other, round and round; a new version each time, since an equal item is no change."""
    mark = str(_FIRST_VERSION).encode()
    between = [_request(action, content).split(mark) for content in contents]
    version = _FIRST_VERSION

    def next_request() -> bytes:
        nonlocal version
        version += 1
        return (b"%d" % version).join(between[version % len(between)])

    return Workload(action, next_request, least_body_bytes=2)


def _request(action: str, content: Mapping[str, object]) -> bytes:
    body = orjson.dumps(content)
    return _HEADERS.format(action=action, signature="0" * 64, length=len(body)).encode() + body
