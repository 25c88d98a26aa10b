"""Calls a handler of this process as Lambda would: JSON in, JSON out, an exception as the payload that AWS makes of it.

Source of the payloads: "Python function errors" in the Lambda developer guide.
"""

import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from everwarm.aside import aside
from everwarm.cache.backends.backend import Handler
from everwarm.clock import monotonic
from everwarm.errors import BackendError
from everwarm.lambdas.runtime.replies import UNHANDLED, Invoke, Reply
from everwarm.log import get_logger

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    """What the handler gets beside the event: as much of Lambda's context object as means anything here."""

    function_name: str
    aws_request_id: str
    function_version: str = "$LATEST"


def invoker(function_name: str, handler: Callable[[], Handler]) -> Invoke:
    """The port to a handler. Each call has a thread of its own, so that a loader that blocks is in nobody's way.

    Args:
        handler: gives the one to call.
    """

    async def invoke(event: bytes) -> Reply:
        return await aside(partial(called, handler(), function_name, event))

    return invoke


def called(handler: Handler, function_name: str, event: bytes) -> Reply:
    """Call a handler with an event's JSON.

    Raises:
        BackendError: its cache is being closed, so that it has not done all that it was to do: that is no failure.
    """
    request_id = str(uuid.uuid4())
    began_at = monotonic()
    try:
        payload = orjson.dumps(handler(orjson.loads(event), Context(function_name, request_id)))
    except orjson.JSONEncodeError as err:
        return _failed("Runtime.MarshalError", f"Unable to marshal response: {err}", [], request_id, began_at)
    except BackendError:
        raise
    except BaseException as err:  # sys.exit() ends a call, and not the thread that has to tell of it
        _log.exception("a handler failed", function=function_name, request_id=request_id)
        frames = traceback.extract_tb(err.__traceback__)[1:]  # from the handler on
        return _failed(type(err).__name__, str(err), traceback.format_list(frames), request_id, began_at)
    return Reply(payload, None, request_id, monotonic() - began_at)


def _failed(error_type: str, message: str, stack: list[str], request_id: str, began_at: float) -> Reply:
    told: dict[str, Any] = {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": stack,
    }
    return Reply(orjson.dumps(told), UNHANDLED, request_id, monotonic() - began_at)
