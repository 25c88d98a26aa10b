"""Invoke: a call that is waited for, one that is not, or one that is only rehearsed."""

from base64 import b64decode, b64encode

import orjson

from everwarm.errors import InvalidRequestContentException, RequestEntityTooLargeException
from everwarm.lambdas.api.names import find
from everwarm.lambdas.api.operation import Answer, Lambdas, Request, Response

# "Invocation payload" in Lambda's quotas.
LIMITS_BYTES = {"RequestResponse": 6_291_456, "Event": 1_048_576, "DryRun": 6_291_456}


async def run(lambdas: Lambdas, request: Request) -> Response:
    name, deployed = find(lambdas, request)
    kind = request.get("InvocationType") or "RequestResponse"
    event = _event(request, kind)
    context = _client_context(request)
    if kind == "DryRun":
        return Answer(204, headers={"X-Amz-Executed-Version": deployed.function.version})
    if kind == "Event":
        await lambdas.async_calls.take(
            name.name, event, request["RequestId"], client_context=context, qualifier=name.qualifier
        )
        return Answer(202)
    reply = await lambdas.functions.invoke(
        name.name,
        event,
        qualifier=name.qualifier,
        request_id=request["RequestId"],
        wait=False,
        client_context=context,
    )
    headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": reply.executed_version}
    if reply.function_error is not None:
        headers["X-Amz-Function-Error"] = reply.function_error
    if request.get("LogType") == "Tail":
        headers["X-Amz-Log-Result"] = b64encode(reply.log_tail).decode()
    return Answer(200, reply.payload, headers)


async def run_async(lambdas: Lambdas, request: Request) -> Response:
    """InvokeAsync, which Event has taken the place of."""
    _, deployed = find(lambdas, request)
    event = _event({"Payload": request["InvokeArgs"]}, "Event")
    await lambdas.async_calls.take(deployed.name, event, request["RequestId"])
    return Answer(202, b"{}", {"Content-Type": "application/json"})


def _event(request: Request, kind: str) -> bytes:
    event: bytes = request["Payload"]
    limit = LIMITS_BYTES[kind]
    if len(event) > limit:
        raise RequestEntityTooLargeException(
            f"{len(event)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        )
    if not event:
        return b"{}"
    try:
        orjson.loads(event)
    except orjson.JSONDecodeError as err:
        raise InvalidRequestContentException(
            f"Could not parse request body into json: Could not parse payload into json: {err}"
        ) from None
    return event


def _client_context(request: Request) -> str | None:
    given = request.get("ClientContext")
    if not given:
        return None
    try:
        context = b64decode(given, validate=True)
        orjson.loads(context)
    except ValueError:
        raise InvalidRequestContentException("Client context must be a valid Base64-encoded JSON object.") from None
    return context.decode()
