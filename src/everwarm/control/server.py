"""everwarm's own operations as an ASGI application: `POST /_everwarm/<operation>`, JSON in and JSON out.

A web page must not be able to call them from somebody's browser. So a request has to be of a content type that no
page can send to another site unasked; asking (CORS) is not answered; and one that names an `Origin`, as browsers do, is
refused, which also keeps out pages that have given their own name our address.

If the stack checks credentials, requests are signed as those to DynamoDB are.
"""

import json
from collections.abc import Mapping

from everwarm.clock import Clock
from everwarm.control.operation import JSON, PREFIX, STACK_HEADER, Operation
from everwarm.dynamodb.api.auth import check_form
from everwarm.dynamodb.api.credentials import Keys
from everwarm.dynamodb.api.headers import Head, headers_of
from everwarm.dynamodb.api.signatures import check_signature
from everwarm.errors import ApiError, EverwarmError, FailureNotFound
from everwarm.listener import AsgiApp, Receive, Scope, Send, read_body
from everwarm.log import get_logger

MAX_REQUEST_BYTES = 1024 * 1024

_log = get_logger(__name__)


class _Refused(Exception):
    """A request that is not carried out."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


def control(operations: Mapping[str, Operation], keys: Keys | None, clock: Clock, stack_id: str) -> AsgiApp:
    """The application.

    Args:
        operations: by their names, `failures/list` say.
        keys: who may ask; None lets everybody.
        clock: says how old a signature is.
        stack_id: a request that names another stack is refused: it has come to the wrong one.
    """

    async def answer(scope: Scope, receive: Receive) -> tuple[int, bytes]:
        head = Head.of(scope, headers_of(scope))
        try:
            body = await read_body(receive, MAX_REQUEST_BYTES, MAX_REQUEST_BYTES)
            if body is None:
                raise _Refused(413, "TooLarge", f"a request may have {MAX_REQUEST_BYTES // 2**20} MiB")
            _check(head, stack_id)
            if keys is not None:
                check_form(head)
                check_signature(head, body, keys, clock.now())
            operation = operations.get(head.path.removeprefix(f"/{PREFIX}/"))
            if operation is None:
                raise _Refused(404, "UnknownOperation", f"there is no operation {head.path}")
            return 200, json.dumps(await operation(_parameters(body))).encode()
        except _Refused as refused:
            return refused.status, _error(refused.kind, str(refused))
        except ApiError as error:
            return 403 if error.status == 400 else error.status, _error(error.code, error.message)
        except EverwarmError as error:
            return 404 if isinstance(error, FailureNotFound) else 400, _error(type(error).__name__, str(error))
        except Exception:
            _log.exception("an operation failed unexpectedly", path=head.path)
            return 500, _error("InternalError", "this is a bug of everwarm's; its log says more")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        status, body = await answer(scope, receive)
        headers = [
            (b"content-type", JSON.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _check(head: Head, stack_id: str) -> None:
    if b"origin" in head.headers:
        raise _Refused(403, "Forbidden", "web pages may not do this")
    if head.method != "POST":
        raise _Refused(405, "MethodNotAllowed", "operations are called by POST")
    if head.text(b"content-type").partition(";")[0].strip().lower() != JSON:
        raise _Refused(415, "UnsupportedMediaType", f"the content type has to be {JSON}")
    if head.text(STACK_HEADER.encode()) not in ("", stack_id):
        raise _Refused(409, "AnotherStack", "another stack runs here than the one that is meant")


def _parameters(body: bytes) -> dict[str, object]:
    try:
        parameters = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        parameters = None
    if not isinstance(parameters, dict):
        raise _Refused(400, "NotJson", "the body has to be a JSON object")
    return parameters


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"error": {"type": kind, "message": message}}).encode()
