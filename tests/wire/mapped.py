"""Functions on the streams of tables, and what they were called with: what the tests of mappings share.

Each function has a table of its own unless it says otherwise, a real handler in a worker process, and a clock that the
tests move. A module starts them together, for a worker takes a third of a second to start.
"""

import contextlib
import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from everwarm.clock import ManualClock
from everwarm.lambdas.failures.kept import Kept
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.stack import Observer, Stack
from everwarm.stream_record import Record
from tests.stack.support import client, eventually

# What each handler finds ready: `keys`, `number_of` and how often it has been called before.
_TOOLS = """
import json, os, time

def keys(event):
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]

def number_of(event, key):
    return event["Records"][keys(event).index(key)]["dynamodb"]["SequenceNumber"]

def failures(event, *names):
    named = [{"itemIdentifier": number_of(event, name)} for name in names if name in keys(event)]
    return {"batchItemFailures": named}

def calls_before(name, line):
    path = f"{name}.calls"
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode() + b"\\n")
    os.close(file)
    return sum(1 for _ in open(path)) - 1
"""

_HANDLER = """
def {name}(event, context):
    call = calls_before("{name}", json.dumps({{"event": event, "context": {context}}}))
{body}
"""

_TABLE = """
    {table}:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: {table}
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{{AttributeName: pk, AttributeType: S}}]
        KeySchema: [{{AttributeName: pk, KeyType: HASH}}]
        TimeToLiveSpecification: {{AttributeName: ttl, Enabled: true}}
        StreamSpecification: {{StreamViewType: NEW_AND_OLD_IMAGES}}
"""


@dataclass(frozen=True, slots=True)
class Triggered:
    """A function.

    Attributes:
        settings: those of its stream event, as YAML without the braces.
        body: of the handler, with `event`, `context` and `call`, the number of calls before this one.
        table: the table that it reads; one of its own unless named.
        more: settings of the function.
        context: an expression of what is to be remembered of the context.
    """

    settings: str = "batchSize: 100"
    body: str = "return None"
    table: str = ""
    more: str = ""
    context: str = "None"


class _Calls(Observer):
    """Counts the calls that have ended, by function."""

    def __init__(self) -> None:
        self.ended: Counter[str] = Counter()

    def called(self, function_name: str, records: Sequence[Record], outcome: Outcome) -> None:
        self.ended[function_name] += 1


class Mapped:
    """A running stack with functions on streams.

    Attributes:
        ended: how many calls have ended, by the deployed name of the function.
    """

    def __init__(
        self,
        stack: Stack,
        clock: ManualClock,
        directory: Path,
        ended: Mapping[str, int],
        before: Mapping[str, int],
    ) -> None:
        """
        Args:
            before: how many calls an earlier stack in this directory has made, by function.
        """
        self.ended = ended
        self.stack = stack
        self.clock = clock
        self.directory = directory
        self.dynamodb = client("dynamodb", stack.endpoint)
        self._before = before

    def put(self, table: str, *keys: str, **attributes: Any) -> None:
        """Put items, all in one commit, so that no reader sees some of them only."""
        items = [{"pk": {"S": key}, **attributes} for key in keys]
        self.dynamodb.transact_write_items(
            TransactItems=[{"Put": {"TableName": table, "Item": item}} for item in items]
        )

    def events(self, function: str) -> list[dict[str, Any]]:
        """What a function was called with so far."""
        return [call["event"] for call in _calls(self.directory, function)]

    def contexts(self, function: str) -> list[Any]:
        """What is remembered of the contexts of those calls."""
        return [call["context"] for call in _calls(self.directory, function)]

    def sent(self, function: str) -> list[list[str]]:
        """The keys of the records of each call."""
        return [
            [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]] for event in self.events(function)
        ]

    def wait(self, function: str, calls: int, step_s: float = 0.0) -> list[list[str]]:
        """The keys of each call, once there were so many.

        Args:
            step_s: by how much the clock is moved every few milliseconds, for retries and the like.
        """

        eventually(
            lambda: len(self.sent(function)) >= calls, timeout_s=30, meanwhile=lambda: self._pass(function, step_s)
        )
        return self.sent(function)

    def given_up(self, function: str, count: int = 1, step_s: float = 0.25) -> list[Kept]:
        """The failures of a function, once there are so many."""
        name = f"shop-dev-{function}"

        def found() -> list[Kept]:
            return [kept for kept in self.stack.failures if kept.function_name == name]

        eventually(lambda: len(found()) >= count, timeout_s=30, meanwhile=lambda: self._pass(function, step_s))
        return found()

    def allow(self, name: str) -> None:
        """Make the file that a handler is waiting for."""
        (self.directory / name).touch()

    def _pass(self, function: str, step_s: float) -> None:
        """Let time pass, but not while the function runs: a slow machine would have its records grow old by that."""
        ended = self._before.get(function, 0) + self.ended[f"shop-dev-{function}"]
        if step_s and ended >= len(_calls(self.directory, function)):
            self.clock.advance(step_s)


def _calls(directory: Path, function: str) -> list[dict[str, Any]]:
    with contextlib.suppress(FileNotFoundError):
        lines = (directory / f"{function}.calls").read_text(encoding="utf-8").split("\n")
        # A line without an end is being written.
        return [json.loads(line) for line in lines[:-1]]
    return []


@contextlib.contextmanager
def running(directory: Path, functions: Mapping[str, Triggered], **options: Any) -> Iterator[Mapped]:
    """A stack with these functions, on a clock and in a directory of its own."""
    handlers = [_TOOLS]
    yml = ["service: shop", "provider: {name: aws, runtime: python3.11}", "functions:"]
    for name, function in functions.items():
        table = function.table or name
        body = textwrap.indent(textwrap.dedent(function.body).strip(), "    ")
        handlers.append(_HANDLER.format(name=name, context=function.context, body=body))
        event = f"{{type: dynamodb, arn: !GetAtt {table}.StreamArn, {function.settings}}}"
        more = f", {function.more}" if function.more else ""
        yml.append(f"  {name}: {{handler: main.{name}, timeout: 60, events: [{{stream: {event}}}]{more}}}")
    yml += ["resources:", "  Resources:"]
    yml += [_TABLE.format(table=table) for table in {function.table or name for name, function in functions.items()}]
    (directory / "main.py").write_text("\n".join(handlers), encoding="utf-8")
    (directory / "serverless.yml").write_text("\n".join(yml), encoding="utf-8")
    clock = ManualClock()
    calls = _Calls()
    before = {file.stem: len(_calls(directory, file.stem)) for file in directory.glob("*.calls")}
    with Stack(directory, clock=clock, observer=calls, environ={}, **{"memory": True, **options}) as stack:
        mapped = Mapped(stack, clock, directory, calls.ended, before)
        yield mapped
        mapped.dynamodb.close()
