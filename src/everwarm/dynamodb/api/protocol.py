"""From a target and a body to a status and a body: JSON 1.0, and the one place that turns errors into bytes.

Not here: sockets and headers (server.py), who asks (auth.py).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.api.operation import Operation, Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.errors import ApiError, InternalServerError, SerializationException, UnknownOperationException
from everwarm.log import get_logger

_log = get_logger(__name__)

_INTERNAL = InternalServerError("The server encountered an internal error trying to fulfill the request.")


class Answer(NamedTuple):
    """A response's status and body."""

    status: int
    body: bytes


def anybody() -> None:
    """Lets everybody in."""


async def answer(engine: Engine, target: str, body: bytes, authenticate: Callable[[], None] = anybody) -> Answer:
    """Answer one request; whatever happens, with something that AWS could have said.

    Args:
        target: `DynamoDB_20120810.PutItem`, say.
        authenticate: raises if the request may not be answered. AWS asks that once it has read the JSON.
    """
    try:
        # AWS's order; only a missing body it misses last.
        request: Any = parse(body) if body else None
        operation = find_operation(target)
        authenticate()
        if not body:
            raise SerializationException("")
        answered = Answer(200, orjson.dumps(await run(engine, operation, request)))
        engine.requests[operation.name, "OK"] += 1
        return answered
    except ApiError as err:
        return _refuse_counted(engine, target, err)
    except Exception:
        _log.exception("request failed unexpectedly", target=target)
        return _refuse_counted(engine, target, _INTERNAL)


def _refuse_counted(engine: Engine, target: str, err: ApiError) -> Answer:
    known = operations().get(target)
    engine.requests["unknown" if known is None else known.name, err.code] += 1
    return refuse(err)


def refuse(err: ApiError) -> Answer:
    """The answer that an error is."""
    return Answer(err.status, orjson.dumps(err.to_wire()))


async def run(engine: Engine, operation: Operation, request: Request) -> Response:
    """Run an operation to its end, on an event loop.

    Raises:
        ApiError: what is wrong with the request.
    """
    result = begin(engine, operation, request)
    if isinstance(result, Transaction):
        return await engine.store.submit_from_loop(result.body, alone=result.alone, frees=result.frees)
    return result


def begin(engine: Engine, operation: Operation, request: Request) -> Response | Transaction:
    """Answer a read; of a write, do all that needs no writer. From any thread: see `DirectClient`.

    Raises:
        ApiError: what is wrong with the request.
    """
    try:
        operation.check(request)
        return operation.run(engine, request)
    except SerializationException:
        raise
    except ApiError:
        # AWS would not have come so far with JSON of a wrong type anywhere.
        operation.check.check_types(request)
        raise


def find_operation(target: str) -> Operation:
    """The operation of a target.

    Raises:
        UnknownOperationException: there is none, or everwarm does not have it.
    """
    operation = operations().get(target)
    if operation is None:
        raise UnknownOperationException(f"There is no operation {target!r} here")
    return operation


def parse(body: bytes) -> Any:
    """The JSON in a body; whether it is an object is for the shape to say.

    Raises:
        SerializationException: there is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise SerializationException("") from None
