"""TransactWriteItems and `kill -9`: both of its items or none, and its token with them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.keys import all_items
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema
from tests.crash import run_transactions
from tests.crash.run_transactions import TABLES, transaction

KILLED_AFTER = 300


def acknowledged(data: Path) -> Iterator[str]:
    """What the writer printed; it is killed while a line is read, and prints on until it is dead."""
    command = [sys.executable, run_transactions.__file__, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for number, line in enumerate(writer.stdout):
            if number == KILLED_AFTER:
                writer.kill()
            # A last line may be cut short by the kill; then it was not acknowledged.
            if line.endswith("\n"):
                yield line.rstrip()
    assert writer.returncode == -9


def counts(engine: Engine, table: str) -> dict[str, str]:
    items = [decode(value) for _, value in engine.store.scan(*all_items(engine.tables.find(table)))]
    return {item["pk"]["S"]: item["n"]["N"] for item in items}


def test_both_or_none_and_never_twice(tmp_path: Path) -> None:
    with closing(Engine.open(tmp_path)) as engine:

        def create(tx: Tx, name: str) -> None:
            engine.tables.create(tx, name, "us-east-1", 0.0, KeySchema.of(KeyPart("pk", "S")))

        for table in TABLES:
            engine.store.update(lambda tx, table=table: create(tx, table), alone=True)  # type: ignore[misc]
    promised = set(acknowledged(tmp_path))
    with closing(Engine.open(tmp_path)) as engine:
        left, right = (counts(engine, table) for table in TABLES)
        assert promised - left.keys() == set()
        # One whose acknowledgement was cut off is there or not, but never by half.
        assert left == right
        # Whoever does not know whether it was done sends it again, with its token.
        for name in left:
            engine.store.update(transaction(engine, name).body)
        assert set(counts(engine, "left").values()) == {"1"}
