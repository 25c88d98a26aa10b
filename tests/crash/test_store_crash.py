"""A process that is killed in the middle of its writes has lost nothing that it acknowledged.

SIGKILL takes the process, not the machine: what the kernel was given survives, synced or not. So this holds the order
of write, acknowledgement and recovery to account, not the disk.
"""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from everwarm.dynamodb.storage.store import Store

# Each transaction writes two keys; from several threads, so that groups are under way when the end comes.
WRITER = """
import os, sys, threading
from pathlib import Path
from everwarm.dynamodb.storage.store import Store

store = Store.open(Path(sys.argv[1]))
rounds, writers = sys.argv[2], int(sys.argv[3])

def write(writer):
    for number in range(1_000_000):
        name = f"{rounds}/{writer}/{number}".encode()
        def body(tx, name=name):
            tx.put(b"left " + name, b"x" * 100)
            tx.put(b"right " + name, b"x" * 100)
        store.update(body)
        os.write(1, name + b"\\n")

for writer in range(writers):
    threading.Thread(target=write, args=(writer,)).start()
"""

ROUNDS = 5


def acknowledged(data: Path, name: str, kill_after: int) -> Iterator[bytes]:
    """What the writer printed; it is killed while its line `kill_after` is read, and prints on until it is dead."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(data), name, "4"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for number, line in enumerate(writer.stdout):
            if number == kill_after:
                writer.kill()
            # A last line may be cut short by the kill; then it was not acknowledged.
            if line.endswith(b"\n"):
                yield line.rstrip()
    assert writer.returncode == -9


def test_every_acknowledged_write_is_there_after_sigkill(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    promised: set[bytes] = set()
    for number in range(ROUNDS):
        # The directory of the killed process opens at once: its lock died with it.
        promised.update(acknowledged(tmp_path / "data", f"round {number}", kill_after=chance.randrange(1, 600)))
        with closing(Store.open(tmp_path / "data")) as store:
            left = {key.removeprefix(b"left ") for key, _ in store.scan(b"left ", b"left!")}
            right = {key.removeprefix(b"right ") for key, _ in store.scan(b"right ", b"right!")}
        assert promised - left == set()
        # A transaction whose acknowledgement was cut off is there or not, but never by half.
        assert left == right
