"""A stream record as a function gets to see it: JSON, which is taken apart only for those who look into it.

Beside GetRecords' members it has `eventSourceARN`; `userIdentity` is spelt in Lambda's way, and
`ApproximateCreationDateTime` is a number with a fraction. Source: "Using AWS Lambda with Amazon DynamoDB" in the Lambda
developer guide.
"""

from typing import Any

import orjson

from everwarm.dynamodb.streams.records import take_apart

Record = dict[str, Any]
"""A stream record: as GetRecords gives it, or as the function gets to see it (`show`)."""

_EXPIRED = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_EXPIRED_END = b'},"userIdentity":' + orjson.dumps(_EXPIRED)

_KNOWN: dict[tuple[str, bool], Record] = {
    (name, expired): {"eventName": name} | ({"userIdentity": _EXPIRED} if expired else {})
    for name in ("INSERT", "MODIFY", "REMOVE")
    for expired in (False, True)
}


class StreamRecord:
    """A record on its way to a function.

    Attributes:
        json: as the function gets to see it.
        number: its sequence number.
        created_s: when the change was made, epoch seconds.
    """

    __slots__ = ("_known", "_whole", "created_s", "json", "number")

    def __init__(self, json: bytes, number: str, created_s: float, known: Record, whole: Record | None = None) -> None:
        """
        Args:
            known: some of its members.
            whole: all of them, if they are at hand.
        """
        self.json = json
        self.number = number
        self.created_s = created_s
        self._known = known
        self._whole = whole

    @classmethod
    def of(cls, record: Record, stream_arn: str) -> "StreamRecord":
        """A record as GetRecords gives it."""
        shown = show(record, stream_arn)
        return cls(orjson.dumps(shown), sequence_number(shown), created_s(shown), shown, shown)

    @classmethod
    def stored(cls, records: list[bytes], stream_arn: str) -> list["StreamRecord"]:
        """Records as they lie on the disk of this process's engine. The same, several times as quickly."""
        arn = b',"eventSourceARN":' + orjson.dumps(stream_arn) + b"}"
        ends = (b"}" + arn, _EXPIRED_END + arn)
        shown: list[StreamRecord] = []
        for record in records:
            event_name, created_s, number, expired, begin, body = take_apart(record)
            json = b"".join((begin, b".0", body, ends[expired]))
            shown.append(cls(json, number, created_s, _KNOWN[event_name, expired]))
        return shown

    @property
    def whole(self) -> Record:
        """All of it."""
        if self._whole is None:
            self._whole = orjson.loads(self.json)
        return self._whole

    def get(self, member: str, default: Any = None) -> Any:
        """One member. Some are known without taking all apart, those that nearly every filter asks for."""
        if member in self._known:
            return self._known[member]
        return self.whole.get(member, default)


def show(record: Record, stream_arn: str) -> Record:
    """A record as the function gets to see it; one that was shown before stays as it is."""
    shown = {**record, "eventSourceARN": stream_arn}
    shown["dynamodb"] = {**record["dynamodb"], "ApproximateCreationDateTime": created_s(record)}
    if (identity := record.get("userIdentity")) and "Type" in identity:
        shown["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return shown


def sequence_number(record: Record) -> str:
    """The record's place in its shard: decimal digits, to be compared as an integer."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def created_s(record: Record) -> float:
    """When the change was made, in epoch seconds; DynamoDB rounds it down to the second."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])
