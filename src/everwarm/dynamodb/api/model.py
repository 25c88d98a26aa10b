"""The shapes of one service: botocore's service model, and what AWS's own model has besides, seen in AWS's answers.

Not here: the checks (shapes.py), and names of tables, which the model says next to nothing of (table_names.py).
"""

from typing import Any

from botocore.loaders import Loader

Shape = dict[str, Any]

_ENUM_ORDER: dict[str, tuple[str, ...]] = {
    "ComparisonOperator": (
        *("IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE"),
        *("BEGINS_WITH", "GE", "CONTAINS"),
    ),
    "ConditionalOperator": ("OR", "AND"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "StreamViewType": ("OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE"),
    # The last one is of 2026, and its place among the others a guess.
    "ShardIteratorType": ("AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON", "AT_TIMESTAMP"),
}
# The API reference gives these in words only.
_LIMITS: dict[tuple[str, str], tuple[int, int]] = {
    ("DescribeStreamInput", "Limit"): (1, 100),
    ("ListStreamsInput", "Limit"): (1, 100),
    ("GetRecordsInput", "Limit"): (1, 1000),
}
_REQUIRED: dict[str, tuple[str, ...]] = {
    "CreateTableInput": ("AttributeDefinitions", "KeySchema"),
}
# What the operation itself refuses, in other words.
_NOT_REQUIRED: dict[str, tuple[str, ...]] = {
    "ListTagsOfResourceInput": ("ResourceArn",),
    "TagResourceInput": ("ResourceArn",),
    "UntagResourceInput": ("ResourceArn",),
    "Tag": ("Key", "Value"),
}
_NOT_LIMITED = ("TagKeyString", "TagValueString", "TableClass")
_NOT_EMPTY = ("KMSMasterKeyId",)

ATTRIBUTE_VALUE = "AttributeValue"
TABLE_NAME = "TableArn"
"""The shape of what may be a table's name or ARN."""


class Model:
    """The shapes of one service, by their names."""

    def __init__(self, service: str) -> None:
        """
        Args:
            service: as botocore names it, `dynamodb` or `dynamodbstreams`.
        """
        model = load(service)
        self._operations: dict[str, Shape] = model["operations"]
        self._shapes: dict[str, Shape] = model["shapes"]
        for name, order in _ENUM_ORDER.items():
            if name in self._shapes:
                self._shapes[name] = {**self._shapes[name], "enum": order}
        for name, members in _REQUIRED.items():
            if name in self._shapes:
                required = [*self._shapes[name].get("required", ()), *members]
                self._shapes[name] = {**self._shapes[name], "required": required}
        for name, optional in _NOT_REQUIRED.items():
            if name in self._shapes:
                required = [member for member in self._shapes[name]["required"] if member not in optional]
                self._shapes[name] = {**self._shapes[name], "required": required}
        for name in _NOT_EMPTY:
            if name in self._shapes:
                self._shapes[name] = {**self._shapes[name], "min": 1}
        for name in _NOT_LIMITED:
            if name in self._shapes:
                self._shapes[name] = {"type": self._shapes[name]["type"]}
        for (name, member), (low, high) in _LIMITS.items():
            if name in self._shapes:
                self._limit(name, member, low, high)

    def _limit(self, structure: str, member: str, low: int, high: int) -> None:
        shape = self._shapes[structure]
        limited = f"{structure}{member}"
        self._shapes[limited] = {"type": "integer", "min": low, "max": high}
        self._shapes[structure] = {**shape, "members": {**shape["members"], member: {"shape": limited}}}

    def __getitem__(self, name: str) -> Shape:
        return self._shapes[name]

    def request(self, operation: str) -> str:
        """The name of the shape of an operation's requests."""
        name: str = self._operations[operation]["input"]["shape"]
        return name

    def is_item(self, name: str) -> bool:
        """Whether it is a map of attribute values: an item, a key, the values of expressions."""
        shape = self._shapes[name]
        return bool(shape["type"] == "map" and shape["value"]["shape"] == ATTRIBUTE_VALUE)


def load(service: str) -> dict[str, Any]:
    """A service's model as botocore has it, in its newest version."""
    loader = Loader()
    # Not load_service_model(): it looks through the directories of all services first, for longer than all the rest.
    model: dict[str, Any] = loader.load_data(
        f"{service}/{loader.determine_latest_version(service, 'service-2')}/service-2"
    )
    return model


def lower_first(name: str) -> str:
    """A member's name as AWS shows it."""
    return name[:1].lower() + name[1:]
