"""The Lambda API as an ASGI application: limits, who asks, headers. What is asked: routes.py; answers: answers.py."""

import uuid

from everwarm.dynamodb.api import auth
from everwarm.dynamodb.api.credentials import Keys
from everwarm.dynamodb.api.headers import Head, headers_of
from everwarm.dynamodb.api.signatures import check_signature
from everwarm.errors import ApiError, RequestEntityTooLargeException, UnknownOperationException
from everwarm.lambdas.api import answers, packages, routes
from everwarm.lambdas.api.actions import operations
from everwarm.lambdas.api.model import lambda_model
from everwarm.lambdas.api.operation import Answer, Lambdas
from everwarm.listener import AsgiApp, Receive, Scope, Send, read_body

SERVICE = "lambda"

# AWS's own figures, as its errors tell them: a package of 50 MiB in base64, and some more for the rest.
MAX_REQUEST_BYTES = 70_167_211
MAX_DISCARDED_BYTES = 2 * MAX_REQUEST_BYTES


def application(lambdas: Lambdas, keys: Keys | None = None) -> AsgiApp:
    """The Lambda API of one stack.

    Args:
        keys: who may ask. Without them a request has to look signed, as on AWS, and that is all.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        head = _head(scope)
        body = await read_body(receive, MAX_REQUEST_BYTES, MAX_DISCARDED_BYTES)
        request_id = str(uuid.uuid4())
        try:
            reply = await _answer(lambdas, keys, head, body, request_id)
        except Exception as err:
            reply = answers.refuse(err)
        await _send(send, reply, request_id, close=body is None)

    return app


async def _answer(lambdas: Lambdas, keys: Keys | None, head: Head, body: bytes | None, request_id: str) -> Answer:
    if packages.is_one(head):
        return await packages.give(lambdas, head)
    route = routes.find(head)
    if body is None:
        raise too_large(MAX_REQUEST_BYTES, "CreateFunction" if route is None else route.operation)
    auth.check_form(head)
    if keys is not None:
        check_signature(head, body, keys, lambdas.clock.now(), SERVICE)
    if route is None:
        raise UnknownOperation(f"The Lambda API has no {head.method} {head.path}")
    operation = operations().get(route.operation)
    if operation is None:
        raise UnknownOperation(f"everwarm does not have {route.operation}; docs/lambda.md lists what it has")
    request = routes.request_of(route, head, body)
    payload = lambda_model().payload(operation.name)
    if payload is None:
        operation.check(request)
    else:
        operation.check({**request, payload: ""})  # it is no text, and has no shape
        request[payload] = body
    request["RequestId"] = request_id
    return answers.answer(operation, await operation.run(lambdas, request))


class UnknownOperation(UnknownOperationException):
    """An operation that everwarm does not have, or nobody. It says so, where DynamoDB says nothing."""

    status = 404

    @property
    def code(self) -> str:
        return UnknownOperationException.__name__


def too_large(limit_bytes: int, operation: str) -> ApiError:
    """The error for a request that is too large, in AWS's words."""
    return RequestEntityTooLargeException(
        f"Request must be smaller than {limit_bytes} bytes for the {operation} operation"
    )


def _head(scope: Scope) -> Head:
    """The request's head, with the path as it was sent: that is what was signed, and names may have slashes in them."""
    path = scope["raw_path"].decode("latin-1")
    return Head(scope["method"], path, scope["query_string"], headers_of(scope))


async def _send(send: Send, reply: Answer, request_id: str, *, close: bool) -> None:
    headers = {"x-amzn-RequestId": request_id, **reply.headers}
    if reply.status != 204:
        headers["Content-Length"] = str(len(reply.body))
    if close:
        headers["Connection"] = "close"
    encoded = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
    await send({"type": "http.response.body", "body": reply.body})
