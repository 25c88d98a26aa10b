"""What a table is: its name, its key, its settings. Plain data, with its forms on disk and on the wire.

Not here: which tables there are (catalog.py), whether a CreateTable request is right (create.py).
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from everwarm.account import ACCOUNT


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One attribute of a key: its name and its type's tag, S, N or B."""

    name: str
    tag: str


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The partition key, and the sort key where there is one."""

    hash: KeyPart
    range: KeyPart | None = None

    @property
    def parts(self) -> tuple[KeyPart, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)

    def to_wire(self) -> list[dict[str, str]]:
        return [
            {"AttributeName": part.name, "KeyType": kind}
            for part, kind in zip(self.parts, ("HASH", "RANGE"), strict=False)
        ]


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
        settings: members of CreateTable that are kept and shown, in wire form.
        stream: None if it never had one.
        time_to_live: the TTL attribute while TTL is enabled.
    """

    number: int
    name: str
    table_id: str
    region: str
    created_at: float
    key_schema: KeySchema
    settings: dict[str, Any] = field(default_factory=dict)
    stream: StreamLink | None = None
    time_to_live: str | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{ACCOUNT}:table/{self.name}"

    def to_record(self) -> dict[str, Any]:
        """The form on disk."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Table":
        parts = record.pop("key_schema")
        link = record.pop("stream")
        return cls(
            key_schema=KeySchema(
                KeyPart(**parts["hash"]), KeyPart(**parts["range"]) if parts["range"] is not None else None
            ),
            stream=StreamLink(**link) if link is not None else None,
            **record,
        )

    def describe(self, status: str = "ACTIVE") -> dict[str, Any]:
        """The `TableDescription` of the API."""
        throughput = self.settings.get("ProvisionedThroughput", {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0})
        described: dict[str, Any] = {
            "AttributeDefinitions": [
                {"AttributeName": part.name, "AttributeType": part.tag} for part in self.key_schema.parts
            ],
            "TableName": self.name,
            "KeySchema": self.key_schema.to_wire(),
            "TableStatus": status,
            "CreationDateTime": round(self.created_at, 3),
            "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, **throughput},
            "TableSizeBytes": 0,
            "ItemCount": 0,
            "TableArn": self.arn,
            "TableId": self.table_id,
            "DeletionProtectionEnabled": self.settings.get("DeletionProtectionEnabled", False),
        }
        if self.settings.get("BillingMode") == "PAY_PER_REQUEST":
            described["BillingModeSummary"] = {
                "BillingMode": "PAY_PER_REQUEST",
                "LastUpdateToPayPerRequestDateTime": round(self.created_at, 3),
            }
        if "TableClass" in self.settings:
            described["TableClassSummary"] = {"TableClass": self.settings["TableClass"]}
        if self.stream is not None:
            # AWS goes on showing the last stream's ARN after it was disabled.
            described["LatestStreamLabel"] = self.stream.label
            described["LatestStreamArn"] = self.stream.arn
            if self.stream.enabled:
                described["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": self.stream.view_type}
        return described
