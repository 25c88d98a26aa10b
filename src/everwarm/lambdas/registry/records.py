"""Records of one kind in the storage engine: JSON by a key, durable when they are put."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol, TypeVar

import orjson

T = TypeVar("T")


class Tx(Protocol):
    """What is asked of a storage transaction."""

    def put(self, key: bytes, value: bytes) -> None: ...

    def delete(self, key: bytes) -> None: ...


class Store(Protocol):
    """What is asked of the storage engine."""

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]: ...

    def submit_from_loop(self, body: Callable[[Tx], T]) -> Awaitable[T]: ...


class Records:
    """The records whose keys begin with one byte, the space of `storage/layout.py`."""

    def __init__(self, store: Store, space: bytes) -> None:
        self._store = store
        self._space = space

    def all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every record with its key, by key."""
        for key, value in self._store.scan(self._space, bytes([self._space[0] + 1])):
            yield key[len(self._space) :].decode(), orjson.loads(value)

    async def put(self, key: str, record: dict[str, Any]) -> None:
        """Keep a record. It is durable on return."""
        value = orjson.dumps(record)
        await self._store.submit_from_loop(lambda tx: tx.put(self._key(key), value))

    async def delete(self, key: str) -> None:
        """Keep it no more."""
        await self._store.submit_from_loop(lambda tx: tx.delete(self._key(key)))

    def _key(self, key: str) -> bytes:
        return self._space + key.encode()
