"""What a stream record looks like, on disk and in GetRecords' answer. Pure.

Source: "Record" in the DynamoDB Streams API reference; `SizeBytes` as recorded on AWS (keys and both images).
"""

from typing import NamedTuple

import orjson

from everwarm.dynamodb.streams.sequence import SEQUENCE_DIGITS, sequence_text
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.sizes import item_size

_NAME = slice(len('{"eventID":"","eventName":"') + 32, len('{"eventID":"","eventName":"') + 32 + len("REMOVE"))
_CREATED = b'"ApproximateCreationDateTime":'
_NUMBER = b'"SequenceNumber":"'
_TIME_TO_LIVE = b'},"userIdentity":{"Type":"Service","PrincipalId":"dynamodb.amazonaws.com"}}'


class RecordForm:
    """The records of one stream, but for what each has of its own.

    One is written with every change, so its JSON is put together by hand; the images are the bytes of the item itself.
    """

    __slots__ = ("_begin", "_end", "_new", "_old", "_source")

    def __init__(self, table: Table, view_type: str) -> None:
        # With the sequence number behind it, an id like no other's, and the same whenever the record is read.
        self._begin = '{"eventID":"' + table.table_id.replace("-", "")[:16]
        region = orjson.dumps(table.region).decode()
        self._source = f'"eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":{region}'
        self._end = f'"StreamViewType":"{view_type}"'
        self._new = view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
        self._old = view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")

    def record(self, change: ItemChange, sequence: int, at: int) -> bytes:
        """The record of a change, as JSON of the wire's form.

        Args:
            sequence: its sequence number.
            at: when it was made, epoch seconds.
        """
        keys = change.key.attributes
        size_bytes = item_size(keys)
        new_image = old_image = b""
        if self._new and change.new_json is not None:
            new_image = b',"NewImage":' + change.new_json
            size_bytes += change.new_bytes
        if self._old and change.old_json is not None:
            old_image = b',"OldImage":' + change.old_json
            size_bytes += change.old_bytes
        begin = (
            f'{self._begin}{sequence:016x}","eventName":"{_event_name(change)}",{self._source},'
            f'"dynamodb":{{"ApproximateCreationDateTime":{at},"Keys":'
        )
        end = f',"SequenceNumber":"{sequence_text(sequence)}","SizeBytes":{size_bytes},{self._end}'
        last = _TIME_TO_LIVE if change.cause is Cause.TIME_TO_LIVE else b"}}"
        return b"".join((begin.encode(), orjson.dumps(keys), new_image, old_image, end.encode(), last))


class Parts(NamedTuple):
    """What is asked of nearly every record, and what lies around it.

    Attributes:
        created_s: when the change was made, whole epoch seconds.
        expired: Time to Live made it.
        begin, body: its JSON up to and with the moment, and from there to the end of `dynamodb`, without the brace.
    """

    event_name: str
    created_s: float
    number: str
    expired: bool
    begin: bytes
    body: bytes


def take_apart(record: bytes) -> Parts:
    """A record of `RecordForm`, without decoding it: what is looked for stands before the keys or behind the images."""
    created_at = record.index(_CREATED) + len(_CREATED)
    created_end = record.index(b",", created_at)
    number_at = record.rindex(_NUMBER) + len(_NUMBER)
    expired = record.endswith(_TIME_TO_LIVE)
    return Parts(
        record[_NAME].decode(),
        float(record[created_at:created_end]),
        record[number_at : number_at + SEQUENCE_DIGITS].decode(),
        expired,
        record[:created_end],
        record[created_end : -len(_TIME_TO_LIVE) if expired else -2],
    )


def _event_name(change: ItemChange) -> str:
    if change.new is None:
        return "REMOVE"
    return "INSERT" if change.old is None else "MODIFY"
