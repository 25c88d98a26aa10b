"""The DynamoDB API as a call: the seam between the engine and everything that stands on it.

Functions, mappings, caches and the console know a `Client` and nothing of the engine, so they run unchanged on this
process's engine (`InProcessClient`), on any endpoint that speaks the protocol, and on AWS. `DirectClient` is for
ordinary threads what `InProcessClient` is for an event loop.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from everwarm.dynamodb.api import protocol
from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.api.actions.get_records import next_records
from everwarm.dynamodb.api.operation import Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.sequence import sequence_text
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.read import decode, read_json
from everwarm.dynamodb.values.check import normal_item
from everwarm.stream_record import StreamRecord

_WHOLE_ITEM = frozenset({"TableName", "Key", "ConsistentRead"})
"""What a GetItem has that wants a whole item and nothing else."""


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Some records, and the iterator to go on with; None at the end of a closed shard."""

    records: list[StreamRecord]
    next_iterator: str | None


class Client(Protocol):
    """What its users may ask of DynamoDB and DynamoDB Streams."""

    async def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run one operation, `PutItem` or `GetRecords` say, with a request and a response of the wire's form.

        Raises:
            ApiError: what AWS would answer.
        """
        ...

    async def stream_records(self, stream_arn: str, iterator: str, limit: int) -> StreamPage:
        """GetRecords: the next records from an iterator. Raises as `call`."""
        ...

    def stream_mark(self, stream_arn: str, shard_id: str) -> int:
        """A mark of where a shard stands now, to be passed to `stream_changed`. Take it before you read."""
        ...

    def stream_end(self, stream_arn: str) -> str | None:
        """A sequence number behind which nothing is in the stream's open shards now; None where nobody can tell."""
        ...

    async def stream_changed(self, stream_arn: str, shard_id: str, mark: int) -> None:
        """Return once the shard has, or may have, records that it did not have at `mark`, or is closed.

        In this process that is the moment of the write; over HTTP it is a pause between two polls.
        """
        ...


class InProcessClient:
    """Calls the engine of this process, without HTTP between."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._operations = {operation.name: operation for operation in operations().values()}

    async def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """As `Client.call`."""
        response = await protocol.run(self._engine, self._operations[action], request)
        # What went straight from disk into the response is bytes up to here.
        decoded: dict[str, Any] = orjson.loads(orjson.dumps(response))
        return decoded

    async def stream_records(self, stream_arn: str, iterator: str, limit: int) -> StreamPage:
        """As `Client.stream_records`."""
        records, following = next_records(self._engine, iterator, limit)
        return StreamPage(StreamRecord.stored(records, stream_arn), following)

    def stream_mark(self, stream_arn: str, shard_id: str) -> int:
        """As `Client.stream_mark`."""
        return self._engine.arrivals.mark(shard_id)

    def stream_end(self, stream_arn: str) -> str | None:
        """As `Client.stream_end`: numbers rise through all streams of an engine."""
        return sequence_text(self._engine.streams.sequences.last)

    async def stream_changed(self, stream_arn: str, shard_id: str, mark: int) -> None:
        """As `Client.stream_changed`; at the moment of the commit."""
        await self._engine.arrivals.beyond(shard_id, mark)


class DirectClient:
    """Calls the engine of this process from ordinary threads, any number of them, without a way over its event loop.

    A read is answered in the thread that asks. That is safe since all it looks at is replaced as a whole and never
    changed: the records of tables and streams, by callbacks on the writer's thread; what is worked out of them, and
    kept, is the same whoever works it out; and every read of a range has an iterator of its own. A write goes to the
    writer, and blocks until it is durable.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._operations = {operation.name: operation for operation in operations().values()}

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """As `Client.call`; blocks.

        Raises:
            ApiError: what AWS would answer.
            StorageClosed: the engine is closed.
        """
        if action == "GetItem" and request.keys() <= _WHOLE_ITEM:
            return self._whole_item(request)
        store = self._engine.store
        result = protocol.begin(self._engine, self._operations[action], request)
        if isinstance(result, Transaction):
            result = store.submit(result.body, alone=result.alone, frees=result.frees).result()
        decoded: dict[str, Any] = orjson.loads(orjson.dumps(result))
        return decoded

    def _whole_item(self, request: dict[str, Any]) -> dict[str, Any]:
        """A cache's hit: the item's bytes are taken apart once, and there are no expressions to look for."""
        given = normal_item(request["Key"])
        table = self._engine.tables.find(request["TableName"])
        item_json = read_json(self._engine.store, table, key_of_request(table, given))
        return {} if item_json is None else {"Item": decode(item_json)}
