"""Checks requests against the shapes of the service's model: types, what is required, lengths, ranges, patterns.

AWS looks at the shape of a whole request before it asks what it means. JSON of a wrong type is refused at the first
one; the constraints are all checked, and what is wrong is listed in one message.

Nearly all requests are right. So there are two checks: a quick one, put together once for each operation as functions
within functions, that only says yes or no; and, after a no, a slow one that finds out what to say (json_shape.py,
constraints.py, complaints.py).

Not here: attribute values, whose constraints the models do not give (values/check.py).
"""

# ruff: noqa: SIM110 - all() over a generator would cost more than what it looks at

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from everwarm.dynamodb.api import table_names
from everwarm.dynamodb.api.complaints import refused, told
from everwarm.dynamodb.api.constraints import compiled, complaints_about
from everwarm.dynamodb.api.json_shape import check_types
from everwarm.dynamodb.api.model import ATTRIBUTE_VALUE, TABLE_NAME, Model, Shape

Quick = Callable[[Any], bool]
"""Whether a value is certainly right. None is never asked about."""


class RequestCheck:
    """The check of one operation's requests; call it with one."""

    __slots__ = ("_model", "_names_table", "_operation", "_quick", "_shape", "_table_required")

    def __init__(self, model: Model, operation: str, shape: str, quick: Quick) -> None:
        self._model = model
        self._operation = operation
        self._shape = shape
        self._quick = quick
        self._names_table = "TableName" in model[shape]["members"] and operation not in table_names.ITEM_OPERATIONS
        self._table_required = "TableName" in model[shape].get("required", ())

    def __call__(self, request: Any) -> None:
        """
        What stands for something else is replaced in place: a null means an absent member, a number with a fraction
        the whole one.

        Raises:
            SerializationException: JSON of a wrong type.
            ValidationException: constraints that do not hold, all of them.
        """
        fine = self._quick(request)
        if not fine:
            self.check_types(request)
        if self._names_table:
            table_names.require(request.get("TableName"), self._table_required)
        if fine:
            return
        complaints = told(self._operation, complaints_about(self._model, self._shape, request))
        if complaints:
            raise refused(complaints)

    def check_types(self, request: Any) -> None:
        """The JSON types alone, down to the last attribute value.

        AWS reads the whole of a request before it checks anything. Here attribute values are read when they are
        needed; so if another error comes first, this says whether AWS would have come that far.

        Raises:
            SerializationException: JSON of a wrong type.
        """
        check_types(self._model, self._shape, request)


class Shapes:
    """The checks of one service's requests."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._made: dict[str, Quick] = {}

    def request_check(self, operation: str) -> RequestCheck:
        """The check of this operation's requests."""
        shape = self._model.request(operation)
        return RequestCheck(self._model, operation, shape, self._quick(shape))

    def _quick(self, name: str) -> Quick:
        made = self._made.get(name)
        if made is None:
            # Shapes can contain themselves, so the name is known before its check is made.
            self._made[name] = lambda value: self._made[name](value)
            made = self._made[name] = self._make(name)
        return made

    def _make(self, name: str) -> Quick:
        shape = self._model[name]
        if name == ATTRIBUTE_VALUE or self._model.is_item(name):
            return _is_object
        if name == TABLE_NAME:
            return lambda value: isinstance(value, str) and table_names.is_fine(value)
        match shape["type"]:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "string":
                return _string(shape)
            case "integer" | "long":
                return _number(shape)
            case "boolean":
                return lambda value: value is True or value is False
            case _:
                return lambda value: False  # rare enough to be left to the slow check

    def _structure(self, shape: Shape) -> Quick:
        members = {member: self._quick(inner["shape"]) for member, inner in shape["members"].items()}
        required = tuple(shape.get("required", ()))

        def quick(value: Any) -> bool:
            if not isinstance(value, dict):
                return False
            # Along the request and not along the shape, which has many more members than a request names.
            for member, found in value.items():
                if found is None or ((check := members.get(member)) is not None and not check(found)):
                    return False
            for member in required:
                if member not in value:
                    return False
            return True

        return quick

    def _list(self, shape: Shape) -> Quick:
        member = self._quick(shape["member"]["shape"])
        low, high = _bounds(shape)

        def quick(value: Any) -> bool:
            if not isinstance(value, list) or not low <= len(value) <= high:
                return False
            for inner in value:
                if inner is None or not member(inner):
                    return False
            return True

        return quick

    def _map(self, shape: Shape) -> Quick:
        key, member = self._quick(shape["key"]["shape"]), self._quick(shape["value"]["shape"])
        low, high = _bounds(shape)

        def quick(value: Any) -> bool:
            if not isinstance(value, dict) or not low <= len(value) <= high:
                return False
            for name, inner in value.items():
                if inner is None or not key(name) or not member(inner):
                    return False
            return True

        return quick


@lru_cache(maxsize=1)
def dynamodb_shapes() -> Shapes:
    """The shapes of DynamoDB."""
    return Shapes(Model("dynamodb"))


@lru_cache(maxsize=1)
def streams_shapes() -> Shapes:
    """The shapes of DynamoDB Streams."""
    return Shapes(Model("dynamodbstreams"))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _bounds(shape: Shape) -> tuple[int, int]:
    return shape.get("min", -(2**63)), shape.get("max", 2**63)


def _string(shape: Shape) -> Quick:
    if "enum" in shape:
        values = frozenset(shape["enum"])
        return lambda value: isinstance(value, str) and value in values
    pattern = compiled(shape.get("pattern"))
    low, high = _bounds(shape)
    if pattern is None and low <= 0 and high == 2**63:
        return lambda value: isinstance(value, str)

    def quick(value: Any) -> bool:
        return (
            isinstance(value, str)
            and low <= len(value) <= high
            and (pattern is None or pattern.fullmatch(value) is not None)
        )

    return quick


def _number(shape: Shape) -> Quick:
    low, high = _bounds(shape)
    return lambda value: value.__class__ is int and low <= value <= high
