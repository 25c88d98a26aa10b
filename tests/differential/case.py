"""What is tried: plain data, so that it can be printed, sent twice, and made smaller.

A case is a table's schema and the requests that are sent to it, one after the other. The table begins empty.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

Request = dict[str, Any]

TABLE = "$TABLE"
"""Stands for the table's name in requests; the runner knows the real one."""


class Step(NamedTuple):
    """One request.

    Attributes:
        paged: follow `LastEvaluatedKey` to the end, and compare what all pages have together.
    """

    action: str
    request: Request
    paged: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index.

    Attributes:
        range: None for a GSI without a sort key.
        includes: the attributes of the projection INCLUDE.
    """

    name: str
    hash: str
    range: str | None
    projection: str
    includes: tuple[str, ...] = ()
    is_global: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)

    def to_wire(self) -> Request:
        projection: Request = {"ProjectionType": self.projection}
        if self.includes:
            projection["NonKeyAttributes"] = list(self.includes)
        return {"IndexName": self.name, "KeySchema": key_schema(self.hash, self.range), "Projection": projection}

    def __str__(self) -> str:
        kind = "GSI" if self.is_global else "LSI"
        includes = f"({', '.join(self.includes)})" if self.includes else ""
        return f"{kind} {self.name}: {' '.join(self.keys)}, {self.projection}{includes}"


@dataclass(frozen=True, slots=True)
class Schema:
    """A table, apart from its name.

    Attributes:
        types: of every attribute that is part of a key, here or in an index.
    """

    hash: str
    range: str | None
    types: tuple[tuple[str, str], ...]
    indexes: tuple[Index, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)

    def type_of(self, attribute: str) -> str | None:
        return dict(self.types).get(attribute)

    def __str__(self) -> str:
        key = " ".join(self.keys)
        types = ", ".join(f"{name} {tag}" for name, tag in self.types)
        return "; ".join((f"key {key} (of {types})", *map(str, self.indexes)))

    def to_wire(self, name: str) -> Request:
        """The CreateTable request."""
        request: Request = {
            "TableName": name,
            "KeySchema": key_schema(self.hash, self.range),
            "AttributeDefinitions": [{"AttributeName": part, "AttributeType": tag} for part, tag in self.types],
            "BillingMode": "PAY_PER_REQUEST",
        }
        for member, is_global in (("LocalSecondaryIndexes", False), ("GlobalSecondaryIndexes", True)):
            found = [index.to_wire() for index in self.indexes if index.is_global is is_global]
            if found:
                request[member] = found
        return request


def key_schema(hash_name: str, range_name: str | None) -> list[Request]:
    parts = [{"AttributeName": hash_name, "KeyType": "HASH"}]
    if range_name is not None:
        parts.append({"AttributeName": range_name, "KeyType": "RANGE"})
    return parts


@dataclass(frozen=True, slots=True)
class Case:
    """A schema, and what is asked of its table; without a schema, requests that make and drop tables themselves."""

    schema: Schema | None
    steps: tuple[Step, ...]


def rename(value: Any, old: str, new: str) -> Any:
    """The same data with one text, or part of a text, in the place of another."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {rename(name, old, new): rename(member, old, new) for name, member in value.items()}
    if isinstance(value, list):
        return [rename(member, old, new) for member in value]
    return value
