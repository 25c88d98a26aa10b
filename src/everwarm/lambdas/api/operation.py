"""What an operation of the Lambda API is: a name, the check of its request, and a coroutine that runs it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from everwarm.client import Client
from everwarm.clock import Clock
from everwarm.dynamodb.api.shapes import RequestCheck
from everwarm.lambdas.api.model import HttpForm
from everwarm.lambdas.async_calls import AsyncCalls
from everwarm.lambdas.registry.functions import Functions
from everwarm.lambdas.registry.mappings import Mappings

Request = dict[str, Any]
"""The members of a request, wherever in HTTP they stood."""


@dataclass(frozen=True, slots=True)
class Lambdas:
    """What the operations work on.

    Attributes:
        functions, mappings: which there are.
        async_calls: takes the calls that nobody waits for.
        client: where the streams are.
        endpoint_url: where all this is reached.
    """

    functions: Functions
    mappings: Mappings
    async_calls: AsyncCalls
    client: Client
    clock: Clock
    region: str
    endpoint_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose form is its operation's own business."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Response = dict[str, Any] | Answer | None
"""The members of the answer's JSON; None for an empty body."""

Run = Callable[[Lambdas, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    http: HttpForm
    check: RequestCheck
    run: Run
