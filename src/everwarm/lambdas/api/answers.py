"""From an operation's result, or its error, to status, headers and body. The one place that turns errors into bytes."""

import orjson

from everwarm.errors import (
    ApiError,
    EverwarmError,
    FunctionError,
    IncompleteSignatureException,
    InvalidRuntimeException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
    Throttled,
    TooManyRequestsException,
    UnrecognizedClientException,
)
from everwarm.lambdas.api.model import ErrorForm, lambda_model
from everwarm.lambdas.api.operation import Answer, Operation, Response
from everwarm.log import get_logger

_log = get_logger(__name__)

_FORBIDDEN = (
    MissingAuthenticationTokenException,
    IncompleteSignatureException,
    InvalidSignatureException,
    UnrecognizedClientException,
)
_JSON = {"Content-Type": "application/json"}


def answer(operation: Operation, response: Response) -> Answer:
    """The answer of an operation that went well."""
    if isinstance(response, Answer):
        return response
    if response is None:
        return Answer(operation.http.status)
    return Answer(operation.http.status, orjson.dumps(response), _JSON)


def refuse(error: Exception) -> Answer:
    """The answer that an error is. What AWS has no name for is an error of the service's, and is logged."""
    match error:
        case ApiError():
            pass
        case Throttled(reason=reason):
            error = TooManyRequestsException("Rate Exceeded.", Reason=reason)
        case FunctionError():
            error = InvalidRuntimeException(str(error))
        case EverwarmError():
            return _refuse("ServiceException", str(error), {})
        case _:
            _log.error("a request of the Lambda API failed unexpectedly", exc_info=error)
            return _refuse("ServiceException", "An error occurred and the request cannot be processed.", {})
    if isinstance(error, _FORBIDDEN):
        return _refuse(error.code, error.message, {}, ErrorForm(403, "message", None))
    return _refuse(error.code, error.message, error.members, ErrorForm(error.status, "message", None))


def _refuse(code: str, message: str, members: dict[str, str], otherwise: ErrorForm | None = None) -> Answer:
    form = lambda_model().error(code) or otherwise
    assert form is not None
    body = {"Type": form.type, form.text_member: message, **members}
    headers = {**_JSON, "x-amzn-ErrorType": code}
    if code == TooManyRequestsException.__name__:
        headers["Retry-After"] = "1"
    return Answer(
        form.status, orjson.dumps({name: value for name, value in body.items() if value is not None}), headers
    )
