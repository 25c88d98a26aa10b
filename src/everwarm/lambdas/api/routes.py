"""From method, path, query and body to an operation and the members of its request."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from everwarm.dynamodb.api.headers import Head
from everwarm.dynamodb.api.model import Shape
from everwarm.errors import InvalidRequestContentException, SerializationException
from everwarm.lambdas.api.model import LambdaModel, lambda_model
from everwarm.lambdas.api.operation import Request

_Pattern = tuple[list[str], dict[str, str], str]


class Route:
    """An operation that a request names, and the labels in its path."""

    def __init__(self, operation: str, labels: dict[str, str]) -> None:
        self.operation = operation
        self.labels = labels


def find(head: Head) -> Route | None:
    """The operation that a method and a path name, whether everwarm has it or not; None if there is no such one.

    Args:
        head: with the path as it was sent, so that a slash within a name is told from one between two.
    """
    parts = head.path.strip("/").split("/")
    query = head.query()
    for pattern, asked, operation in _patterns().get((head.method, len(parts)), ()):
        if any(query.get(name) != value for name, value in asked.items()):
            continue
        labels = _match(pattern, parts)
        if labels is not None:
            return Route(operation, labels)
    return None


def prefixes() -> set[str]:
    """The first parts of the paths of all operations: `2015-03-31` and others."""
    return {pattern[0] for patterns in _patterns().values() for pattern, _, _ in patterns}


def request_of(route: Route, head: Head, body: bytes) -> Request:
    """The members of a request, by their names; a body that is a member by itself is left out.

    Raises:
        InvalidRequestContentException: the body is not JSON.
        SerializationException: a member is of the wrong type.
    """
    model = lambda_model()
    members = model.members(route.operation)
    whole = model.payload(route.operation)
    request: Request = {} if whole is not None else _from_body(members, body)
    pairs = parse_qsl(head.query_string.decode("latin-1"), keep_blank_values=True)
    for name, member in members.items():
        wire_name = member.get("locationName", name)
        match member.get("location"):
            case "uri":
                request[name] = route.labels[wire_name]
            case "header":
                given = head.headers.get(wire_name.lower().encode())
                if given is not None:
                    request[name] = given.decode("latin-1")
            case "querystring":
                values = [value for key, value in pairs if key == wire_name]
                if values:
                    request[name] = _from_query(model, member["shape"], values)
            case _:
                pass
    return request


def _from_body(members: dict[str, Shape], body: bytes) -> Request:
    if not body:
        return {}
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise InvalidRequestContentException(f"Could not parse request body into json: {err}") from None
    if not isinstance(parsed, dict):
        raise SerializationException("")
    return {name: value for name, value in parsed.items() if "location" not in members.get(name, {"location": None})}


def _from_query(model: LambdaModel, shape: str, values: list[str]) -> Any:
    kinds: dict[str, Callable[[str], Any]] = {"integer": _integer, "boolean": lambda value: value == "true"}
    kind = model[shape]["type"]
    return values if kind == "list" else kinds.get(kind, str)(values[-1])


def _integer(value: str) -> int:
    if not value.removeprefix("-").isdecimal():
        raise SerializationException("STRING_VALUE can not be converted to an Integer")
    return int(value)


@lru_cache(maxsize=1)
def _patterns() -> dict[tuple[str, int], list[_Pattern]]:
    """By method and number of parts: the parts, what the query has to have, the operation."""
    model = lambda_model()
    patterns: dict[tuple[str, int], list[_Pattern]] = {}
    for operation in model.operations():
        http = model.http(operation)
        path, _, query = http.uri.partition("?")
        parts = path.strip("/").split("/")
        patterns.setdefault((http.method, len(parts)), []).append((parts, dict(parse_qsl(query)), operation))
    # The one that asks for most comes first.
    for found in patterns.values():
        found.sort(key=lambda pattern: -len(pattern[1]))
    return patterns


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    labels: dict[str, str] = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            labels[wanted.strip("{}")] = unquote(part)
        elif wanted != part:
            return None
    return labels
