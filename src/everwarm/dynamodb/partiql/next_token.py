"""`NextToken`: where a SELECT goes on, for the same statement only, and opaque."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import blake2b

import orjson

from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException

_DIGEST_BYTES = 16


def next_token(statement: str, parameters: Sequence[AttributeValue], last: Item) -> str:
    """The token behind a page.

    Args:
        last: the key of the last item that was looked at.
    """
    body = _digest(orjson.dumps([statement, *parameters])) + orjson.dumps(last)
    return b64encode(_digest(body) + body).decode()


def last_key(token: str, statement: str, parameters: Sequence[AttributeValue]) -> Item:
    """The key in a token.

    Raises:
        ValidationException: it is no token of ours, or another statement's.
    """
    try:
        raw = b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        raise ValidationException(messages.INVALID_NEXT) from None
    body = raw[_DIGEST_BYTES:]
    if len(body) <= _DIGEST_BYTES or raw[:_DIGEST_BYTES] != _digest(body):
        raise ValidationException(messages.INVALID_NEXT)
    if body[:_DIGEST_BYTES] != _digest(orjson.dumps([statement, *parameters])):
        raise ValidationException(messages.OTHER_STATEMENT)
    key: Item = orjson.loads(body[_DIGEST_BYTES:])
    return key


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST_BYTES, person=b"NextToken").digest()
