"""Python values as DynamoDB's attributes, and back.

A function's return annotation says what comes back: what it returns is given back as that type. Without one, what is
stored comes back equal, or is refused. docs/cache/values.md tells it to users.

Not here: from an annotation to functions (`annotations.py`), the types themselves (`plain.py`, `scalars.py`,
`containers.py`, `models.py`, and `numerals.py` for numbers), compression (`compress.py`), and whether an item is too
large (`items.py`).
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import orjson

from everwarm.cache.values import compress
from everwarm.cache.values.annotations import Annotations
from everwarm.cache.values.compress import ZSTD
from everwarm.cache.values.node import Node
from everwarm.cache.values.plain import LOSSLESS, PLAIN, PLAIN_DECIMALS, DecimalsMet
from everwarm.cache.values.refusal import Refused
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import UnreadableValue, UnstorableValue

DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value as it is stored.

    Attributes:
        attribute: the value's, in wire form and canonical.
        encoding: how it is to be read, if it is not simply what it seems: `decimal`, `zstd` or `zstd+decimal`.
        size_bytes: of the attribute, as DynamoDB counts.
    """

    attribute: AttributeValue
    encoding: str | None
    size_bytes: int


class Codec:
    """Writes and reads the values of one function.

    Args:
        annotation: what the function returns.
        compress_above: how many bytes of JSON a value may have before it is compressed; None for any.
        unresolved: why there is no annotation, for messages.

    Raises:
        UnstorableValue: values of this type cannot be stored.
        CacheError: it is to compress, and the library is not installed.
    """

    def __init__(self, annotation: Any = Any, *, compress_above: int | None = None, unresolved: str = "") -> None:
        self._annotation = annotation
        self._compress_above = compress_above
        self._unresolved = unresolved
        self._node = Annotations(decimals=False).node(annotation)
        self._decode = self._node.decode
        if compress_above is not None:
            compress.library()

    @classmethod
    def of(cls, function: Callable[..., Any], *, compress_above: int | None = None) -> "Codec":
        """The codec of what a function returns; of an `async` one, what it gives when it is awaited.

        An annotation that cannot be resolved, because its names are imported for type checkers only, is as none.

        Raises:
            UnstorableValue: the function's name, and the type that cannot be stored.
            CacheError: as above.
        """
        function = inspect.unwrap(function)
        while isinstance(function, functools.partial):
            function = function.func
        unresolved = ""
        try:
            annotation = get_type_hints(function).get("return", Any)
        except (NameError, TypeError, AttributeError) as error:
            annotation, unresolved = Any, str(error)
        try:
            return cls(annotation, compress_above=compress_above, unresolved=unresolved)
        except UnstorableValue as error:
            raise UnstorableValue(f"{getattr(function, '__qualname__', function)}() returns what {error}") from None

    def encode(self, value: Any) -> Encoded:
        """
        Raises:
            UnstorableValue: with the place in the value.
            ValueTooLarge: it is to be compressed, and has more than 16 MiB.
        """
        try:
            attribute, encoding = _encode(self._node, lambda: self._decimals, value)
        except UnstorableValue as error:
            if self._unresolved and "annotation" in str(error):
                raise UnstorableValue(f"{error} (the annotation cannot be resolved: {self._unresolved})") from None
            raise
        size_bytes = attribute_size(attribute)
        if self._compress_above is not None:
            json = orjson.dumps(attribute)
            if len(json) > self._compress_above:
                small = compress.compressed(json)
                small_bytes = attribute_size(small)
                if small_bytes < size_bytes:
                    return Encoded(small, f"{ZSTD}+{encoding}" if encoding else ZSTD, small_bytes)
        return Encoded(attribute, encoding, size_bytes)

    def decode(self, attribute: AttributeValue, encoding: str | None = None) -> Any:
        """
        Raises:
            UnreadableValue: it is not of the form that this codec writes; to be loaded again.
            CacheError: it is compressed, and the library is not installed.
        """
        try:
            if encoding is None:
                return self._decode(attribute)
            return _decode(self._node, lambda: self._decimals, attribute, encoding)
        except UnreadableValue:
            raise
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
            raise UnreadableValue(
                f"the stored value is not of the type {self._node.name}: {type(error).__name__}: {error}"
            ) from error

    @functools.cached_property
    def _decimals(self) -> Node:
        return Annotations(decimals=True).node(self._annotation)


def _encode(node: Node, decimals: Callable[[], Node], value: Any) -> tuple[AttributeValue, str | None]:
    try:
        try:
            return node.encode(value, 0), None
        except DecimalsMet:
            return decimals().encode(value, 0), DECIMAL
    except Refused as refused:
        raise refused.error() from None


def _decode(node: Node, decimals: Callable[[], Node], attribute: AttributeValue, encoding: str) -> Any:
    names = set(encoding.split("+"))
    if not names <= {ZSTD, DECIMAL}:
        raise UnreadableValue(f"the stored value has the encoding {encoding!r}, which this version does not know")
    if ZSTD in names:
        attribute = compress.expanded(attribute)
    return (decimals() if DECIMAL in names else node).decode(attribute)


def to_attribute(value: Any) -> AttributeValue:
    """A value as an attribute, without an annotation; see `Codec`.

    Raises:
        UnstorableValue: with the place in the value.
    """
    return _encode(PLAIN, lambda: PLAIN_DECIMALS, value)[0]


def from_attribute(attribute: AttributeValue, encoding: str | None = None) -> Any:
    """An attribute as a plain value: for showing, or where there is no annotation.

    Whole numbers are int, others the float that has the same digits, or Decimal where none has.
    """
    return (
        LOSSLESS.decode(attribute)
        if encoding is None
        else _decode(LOSSLESS, lambda: PLAIN_DECIMALS, attribute, encoding)
    )
