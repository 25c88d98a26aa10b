"""The shards of a stream, and which of them may be read now.

A shard is closed after some hours and goes on in its children; a key's newer records are in the child, so the order
of a key holds only if parents are read to their end first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from everwarm.client import Client


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard as DescribeStream lists it.

    Attributes:
        id: its ShardId.
        parent_id: the shard that it continues, which may be gone from the stream already.
        closed: nothing will be added.
    """

    id: str
    parent_id: str | None
    closed: bool

    @classmethod
    def from_wire(cls, shard: dict[str, Any]) -> "Shard":
        closed = "EndingSequenceNumber" in shard.get("SequenceNumberRange", {})
        return cls(shard["ShardId"], shard.get("ParentShardId"), closed)


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's shards.

    Attributes:
        shards: in the order of DescribeStream.
        disabled: it was turned off: no shard will be added.
        partition_key: the name of the table's.
    """

    shards: tuple[Shard, ...]
    disabled: bool
    partition_key: str

    def ready(self, finished: Collection[str]) -> list[Shard]:
        """The shards that are not finished, and whose parent is or has left the stream."""
        listed = {shard.id for shard in self.shards}
        return [
            shard
            for shard in self.shards
            if shard.id not in finished and (shard.parent_id not in listed or shard.parent_id in finished)
        ]


async def describe(client: Client, stream_arn: str) -> Stream:
    """Ask for all shards of a stream, page by page.

    Raises:
        ResourceNotFoundException: there is no such stream.
    """
    shards: list[Shard] = []
    request = {"StreamArn": stream_arn}
    while True:
        description = (await client.call("DescribeStream", request))["StreamDescription"]
        shards.extend(Shard.from_wire(shard) for shard in description["Shards"])
        last_id = description.get("LastEvaluatedShardId")
        if not last_id:
            disabled = description["StreamStatus"] == "DISABLED"
            return Stream(tuple(shards), disabled, _partition_key(description))
        request = {"StreamArn": stream_arn, "ExclusiveStartShardId": last_id}


def _partition_key(description: dict[str, Any]) -> str:
    name: str = next(part["AttributeName"] for part in description["KeySchema"] if part["KeyType"] == "HASH")
    return name
