"""What became of a call that nobody waits for, for those who want to know: destinations, and the dead-letter queue.

A destination gets a record of the call and of its answer; a dead-letter queue the event as it came. A function may be a
destination, too. What cannot be told is logged, as on AWS it is counted, and the call is over all the same.

Source: "Capturing records of Lambda asynchronous invocations" in the Lambda developer guide.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from everwarm.aside import aside
from everwarm.clock import Clock
from everwarm.errors import EverwarmError
from everwarm.lambdas import handlers_json
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.sending import Sender
from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.mappings.destination import parse_destination
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.runtime.replies import Reply, iso_time
from everwarm.log import get_logger

SUCCESS = "Success"
RETRIES_EXHAUSTED = "RetriesExhausted"
EVENT_AGE_EXCEEDED = "EventAgeExceeded"

MAX_ERROR_CHARACTERS = 1024
"""Of the error's text, as a dead letter has it."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes:
        condition: why there is nothing more to come, in AWS's words.
        event: JSON.
        request_id: the call's.
        attempts: how often the function was called.
        reply: of the last time; None if there was none, or it was before a restart.
        qualifier: the version or alias that was named; None where none was.
    """

    condition: str
    event: bytes
    request_id: str
    attempts: int
    reply: Reply | None
    qualifier: str | None = None


def record(outcome: Outcome, function_arn: str, now_s: float) -> dict[str, Any]:
    """What a destination is told."""
    told: dict[str, Any] = {
        "version": "1.0",
        "timestamp": iso_time(now_s),
        "requestContext": {
            "requestId": outcome.request_id,
            "functionArn": f"{function_arn}:{outcome.qualifier or LATEST}",
            "condition": outcome.condition,
            "approximateInvokeCount": outcome.attempts,
        },
        "requestPayload": orjson.loads(outcome.event),
    }
    if outcome.reply is not None:
        context = {"statusCode": 200, "executedVersion": outcome.reply.executed_version}
        error = outcome.reply.function_error
        told["responseContext"] = context if error is None else {**context, "functionError": error}
        told["responsePayload"] = _as_it_was(outcome.reply.payload)
    return told


def _as_it_was(payload: bytes) -> Any:
    """An answer as a member of the record: what is no JSON for everybody is told as text."""
    try:
        return orjson.loads(payload or b"null")
    except orjson.JSONDecodeError:
        return payload.decode("utf-8", "replace")


def object_key(function_name: str, now_s: float) -> str:
    """The key of the record in a bucket."""
    moment = datetime.fromtimestamp(now_s, UTC)
    return f"aws/lambda/async/{function_name}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


class Outcomes:
    """Tells destinations and dead-letter queues."""

    def __init__(self, endpoints: Endpoints, clock: Clock, region: str) -> None:
        """
        Args:
            endpoints: where queues, topics and buckets are.
        """
        self._endpoints = endpoints
        self._clock = clock
        self._region = region
        self._senders: dict[str, Sender] = {}

    async def tell(self, outcome: Outcome, deployed: Deployed, call: Callable[[str, bytes], Awaitable[None]]) -> None:
        """Tell whoever the function names for such an outcome.

        Args:
            call: has another function called, by its ARN, without waiting.
        """
        config = (deployed.event_invoke or {}).get("DestinationConfig") or {}
        side = "OnSuccess" if outcome.condition == SUCCESS else "OnFailure"
        arn = (config.get(side) or {}).get("Destination")
        if arn and ":lambda:" in arn:
            await self._safely(arn, lambda: call(arn, self._record(outcome, deployed)))
        elif arn:
            await self._safely(arn, lambda: self._send(arn, self._record(outcome, deployed), deployed.name))
        letters = (deployed.settings.get("DeadLetterConfig") or {}).get("TargetArn")
        if letters and outcome.condition != SUCCESS:
            attributes = _letter_attributes(outcome)
            await self._safely(letters, partial(self._send, letters, outcome.event, deployed.name, attributes))

    def _record(self, outcome: Outcome, deployed: Deployed) -> bytes:
        return orjson.dumps(record(outcome, deployed.arn, self._clock.now()))

    async def _safely(self, arn: str, send: Callable[[], Awaitable[None]]) -> None:
        try:
            await send()
        except Exception as error:
            _log.error("an asynchronous call's destination could not be told", destination=arn, error=str(error))

    async def _send(self, arn: str, body: bytes, function_name: str, attributes: dict[str, Any] | None = None) -> None:
        destination = parse_destination(arn)
        endpoint = self._endpoints.by_service.get(destination.service)
        if endpoint is None:
            raise EverwarmError(f"no endpoint is known for {destination.service}; see --destinations-endpoint")
        sender = self._senders.setdefault(endpoint, Sender(endpoint))
        key = object_key(function_name, self._clock.now())
        await aside(partial(sender.tell, destination, self._region, body, key=key, attributes=attributes))


def _letter_attributes(outcome: Outcome) -> dict[str, Any]:
    """Attributes of a dead letter: which call it was, and what went wrong, of which AWS gives the HTTP status."""
    reply = outcome.reply
    message = outcome.condition if reply is None else _error_message(reply.payload) or outcome.condition
    return {
        "RequestID": {"DataType": "String", "StringValue": outcome.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200" if reply is not None else "429"},
        "ErrorMessage": {"DataType": "String", "StringValue": message[:MAX_ERROR_CHARACTERS]},
    }


def _error_message(payload: bytes) -> str | None:
    try:
        answer = handlers_json.read(payload)
    except ValueError:
        return None
    found = answer.get("errorMessage") if isinstance(answer, dict) else None
    return handlers_json.whole(found) if isinstance(found, str) else None
