"""A project of functions that fail in every way there is, called through boto3's `lambda` client."""

import base64
import json
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from everwarm import Stack
from everwarm.clock import ManualClock
from everwarm.stack import Observer
from tests.wire.conftest import connect


class Silent(Observer):
    """Nobody reads what the functions print."""

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call came to.

    Attributes:
        result: the payload.
        error: the header `X-Amz-Function-Error`.
        log: the last lines of its log.
    """

    status: int
    result: Any
    error: str | None
    request_id: str
    log: list[str]


@dataclass(frozen=True, slots=True)
class Functions:
    """The project's functions, by their keys in its file."""

    client: Any

    def call(self, key: str, event: Any = None, **more: Any) -> Answered:
        """Call a function, and wait for its answer."""
        answer = self.client.invoke(
            FunctionName=f"shop-dev-{key}", Payload=json.dumps(event).encode(), LogType="Tail", **more
        )
        with closing(answer["Payload"]) as payload:
            result = json.loads(payload.read())
        return Answered(
            answer["StatusCode"],
            result,
            answer.get("FunctionError"),
            answer["ResponseMetadata"]["RequestId"],
            base64.b64decode(answer["LogResult"]).decode().splitlines(),
        )


@contextmanager
def running(
    directory: Path, runtime: str, files: Mapping[str, str], functions: Mapping[str, str]
) -> Iterator[Functions]:
    """A stack with some functions.

    Args:
        files: of the project, by their names.
        functions: settings in YAML's flow form, by key.
    """
    for name, source in files.items():
        (directory / name).write_text(textwrap.dedent(source))
    entries = "".join(f"  {key}: {{{settings}}}\n" for key, settings in functions.items())
    (directory / "serverless.yml").write_text(
        f"service: shop\nprovider: {{name: aws, runtime: {runtime}}}\nfunctions:\n{entries}"
    )
    with Stack(directory, memory=True, clock=ManualClock(), observer=Silent(), environ={}) as stack:
        client = connect("lambda", stack.endpoint, read_timeout=120)
        yield Functions(client)
        client.close()
