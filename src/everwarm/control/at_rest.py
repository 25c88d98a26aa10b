"""Operations on a data directory that no stack has open. They need the storage engine, and nothing that runs on it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from everwarm.clock import SystemClock
from everwarm.control import failures, streams
from everwarm.control.operation import Operation
from everwarm.dynamodb.storage.layout import FAILURE
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.streams.arrivals import Arrivals
from everwarm.dynamodb.streams.catalog import StreamCatalog
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.dynamodb.tables.catalog import Catalog
from everwarm.lambdas.failures.store import FailureStore


@contextlib.contextmanager
def opened(data: Path) -> Iterator[dict[str, Operation]]:
    """What can be done without a stack, for as long as this lasts.

    Raises:
        StorageLocked: another process has it open: a stack that is starting or ending, say.
        StorageFormatError: it is of another version.
    """
    store = Store.open(data)
    try:
        clock = SystemClock()
        tables = Catalog(store)
        yield {
            **failures.operations(FailureStore(store, FAILURE, clock), clock, None),
            **streams.operations(store, StreamCatalog(store, tables, clock, Arrivals(), StreamSettings()), tables),
        }
    finally:
        store.close()
