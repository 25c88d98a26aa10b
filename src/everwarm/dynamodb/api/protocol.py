"""From a target and a body to a status and a body: JSON 1.0, and the one place that turns errors into bytes.

Not here: sockets and headers (server.py).
"""

from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.api.operation import Operation, Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.values.json_types import wrong_type
from everwarm.errors import ApiError, InternalServerError, SerializationException, UnknownOperationException

_log = structlog.get_logger(__name__)

_INTERNAL = InternalServerError("The server encountered an internal error trying to fulfill the request.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response's status and body."""

    status: int
    body: bytes


async def answer(engine: Engine, target: str, body: bytes) -> Answer:
    """Answer one request; whatever happens, with something that AWS could have said.

    Args:
        target: `DynamoDB_20120810.PutItem`, say.
    """
    try:
        response = await run(engine, find_operation(target), parse(body))
        return Answer(200, orjson.dumps(response))
    except ApiError as err:
        return Answer(err.status, orjson.dumps(err.to_wire()))
    except Exception:
        _log.exception("request failed unexpectedly", target=target)
        return Answer(InternalServerError.status, orjson.dumps(_INTERNAL.to_wire()))


async def run(engine: Engine, operation: Operation, request: Request) -> Response:
    """Run an operation to its end.

    Raises:
        ApiError: what is wrong with the request.
    """
    operation.check(request)
    result = operation.run(engine, request)
    if isinstance(result, Transaction):
        return await engine.store.submit_from_loop(result.body, alone=result.alone)
    return result


def find_operation(target: str) -> Operation:
    """The operation of a target.

    Raises:
        UnknownOperationException: there is none, or everwarm does not have it.
    """
    operation = operations().get(target)
    if operation is None:
        raise UnknownOperationException(f"There is no operation {target!r} here")
    return operation


def parse(body: bytes) -> Request:
    """The request in a body.

    Raises:
        SerializationException: no JSON, or no JSON object.
    """
    try:
        request: Any = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        raise SerializationException("") from None
    if not isinstance(request, dict):
        raise wrong_type(request, "structure")
    return request
