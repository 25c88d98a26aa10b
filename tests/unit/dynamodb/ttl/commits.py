"""Several transactions in one commit, as they come when there are many writers."""

import threading
from collections.abc import Callable
from typing import Any

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.keys import key_in_item
from everwarm.dynamodb.values.types import Item


def together(engine: Engine, *bodies: Callable[[Tx], Any]) -> list[Any]:
    """Run transactions in one commit, behind one that holds the writer up until all have queued up; their results."""
    held, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        held.set()
        go_on.wait(10)

    engine.store.submit(hold)
    held.wait(10)
    futures = [engine.store.submit(body) for body in bodies]
    go_on.set()
    return [future.result(10) for future in futures]


def putting(engine: Engine, table_name: str, item: Item) -> Callable[[Tx], Any]:
    """A transaction that puts an item."""
    table = engine.tables.find(table_name)
    return lambda tx: engine.write(tx, table, key_in_item(table, item), lambda old: item)
