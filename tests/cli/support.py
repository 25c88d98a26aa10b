"""`everwarm` as a process of its own, the way a person starts it."""

import contextlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import boto3

from everwarm.cli import main
from everwarm.clock import monotonic

T = TypeVar("T")

# Most of what a command takes is Python's imports: done once, in a process that is forked for each command.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        __name__,
        "everwarm.cache.backends.remote",
        "everwarm.cache.survey",
        "everwarm.cache.table",
        "everwarm.cli.cache_view",
        "everwarm.cli.check_view",
        "everwarm.cli.failures_view",
        "everwarm.cli.streams_view",
        "everwarm.control.client",
        "everwarm.stack",
        "pydantic.main",  # typer's
    ]
)

COMMAND = [sys.executable, "-m", "everwarm"]
TIMEOUT_S = 60  # of what hangs; a machine with much else to do takes its time

# A terminal's width and colours are not asked for here, and a proxy is nobody's business on one machine.
ENVIRON = {**os.environ, "COLUMNS": "80", "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}

PROJECT = """
service: shop
provider:
  name: aws
  runtime: python3.11
  environment: {GREETING: "${param:greeting, 'hello'}"}
functions:
  main:
    handler: main.handler
    timeout: 60
    events:
      - stream: {type: dynamodb, arn: !GetAtt Prices.StreamArn, maximumRetryAttempts: 1}
resources:
  Resources:
    Prices:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: prices-of-a-shop-with-a-long-name-${sls:stage}
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
        KeySchema: [{AttributeName: pk, KeyType: HASH}]
        StreamSpecification: {StreamViewType: KEYS_ONLY}
"""
TABLE = "prices-of-a-shop-with-a-long-name-dev"

HANDLER = """
import os

def handler(event, context):
    print(f"{os.environ['GREETING']} from pid={os.getpid()} in call={context.aws_request_id}")
"""


def eventually(look: Callable[[], T | None], timeout_s: float = TIMEOUT_S) -> T:
    """The first true answer; what another process does takes its time."""
    give_up_at = monotonic() + timeout_s
    while not (answer := look()):
        assert monotonic() < give_up_at, f"not so within {timeout_s} s"
        time.sleep(0.02)
    return answer


def alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@dataclass(frozen=True, slots=True)
class Up:
    """A running `everwarm up`.

    Attributes:
        shown: its standard output up to and with the line "Ready".
        log_file: its standard error.
    """

    process: subprocess.Popen[str]
    shown: str
    log_file: Path

    @property
    def endpoint(self) -> str:
        found = re.search(r"^Endpoint +(\S+)", self.shown, re.MULTILINE)
        assert found is not None, self.shown
        return found[1]

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def logged(self, pattern: str) -> re.Match[str]:
        """Wait for a line in the log."""
        return eventually(lambda: re.search(pattern, self.log()))

    def client(self) -> Any:
        return boto3.client(
            "dynamodb",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )

    def put(self, key: str) -> None:
        self.client().put_item(TableName=TABLE, Item={"pk": {"S": key}})

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and wait; the exit status and what came on standard output after "Ready"."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, rest


def run(*args: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `everwarm` to its end, in a process of its own: a fork of one that has imported all of it."""
    command = [*map(str, args)]
    with tempfile.TemporaryDirectory() as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        process = _FORKS.Process(target=_main, args=(command, {**ENVIRON, **environ}, out, err))
        process.start()
        process.join(TIMEOUT_S)
        process.kill()  # one that has ended does not mind
        process.join()
        assert process.exitcode != -signal.SIGKILL, f"not done within {TIMEOUT_S} s: {command}"
        return subprocess.CompletedProcess(
            command, process.exitcode or 0, out.read_text("utf-8"), err.read_text("utf-8")
        )


def _main(args: list[str], environ: dict[str, str], out: Path, err: Path) -> None:
    """What `python -m everwarm` does; the standard streams are files."""
    os.environ.clear()
    os.environ.update(environ)
    for number, path in enumerate((Path(os.devnull), out, err)):
        with path.open("r+b" if path.exists() else "wb") as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["everwarm", *args]
    main()
