"""Operations on streams: list, describe, split, rotate."""

from collections.abc import Callable
from typing import Any

from everwarm.control.operation import Operation, Parameters
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.catalog import Stream, StreamCatalog
from everwarm.dynamodb.streams.sequence import moment_ms
from everwarm.dynamodb.streams.shards import HASHES, Shard
from everwarm.dynamodb.tables.catalog import Catalog
from everwarm.errors import ApiError, ControlError


def operations(store: Store, streams: StreamCatalog, tables: Catalog) -> dict[str, Operation]:
    """The operations by their names. Those on one stream take it as `stream`: its ARN, or a table that has one."""

    async def list_streams(parameters: Parameters) -> dict[str, Any]:
        horizon = streams.horizon()
        return {"streams": [_summary(stream, horizon) for stream in streams.all()]}

    async def describe(parameters: Parameters) -> dict[str, Any]:
        return _described(_find(streams, tables, parameters), streams.horizon())

    async def split(parameters: Parameters) -> dict[str, Any]:
        """`shard`: which; without it, all that are open."""
        return await change(parameters, streams.split)

    async def rotate(parameters: Parameters) -> dict[str, Any]:
        """As `split`."""
        return await change(parameters, streams.rotate)

    async def change(parameters: Parameters, how: Callable[[Tx, str, str | None], Stream]) -> dict[str, Any]:
        arn = _find(streams, tables, parameters).arn
        shard_id = _text(parameters, "shard") if parameters.get("shard") is not None else None
        try:
            stream = await store.submit_from_loop(lambda tx: how(tx, arn, shard_id), alone=True)
        except ApiError as err:
            raise ControlError(err.message) from None
        return _described(stream, streams.horizon())

    return {
        "streams/list": list_streams,
        "streams/describe": describe,
        "streams/split": split,
        "streams/rotate": rotate,
    }


def _find(streams: StreamCatalog, tables: Catalog, parameters: Parameters) -> Stream:
    name = _text(parameters, "stream")
    try:
        if "/stream/" in name:
            return streams.find(name)
        table = tables.describe(name)
        if table.stream is None:
            raise ControlError(f"the table {table.name} has no stream")
        return streams.find(table.stream.arn)
    except ApiError as err:
        raise ControlError(err.message) from None


def _text(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise ControlError(f"{name} has to be a text")
    return value


def _summary(stream: Stream, horizon: int) -> dict[str, Any]:
    shards = [shard for shard in stream.shards if shard.kept(horizon)]
    return {
        "arn": stream.arn,
        "table": stream.table_name,
        "label": stream.label,
        "enabled": stream.enabled,
        "view_type": stream.view_type,
        "open_shards": sum(shard.open for shard in shards),
        "closed_shards": sum(not shard.open for shard in shards),
    }


def _described(stream: Stream, horizon: int) -> dict[str, Any]:
    shards = [_shard(shard) for shard in stream.shards if shard.kept(horizon)]
    return {"stream": _summary(stream, horizon), "shards": shards}


def _shard(shard: Shard) -> dict[str, Any]:
    """Moments are epoch seconds; `keys` is the part of all keys that it has, from 0 to 1."""
    return {
        "id": shard.shard_id,
        "parent": shard.parent_id,
        "open": shard.open,
        "keys": (shard.high - shard.low) / HASHES,
        "opened_at": moment_ms(shard.first) / 1000,
        "closed_at": None if shard.last is None else moment_ms(shard.last) / 1000,
    }
