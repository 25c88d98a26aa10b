"""What a table is: its name, its key, its indexes, its settings. Plain data, with its form on disk.

Not here: which tables there are (catalog.py), whether a CreateTable request is right (create.py), the table as the API
describes it (describe.py), what an index holds (indexes.py).
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from everwarm.account import ACCOUNT


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One attribute of a key: its name and its type's tag, S, N or B."""

    name: str
    tag: str


@dataclass(frozen=True)  # without slots, for what is worked out once
class KeySchema:
    """The attributes of a partition key and of a sort key.

    A table and a local index have one partition attribute and at most one sort attribute; a global index may have four
    of each.
    """

    hashes: tuple[KeyPart, ...]
    ranges: tuple[KeyPart, ...] = ()

    @classmethod
    def of(cls, hash_key: KeyPart, range_key: KeyPart | None = None) -> "KeySchema":
        """The key of a table."""
        return cls((hash_key,), () if range_key is None else (range_key,))

    @cached_property
    def hash(self) -> KeyPart:
        """The first attribute of the partition key; of a table, the only one."""
        return self.hashes[0]

    @cached_property
    def range(self) -> KeyPart | None:
        """The first attribute of the sort key; of a table, the only one."""
        return self.ranges[0] if self.ranges else None

    @cached_property
    def parts(self) -> tuple[KeyPart, ...]:
        return self.hashes + self.ranges

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple([part.name for part in self.hashes + self.ranges])

    def to_wire(self) -> list[dict[str, str]]:
        return [
            {"AttributeName": part.name, "KeyType": kind}
            for kind, parts in (("HASH", self.hashes), ("RANGE", self.ranges))
            for part in parts
        ]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "KeySchema":
        return cls(*(tuple(KeyPart(**part) for part in record[kind]) for kind in ("hashes", "ranges")))


class IndexKind(StrEnum):
    """Where an index has its partition key from."""

    LOCAL = "LOCAL"
    GLOBAL = "GLOBAL"


class IndexStatus(StrEnum):
    """The states of a global index; a local one is always active.

    No index is stored as UPDATING or DELETING: the answer to a request says so, and by then it is done.
    """

    ACTIVE = "ACTIVE"
    CREATING = "CREATING"
    UPDATING = "UPDATING"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True)
class Projection:
    """Which attributes an index holds besides the keys: `ALL`, `KEYS_ONLY`, or those that `INCLUDE` names."""

    kind: str
    attributes: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"ProjectionType": self.kind}
        if self.kind == "INCLUDE":
            wire["NonKeyAttributes"] = sorted(self.attributes)
        return wire


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index.

    Attributes:
        number: names it in keys on disk; no other index and no table has had it.
        settings: members of the request that are kept and shown, in wire form.
    """

    number: int
    name: str
    kind: IndexKind
    key_schema: KeySchema
    projection: Projection
    settings: dict[str, Any] = field(default_factory=dict)
    status: IndexStatus = IndexStatus.ACTIVE

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Index":
        projection = record["projection"]
        return cls(
            record["number"],
            record["name"],
            IndexKind(record["kind"]),
            KeySchema.from_record(record["key_schema"]),
            Projection(projection["kind"], tuple(projection["attributes"])),
            record["settings"],
            IndexStatus(record["status"]),
        )


@dataclass(frozen=True, slots=True)
class StreamLink:
    """The stream that a table writes to, or the last one it wrote to."""

    number: int
    arn: str
    label: str
    view_type: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        number: names the table in keys on disk; a table created again under the same name has another.
        region: for its ARN and its stream records.
        created_at: epoch seconds.
        attributes: what AttributeDefinitions define, in their order.
        indexes: local and global ones.
        settings: members of CreateTable that are kept and shown, in wire form.
        stream: None if it never had one.
        time_to_live: the TTL attribute while TTL is enabled.
        time_to_live_changed_at: when TTL was last enabled or disabled, epoch seconds; None if it never was.
    """

    number: int
    name: str
    table_id: str
    region: str
    created_at: float
    key_schema: KeySchema
    attributes: tuple[KeyPart, ...] = ()
    indexes: tuple[Index, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    stream: StreamLink | None = None
    time_to_live: str | None = None
    time_to_live_changed_at: float | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{ACCOUNT}:table/{self.name}"

    def index(self, name: str) -> Index | None:
        """The index of that name."""
        return next((index for index in self.indexes if index.name == name), None)

    def to_record(self) -> dict[str, Any]:
        """The form on disk."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Table":
        key_schema = KeySchema.from_record(record.pop("key_schema"))
        attributes = tuple(KeyPart(**part) for part in record.pop("attributes"))
        indexes = tuple(Index.from_record(one) for one in record.pop("indexes"))
        link = record.pop("stream")
        stream = StreamLink(**link) if link is not None else None
        return cls(key_schema=key_schema, attributes=attributes, indexes=indexes, stream=stream, **record)
