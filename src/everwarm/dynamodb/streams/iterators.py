"""Shard iterators: a place in a shard, as an opaque text that lives for 15 minutes. Pure.

AWS's have the form `ARN|version|secret`; so have ours, with readable JSON in the place of the secret.
"""

import base64
import binascii
from dataclasses import dataclass

import orjson

from everwarm.dynamodb.streams.sequence import SEQUENCE_END
from everwarm.errors import ExpiredIteratorException, ValidationException

LIFE_S = 15 * 60

OLDEST = 0
"""The position before the oldest record, whichever that is when it is read: no record has this number."""


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """A place to read on from.

    Attributes:
        position: the first sequence number to give.
        issued_at: epoch seconds.
    """

    stream_arn: str
    shard_id: str
    position: int
    issued_at: float

    def to_text(self) -> str:
        inner = orjson.dumps([self.shard_id, self.position, self.issued_at])
        return f"{self.stream_arn}|1|{base64.urlsafe_b64encode(inner).decode()}"

    @classmethod
    def from_text(cls, text: str, now: float) -> "ShardIterator":
        """Read an iterator.

        Raises:
            ValidationException: it was not made here.
            ExpiredIteratorException: it is too old.
        """
        try:
            arn, version, inner = text.split("|")
            shard_id, position, issued_at = orjson.loads(base64.b64decode(inner, altchars=b"-_", validate=True))
            iterator = cls(arn, str(shard_id), int(position), float(issued_at))
            if not 0 <= iterator.position <= SEQUENCE_END:
                raise ValueError("no position in any shard")
        except (ValueError, TypeError, binascii.Error):
            version = ""
        if version != "1":
            raise ValidationException("Invalid ShardIterator")
        if now - iterator.issued_at > LIFE_S:
            raise ExpiredIteratorException(
                f"Iterator expired. The iterator was issued {int(now - iterator.issued_at)} seconds ago; "
                f"it lives for {LIFE_S} seconds. Get a new one with GetShardIterator."
            )
        return iterator
