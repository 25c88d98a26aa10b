"""What a request says in expressions, or in the legacy parameters from before them; never in both.

`Expressions` reads them in AWS's order: which parameters stand together, the names and values, then the texts. What
comes out is the same for both ways of saying it: conditions, updates, paths.

Not here: their meaning (`everwarm.dynamodb.expressions`); returned values and capacity (item_request.py).
"""

from dataclasses import dataclass

from everwarm.dynamodb.api.operation import Request
from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.condition import Condition
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.expressions.legacy_conditions import (
    attribute_filter,
    attributes_to_get,
    expected,
    legacy_key_conditions,
)
from everwarm.dynamodb.expressions.legacy_update import attribute_updates
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.update import Update
from everwarm.dynamodb.tables.key_paths import refuse_paths_into_keys
from everwarm.dynamodb.tables.schema import Table
from everwarm.errors import ValidationException


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one operation, in the order in which AWS's messages list them.

    Attributes:
        expressions: those that hold an expression.
        legacy: those from before expressions.
    """

    expressions: tuple[str, ...]
    legacy: tuple[str, ...] = ()


GET = Parameters(("ProjectionExpression",), ("AttributesToGet",))
PUT = Parameters(("ConditionExpression",), ("Expected", "ConditionalOperator"))
DELETE = PUT
UPDATE = Parameters(
    ("UpdateExpression", "ConditionExpression"), ("AttributeUpdates", "Expected", "ConditionalOperator")
)
QUERY = Parameters(
    ("ProjectionExpression", "FilterExpression", "KeyConditionExpression"),
    ("AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"),
)
SCAN = Parameters(
    ("ProjectionExpression", "FilterExpression"),
    ("AttributesToGet", "ScanFilter", "ConditionalOperator"),
)

_ALL = frozenset(name for one in (GET, PUT, UPDATE, QUERY, SCAN) for name in (*one.expressions, *one.legacy)) | {
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a Query or a Scan wants.

    Attributes:
        keys: the conditions on keys; empty for a Scan, and for a Query that has none at all.
        filter: what an item that was found must satisfy to be returned; None for everything.
        filter_parameter: where the filter comes from, `FilterExpression` or `QueryFilter`, for messages.
        projection: the paths to return; None for whole items.
    """

    keys: tuple[KeyCondition, ...]
    filter: Condition | None
    filter_parameter: str
    projection: tuple[Path, ...] | None


_NOTHING_BOUND = Binder(None, None)


class Expressions:
    """The expressions of one request.

    Args:
        request: of the right shape.
        parameters: those of its operation.

    The constructor and every method raise `ValidationException` with AWS's text for what is wrong in the request.
    """

    __slots__ = ("_binder", "_parameters", "_request")

    def __init__(self, request: Request, parameters: Parameters) -> None:
        self._request = request
        self._parameters = parameters
        self._binder = _NOTHING_BOUND
        if _ALL.isdisjoint(request):
            return  # most reads and many writes, which should not pay for what they do not say
        texts = [name for name in parameters.expressions if request.get(name) is not None]
        if texts:
            _refuse_mixture(request, texts, parameters)
        names, values = request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
        if names is not None and not texts:
            raise ValidationException("ExpressionAttributeNames can only be specified when using expressions")
        # A projection has no values.
        if values is not None and texts in ([], ["ProjectionExpression"]):
            raise _values_without_expressions(parameters)
        self._binder = Binder(names, values)

    def update(self) -> Update | None:
        """`UpdateExpression` or `AttributeUpdates`; None where there is neither."""
        text, legacy = self._request.get("UpdateExpression"), self._request.get("AttributeUpdates")
        if legacy is not None:
            return attribute_updates(legacy)
        return None if text is None else self._binder.update(text)

    def condition(self) -> Condition | None:
        """`ConditionExpression` or `Expected`."""
        if self._binder is _NOTHING_BOUND:
            return None
        text = self._request.get("ConditionExpression")
        if text is not None:
            return self._binder.condition(text)
        return expected(self._request.get("Expected") or {}, self._request.get("ConditionalOperator"))

    def projection(self) -> tuple[Path, ...] | None:
        """`ProjectionExpression` or `AttributesToGet`."""
        text, legacy = self._request.get("ProjectionExpression"), self._request.get("AttributesToGet")
        if text is not None:
            return self._binder.projection(text)
        return None if legacy is None else attributes_to_get(legacy)

    def finish(self) -> None:
        """Close the request: names and values that were not used are refused."""
        self._binder.finish()

    def check_paths(self, table: Table) -> None:
        """Refuse paths that lead into a key of the table."""
        if self._binder.inner_paths:
            refuse_paths_into_keys(table, self._binder.inner_paths)

    def reading(self) -> Reading:
        """All that a Query or a Scan says, closed as by `finish`; of a Query, conditions on keys are required."""
        request, projection = self._request, None
        filter_text, key_text = request.get("FilterExpression"), request.get("KeyConditionExpression")
        condition = None if filter_text is None else self._binder.condition(filter_text, "FilterExpression")
        if request.get("ProjectionExpression") is not None:
            projection = self.projection()
        bound_keys = None if key_text is None else self._binder.key_condition(key_text)
        self.finish()
        # What is read of the legacy parameters comes after all expressions.
        keys = () if bound_keys is None else bound_keys()
        legacy_keys = request.get("KeyConditions")
        if self._parameters is QUERY and bound_keys is None and legacy_keys is None:
            raise ValidationException(messages.KEY_CONDITIONS_MISSING)
        if legacy_keys is not None:
            keys = legacy_key_conditions(legacy_keys)
        parameter = "FilterExpression"
        if condition is None:
            parameter = "QueryFilter" if self._parameters is QUERY else "ScanFilter"
            condition = attribute_filter(request.get(parameter) or {}, request.get("ConditionalOperator"))
        if projection is None:
            projection = self.projection()
        return Reading(keys, condition, parameter, projection)


def _refuse_mixture(request: Request, texts: list[str], parameters: Parameters) -> None:
    legacy = [name for name in parameters.legacy if request.get(name) is not None]
    # KeyConditions goes with every expression but its own successor.
    if "KeyConditions" in legacy and "KeyConditionExpression" not in texts:
        legacy.remove("KeyConditions")
    if legacy:
        raise ValidationException(messages.mixed(legacy, texts))


def _values_without_expressions(parameters: Parameters) -> ValidationException:
    missed = [name for name in parameters.expressions if name != "ProjectionExpression"]
    verb = "is" if len(missed) == 1 else "are"
    return ValidationException(
        f"ExpressionAttributeValues can only be specified when using expressions: {' and '.join(missed)} {verb} null"
    )
