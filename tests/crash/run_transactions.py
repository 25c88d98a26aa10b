"""Does transactions on an engine, from several threads, and prints the name of each that was acknowledged."""

import os
import sys
import threading
from pathlib import Path

from everwarm.dynamodb.api.actions import transact_write_items
from everwarm.dynamodb.api.operation import Transaction
from everwarm.dynamodb.engine import Engine

TABLES = ("left", "right")
WRITERS = 4


def transaction(engine: Engine, name: str) -> Transaction:
    """Counts up an item in each table; the token is the item's name."""
    updates = [
        {
            "Update": {
                "TableName": table,
                "Key": {"pk": {"S": name}},
                "UpdateExpression": "ADD n :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        }
        for table in TABLES
    ]
    return transact_write_items.run(engine, {"TransactItems": updates, "ClientRequestToken": name})


def _write(engine: Engine, writer: int) -> None:
    for number in range(1_000_000):
        name = f"{writer}/{number}"
        engine.store.update(transaction(engine, name).body)
        os.write(1, name.encode() + b"\n")


if __name__ == "__main__":
    engine = Engine.open(Path(sys.argv[1]))
    for writer in range(WRITERS):
        threading.Thread(target=_write, args=(engine, writer)).start()
