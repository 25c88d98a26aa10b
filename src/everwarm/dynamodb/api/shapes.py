"""Checks requests against the shapes of botocore's service models: types, what is required, lengths, ranges, patterns.

AWS looks at the shape of a whole request before it asks what it means. JSON of a wrong type is refused at the first
one; the constraints are all checked, and what is wrong is listed in one message. Each operation's check is put
together once, as functions within functions, so that checking a request costs little.

Not here: attribute values, whose constraints the models do not give (values/check.py).
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader

from everwarm.dynamodb.values.json_types import wrong_type
from everwarm.errors import ValidationException

Check = Callable[[Any, str, list[str]], None]
"""Checks a value; gets the path to it, and a list to add complaints to."""

# A table may be named by its ARN, so the models say little about this member; AWS's texts are its own.
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_OPAQUE = frozenset({"AttributeValue"})


class Shapes:
    """The shapes of one service."""

    def __init__(self, service: str) -> None:
        """
        Args:
            service: as botocore names it, `dynamodb` or `dynamodbstreams`.
        """
        model = Loader().load_service_model(service, "service-2")
        self._shapes: dict[str, dict[str, Any]] = model["shapes"]
        self._operations: dict[str, dict[str, Any]] = model["operations"]
        self._made: dict[str, Check] = {}

    def request_check(self, operation: str) -> Callable[[dict[str, Any]], None]:
        """A function that raises if a request of this operation is not of its shape.

        Raises (the function):
            SerializationException: JSON of a wrong type.
            ValidationException: constraints that do not hold, all of them.
        """
        name = self._operations[operation]["input"]["shape"]
        check = self._check(name)
        names_table = "TableName" in self._shapes[name]["members"]
        table_required = "TableName" in self._shapes[name].get("required", ())

        def check_request(request: dict[str, Any]) -> None:
            if names_table:
                _check_table_name(request.get("TableName"), table_required)
            complaints: list[str] = []
            check(request, "", complaints)
            if complaints:
                raise ValidationException(summary(complaints))

        return check_request

    def _check(self, name: str) -> Check:
        made = self._made.get(name)
        if made is None:
            # Shapes can contain themselves, so the name is known before its check is made.
            self._made[name] = lambda value, path, complaints: self._made[name](value, path, complaints)
            made = self._made[name] = self._make(name)
        return made

    def _make(self, name: str) -> Check:
        shape = self._shapes[name]
        match shape["type"]:
            case _ if name in _OPAQUE:
                return _opaque
            case "structure":
                return self._structure(shape)
            case "list":
                return _list(self._check(shape["member"]["shape"]), shape.get("min"), shape.get("max"))
            case "map":
                return _map(self._check(shape["key"]["shape"]), self._check(shape["value"]["shape"]), shape)
            case "string":
                return _string(shape)
            case "integer" | "long":
                return _number(shape, shape["type"])
            case "boolean":
                return _boolean
            case _:
                return _anything

    def _structure(self, shape: dict[str, Any]) -> Check:
        members = {
            member: (_lower_first(member), self._check(inner["shape"])) for member, inner in shape["members"].items()
        }
        required = [(member, _lower_first(member)) for member in shape.get("required", ())]

        def check(value: Any, path: str, complaints: list[str]) -> None:
            if not isinstance(value, dict):
                raise wrong_type(value, "structure")
            # Along the request and not along the shape, which has many more members than a request names.
            for member, found in value.items():
                if found is not None and (known := members.get(member)) is not None:
                    shown, inner = known
                    inner(found, f"{path}.{shown}" if path else shown, complaints)
            for member, shown in required:
                if value.get(member) is None:
                    complaints.append(_complaint(None, f"{path}.{shown}" if path else shown, "Member must not be null"))

        return check


@lru_cache(maxsize=1)
def dynamodb_shapes() -> Shapes:
    """The shapes of DynamoDB."""
    return Shapes("dynamodb")


@lru_cache(maxsize=1)
def streams_shapes() -> Shapes:
    """The shapes of DynamoDB Streams."""
    return Shapes("dynamodbstreams")


def summary(complaints: list[str]) -> str:
    """One message of them all."""
    noun = "error" if len(complaints) == 1 else "errors"
    return f"{len(complaints)} validation {noun} detected: {'; '.join(complaints)}"


def refusal(value: Any, path: str, constraint: str) -> ValidationException:
    """The error for one value that does not satisfy a constraint, for those that the models do not have.

    Args:
        path: as AWS writes it, `tableName` say.
        constraint: in AWS's words.
    """
    return ValidationException(summary([_complaint(value, path, constraint)]))


def _complaint(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_shown(inner)}" for name, inner in value.items()) + "}"
    return str(value)


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _check_table_name(name: Any, required: bool) -> None:
    if name is None:
        if required:
            raise ValidationException("The parameter 'TableName' is required but was not present in the request")
        return
    if not isinstance(name, str):
        raise wrong_type(name, "string")
    if name.startswith("arn:"):
        return
    if not 3 <= len(name) <= 255:
        raise ValidationException("TableName must be at least 3 characters long and at most 255 characters long")
    if not _TABLE_NAME.fullmatch(name):
        constraint = f"Member must satisfy regular expression pattern: {_TABLE_NAME.pattern}"
        raise refusal(name, "tableName", constraint)


def _opaque(value: Any, path: str, complaints: list[str]) -> None:
    if not isinstance(value, dict):
        raise wrong_type(value, "structure")


def _anything(value: Any, path: str, complaints: list[str]) -> None:
    """Timestamps and blobs, which no request of ours has outside attribute values."""


def _boolean(value: Any, path: str, complaints: list[str]) -> None:
    if not isinstance(value, bool):
        raise wrong_type(value, "boolean")


def _bounds(low: int | None, high: int | None, what: str) -> Callable[[int, Any, str, list[str]], None]:
    at_least = f"Member must have {what} greater than or equal to {low}"
    at_most = f"Member must have {what} less than or equal to {high}"

    def check(measure: int, value: Any, path: str, complaints: list[str]) -> None:
        if low is not None and measure < low:
            complaints.append(_complaint(value, path, at_least))
        elif high is not None and measure > high:
            complaints.append(_complaint(value, path, at_most))

    return check


def _string(shape: dict[str, Any]) -> Check:
    bounds = _bounds(shape.get("min"), shape.get("max"), "length")
    pattern = re.compile(shape["pattern"]) if "pattern" in shape else None
    values = frozenset(shape.get("enum", ()))
    enum = f"Member must satisfy enum value set: [{', '.join(shape.get('enum', ()))}]"

    def check(value: Any, path: str, complaints: list[str]) -> None:
        if not isinstance(value, str):
            raise wrong_type(value, "string")
        if values:
            if value not in values:
                complaints.append(_complaint(value, path, enum))
            return
        bounds(len(value), value, path, complaints)
        if pattern is not None and not pattern.fullmatch(value):
            constraint = f"Member must satisfy regular expression pattern: {pattern.pattern}"
            complaints.append(_complaint(value, path, constraint))

    return check


def _number(shape: dict[str, Any], wanted: str) -> Check:
    bounds = _bounds(shape.get("min"), shape.get("max"), "value")

    def check(value: Any, path: str, complaints: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(value, wanted)
        bounds(value, value, path, complaints)

    return check


def _list(member: Check, low: int | None, high: int | None) -> Check:
    bounds = _bounds(low, high, "length")

    def check(value: Any, path: str, complaints: list[str]) -> None:
        if not isinstance(value, list):
            raise wrong_type(value, "list")
        bounds(len(value), value, path, complaints)
        for at, inner in enumerate(value, start=1):
            member(inner, f"{path}.{at}.member", complaints)

    return check


def _map(key: Check, member: Check, shape: dict[str, Any]) -> Check:
    bounds = _bounds(shape.get("min"), shape.get("max"), "length")

    def check(value: Any, path: str, complaints: list[str]) -> None:
        if not isinstance(value, dict):
            raise wrong_type(value, "map")
        bounds(len(value), value, path, complaints)
        for name, inner in value.items():
            key(name, path, complaints)
            member(inner, f"{path}.{name}.member", complaints)

    return check
