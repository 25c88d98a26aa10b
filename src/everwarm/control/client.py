"""What commands use to talk to a stack: one that runs, found by its data directory or its URL, or data at rest.

with at(Path(".everwarm")) as stack:
    stack.call("failures/list")
"""

import asyncio
import contextlib
import http.client
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from everwarm.control.operation import JSON, PREFIX, STACK_HEADER, Operation
from everwarm.errors import ControlError, FailureNotFound, NotRunning
from everwarm.whereabouts import Whereabouts

CONNECT_TIMEOUT_S = 5.0

# The scope of signatures: what the server takes them for.
_SERVICE, _REGION = "dynamodb", "us-east-1"


class Stack(Protocol):
    """Whoever carries operations out."""

    def call(self, operation: str, **parameters: Any) -> Any:
        """Carry one out, and return its answer.

        Raises:
            EverwarmError: it could not be done; its text says why.
        """
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What requests are signed with."""

    access_key: str
    secret: str
    token: str | None = None


class RunningStack:
    """A stack that is asked over HTTP."""

    def __init__(self, url: str, key: SigningKey | None = None, stack_id: str = "") -> None:
        """
        Args:
            key: needed where credentials are checked.
            stack_id: refuses any other stack; empty takes the one that is there.
        """
        self.url = url.rstrip("/")
        self._key = key
        self._stack_id = stack_id

    def call(self, operation: str, **parameters: Any) -> Any:
        """As `Stack.call`; for as long as it takes.

        Raises:
            NotRunning: nobody answers, or not the stack that is meant.
            FailureNotFound, ControlError: what the stack says against it.
        """
        body = json.dumps(parameters).encode()
        status, answer = self._post(f"{self.url}/{PREFIX}/{operation}", body)
        try:
            told = json.loads(answer)
            if status == 200:
                return told
            kind, message = told["error"]["type"], told["error"]["message"]
        except (ValueError, TypeError, KeyError):
            raise NotRunning(f"what answers at {self.url} is no everwarm, or one of another version") from None
        if kind == "AnotherStack":
            raise self._nobody()
        if kind == "MissingAuthenticationTokenException":
            message = "the stack checks credentials: give a file that has one of its keys with --credentials"
        if kind == FailureNotFound.__name__:
            raise FailureNotFound(message)
        raise ControlError(message)

    def _post(self, url: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ControlError(f"{self.url!r} is not the URL of an endpoint, such as http://127.0.0.1:8000")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        try:
            connection = kind(parts.hostname, parts.port, timeout=CONNECT_TIMEOUT_S)
            with contextlib.closing(connection):
                connection.connect()
                connection.sock.settimeout(None)  # a function may take its time
                connection.request("POST", parts.path, body, self._headers(url, body))
                response = connection.getresponse()
                return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._nobody() from error

    def _headers(self, url: str, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": JSON}
        if self._stack_id:
            headers[STACK_HEADER] = self._stack_id
        if self._key is None:
            return headers
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest("POST", url, headers, body)
        credentials = Credentials(self._key.access_key, self._key.secret, self._key.token)
        SigV4Auth(credentials, _SERVICE, _REGION).add_auth(request)
        return dict(request.headers)

    def _nobody(self) -> NotRunning:
        return NotRunning(f"no stack answers at {self.url}; 'everwarm up' starts one")


class StackAtRest:
    """The operations that need no running stack, carried out here."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def call(self, operation: str, **parameters: Any) -> Any:
        """As `Stack.call`.

        Raises:
            NotRunning: this one needs a stack that runs.
        """
        if operation not in self._operations:
            raise NotRunning("no stack runs here, and this needs one; 'everwarm up' starts it")
        coroutine = self._operations[operation](parameters)
        return asyncio.run(_awaited(coroutine))


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def running(data: Path) -> RunningStack | None:
    """The stack that runs on a data directory; None if none does."""
    found = Whereabouts.read(data)
    if found is None:
        return None
    key = None
    if found.access_key is not None and found.secret is not None:
        key = SigningKey(found.access_key, found.secret, found.token)
    stack = RunningStack(found.url, key, found.stack)
    try:
        stack.call("ping")
    except NotRunning:
        return None
    return stack


def at_endpoint(url: str, credentials: Path | None, environ: Mapping[str, str] | None = None) -> RunningStack:
    """The stack at a URL, its requests signed with what a person has: a file, else AWS's own variables.

    Raises:
        CredentialsError: there are no keys in that file.
    """
    environ = os.environ if environ is None else environ
    if credentials is not None:
        from everwarm.dynamodb.api.credentials import read_keys

        access_key, key = next(iter(read_keys(credentials).items()))
        return RunningStack(url, SigningKey(access_key, key.secret, key.token))
    access_key, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
    if access_key and secret:
        return RunningStack(url, SigningKey(access_key, secret, environ.get("AWS_SESSION_TOKEN") or None))
    return RunningStack(url)


@contextlib.contextmanager
def at(data: Path) -> Iterator[Stack]:
    """The stack of a data directory: the one that runs there, else what needs none, on the data itself.

    Raises:
        NotRunning: there is no data, or another process has it open and does not answer.
    """
    stack = running(data)
    if stack is not None:
        yield stack
        return
    if not (data / "FORMAT").exists():
        raise NotRunning(
            f"no stack runs on {data.absolute()}, and there is no data. Name the project with --project, the data "
            "directory with --data, or a running stack with --endpoint"
        )
    from everwarm.control.at_rest import opened

    with opened(data) as operations:
        yield StackAtRest(operations)
