"""The backend that is somewhere else: an endpoint that speaks DynamoDB's protocol, or AWS, by boto3.

Refreshes are done by a function that is deployed there; here, values are read and loaded.
Not here: boto3's form of requests, responses and errors (`wire_form.py`), following a stream (`polling.py`).
"""

import os
import threading
import weakref
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name for it
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.loaders import create_loader

from everwarm.account import DEFAULT_REGION
from everwarm.cache.backends.backend import CLOSED, Changed, Handler
from everwarm.cache.backends.opening import AWS
from everwarm.cache.backends.polling import Poller
from everwarm.cache.backends.wire_form import error_of, from_boto3, to_boto3
from everwarm.clock import Clock, block
from everwarm.errors import BackendError

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3, 10
TRIES = 3
CONNECTIONS = 64
"""As many calls at a time; more wait for a connection to be free."""

POLL_S, POLL_AWS_S = 0.25, 1.0
"""How often a followed stream is looked at. AWS lets a shard be read five times a second, by all readers together."""

ANYBODY = "everwarm"
"""Credentials for endpoints that do not look at them, as emulators do not."""

_STREAMS = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})

_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_S,
    read_timeout=READ_TIMEOUT_S,
    retries={"mode": "standard", "total_max_attempts": TRIES},
    max_pool_connections=CONNECTIONS,
    tcp_keepalive=True,
    # What is wrong with a request the server says, in the same words everywhere.
    parameter_validation=False,
)


class _Clients(NamedTuple):
    """boto3's; any number of threads may use them."""

    dynamodb: Any
    streams: Any


class Remote:
    """An endpoint, or AWS, as a `Backend`.

    Attributes:
        instant, exclusive, makes_tables: as `Backend` has them.
    """

    instant = False
    exclusive = False

    def __init__(self, endpoint: str, clock: Clock, region: str | None = None) -> None:
        """Nothing is called yet.

        Args:
            endpoint: its URL, or `AWS`.
            clock: for pauses.
            region: None for boto3's own; for a URL, `us-east-1` where boto3 has none.
        """
        self.makes_tables = endpoint != AWS
        self._endpoint = endpoint
        self._clock = clock
        self._region = region
        self._closed = False
        self._clients: _Clients | None = None
        self._connecting = threading.Lock()
        self._poller = Poller(self.call)
        _remotes.add(self)

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """As `Backend.call`. Throttling and lost connections are tried again, up to three times in all."""
        try:
            dynamodb, streams = self._clients or self._connected()
            method = getattr(streams if action in _STREAMS else dynamodb, xform_name(action))
            response: dict[str, Any] = from_boto3(method(**to_boto3(request)))
        except ClientError as err:
            error = error_of(err.response)
            if error.code.isdigit():  # no DynamoDB's answer, but that of something on the way
                raise BackendError(f"{self._endpoint} does not answer as DynamoDB does: {err}") from err
            raise error from None
        except BotoCoreError as err:
            raise BackendError(_what_to_do(err, self._endpoint)) from err
        return response

    def pause(self, seconds: float) -> None:
        """As `Backend.pause`."""
        block(self._clock, seconds)

    def serve(self, table_name: str, handler: Handler, *, concurrency: int) -> None:
        """Nothing: the function that is deployed there is called."""

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        """As `Backend.follow`. Told a quarter of a second later at the most, on AWS a second; None when that fails."""
        dynamodb, _ = self._clients or self._connected()
        on_aws = ".amazonaws." in str(urlsplit(dynamodb.meta.endpoint_url).hostname)
        return self._poller.follow(table_name, changed, POLL_AWS_S if on_aws else POLL_S)

    def close(self) -> None:
        """As `Backend.close`."""
        self._closed = True
        self._poller.close()
        clients, self._clients = self._clients, None
        for client in clients or ():
            client.close()

    def _connected(self) -> _Clients:
        with self._connecting:
            if self._closed:
                raise BackendError(CLOSED)
            if self._clients is None:
                try:
                    self._clients = _connect(self._endpoint, self._region)
                except (BotoCoreError, ValueError) as err:
                    raise BackendError(_what_to_do(err, self._endpoint)) from err
            return self._clients

    def _forked(self) -> None:
        # Two processes must not speak through one connection.
        self._connecting = threading.Lock()
        self._clients = None
        self._poller.forked()


def _connect(endpoint: str, region: str | None) -> _Clients:
    core = botocore.session.Session()
    core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
    options: dict[str, Any] = {"config": _CONFIG, "region_name": region}
    if endpoint != AWS:
        # Of a machine at AWS the endpoint is no business, and elsewhere the search for one takes seconds.
        core.get_component("credential_provider").remove("iam-role")
        options["endpoint_url"] = endpoint
        if _is_here(endpoint):
            options["config"] = _CONFIG.merge(Config(proxies={}))
        options["region_name"] = region or core.get_config_variable("region") or DEFAULT_REGION
        if core.get_credentials() is None:
            options |= {"aws_access_key_id": ANYBODY, "aws_secret_access_key": ANYBODY}
    session = boto3.session.Session(botocore_session=core)
    return _Clients(session.client("dynamodb", **options), session.client("dynamodbstreams", **options))


@cache
def _loader(data_path: str | None) -> Any:
    """AWS's descriptions of its services, read once for all caches of a process: most of what a session costs."""
    return create_loader(data_path)


def _is_here(endpoint: str) -> bool:
    """Whether it is on this machine, so that no proxy can lead there."""
    host = urlsplit(endpoint).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _what_to_do(err: Exception, endpoint: str) -> str:
    """For a person."""
    if isinstance(err, NoRegionError):
        return 'no region is known: pass Cache(..., region="eu-west-1"), or set AWS_DEFAULT_REGION'
    if isinstance(err, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError | ProfileNotFound):
        return (
            f"there are no AWS credentials to be used ({err}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE"
        )
    if isinstance(err, ConnectionError | HTTPClientError):
        if endpoint == AWS:
            return f"DynamoDB cannot be reached: {err}"
        return f"{endpoint} cannot be reached ({err}); is 'everwarm up' running there?"
    return f"{endpoint} cannot be used: {err}"


_remotes: "weakref.WeakSet[Remote]" = weakref.WeakSet()


def _forked() -> None:
    for remote in list(_remotes):
        remote._forked()


os.register_at_fork(after_in_child=_forked)
