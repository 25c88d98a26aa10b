"""A function's arguments as the text that is its entry's key: `history:EUR/KRW:30`.

Readable, the same on every machine, and different for different arguments: 1, "1", True, 1.0 and None have five keys.
Text stands as it is where nothing else could be meant, and in quotes elsewhere; what is neither text, int, float, bool
nor None says its type. docs/cache/values.md shows each.

Not here: the arguments themselves, kept for a later load (`calls.py`); which keys the table takes (`names.py`).
"""

import dataclasses
import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from everwarm.cache.values.refusal import a, kind
from everwarm.errors import CacheError

MAX_LEVELS = 8
"""How deep arguments may be nested; each level takes up to three of DynamoDB's 32 in the kept call."""
MAX_KEY_BYTES = 1024
"""What is longer ends in a hash. Half of DynamoDB's limit for a partition key: a timer's key has a prefix besides."""

_HASH_BYTES = 16
_REMEMBERED = 4096
_MAX_REMEMBERED = 128
# No digit at the beginning, and nothing that separates or opens: what else is written never looks like this.
_BARE = re.compile(r"[^\W\d][\w./@+~-]*|/[\w./@+~-]*")
_WORDS = frozenset({"None", "True", "False", "inf", "nan"})


class _NoKey(Exception):
    """No key can be made of a value."""


class KeyMaker:
    """Makes the keys of one function.

    Args:
        name: what they begin with.
        signature: the function's.
        max_bytes: how long a key may be before it ends in a hash.

    Raises:
        CacheError: it is a method, whose object no key can tell apart.
    """

    def __init__(self, name: str, signature: inspect.Signature, *, max_bytes: int = MAX_KEY_BYTES) -> None:
        parameters = list(signature.parameters.values())
        if parameters and parameters[0].name in ("self", "cls"):
            raise method_refused(name, parameters[0].name)
        self.name = name
        self._begin = _text(name)
        self._max_bytes = max_bytes
        self._signature = signature
        kinds = inspect.Parameter
        self._places = [p for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
        self._more = next((p.name for p in parameters if p.kind is kinds.VAR_POSITIONAL), None)
        self._by_name = [p.name for p in parameters if p.kind is kinds.KEYWORD_ONLY]
        self._simple = all(parameter.kind is kinds.POSITIONAL_OR_KEYWORD for parameter in parameters)
        self._tails = self._quick_tails()

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """The key of a call.

        Raises:
            CacheError: an argument of which no key can be made.
            TypeError: these are no arguments of the function, in Python's words.
        """
        tail = self._tails.get(len(args)) if not kwargs else None
        if tail is None:
            args, kwargs = self.full(args, kwargs)
            return self._key(args, kwargs)
        key = self._begin
        try:
            for value in args:
                write = _WRITERS.get(value.__class__)
                key += ":" + (write(value) if write else written(value, 1))
        except (_NoKey, ValueError):
            # Once more, and slowly: to say which argument that is.
            return self._key(args, kwargs)
        key += tail
        return key if len(key) * 4 <= self._max_bytes else self._short(key)

    def full(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with defaults, in the form that all calls with the same ones share.

        Raises:
            TypeError: as above.
        """
        values = self._arranged(args, kwargs) if self._simple else None
        if values is not None:
            return tuple(values), {}
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args, bound.kwargs

    def _arranged(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any] | None:
        """What `bind` does, for functions whose parameters are all simple ones; None for it to say what is wrong."""
        values = list(args)
        by_name = 0
        for parameter in self._places[len(values) :]:
            if parameter.name in kwargs:
                by_name += 1
                values.append(kwargs[parameter.name])
            elif parameter.default is not inspect.Parameter.empty:
                values.append(parameter.default)
            else:
                return None
        return values if by_name == len(kwargs) and len(values) == len(self._places) else None

    def _key(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        places = len(self._places)
        parts = [self._begin]
        for parameter, value in zip(self._places, args, strict=False):
            parts.append(self._argument(parameter.name, value))
        if len(args) > places:
            parts += ["*", *(self._argument(f"*{self._more}", value) for value in args[places:])]
        for name in self._by_name:
            parts.append(f"{name}={self._argument(name, kwargs[name])}")
        for name in sorted(kwargs.keys() - set(self._by_name)):
            parts.append(f"{_text(name)}={self._argument(name, kwargs[name])}")
        return self._short(":".join(parts))

    def _argument(self, name: str, value: Any) -> str:
        try:
            return written(value, 1)
        except (_NoKey, ValueError) as error:  # ValueError: Python writes no int of more than 4,300 digits
            raise CacheError(
                f"{self.name}(): no key can be made of the argument {name!r}: {error}; pass what identifies it "
                "instead (text, a number, a frozen dataclass), or say what the key is: "
                "@cache.cached(key=lambda ...: ...)"
            ) from None

    def _short(self, key: str) -> str:
        encoded = key.encode()
        if len(encoded) <= self._max_bytes:
            return key
        # Nothing else ends in this way: "#" stands in quotes only, and these close.
        hashed = "#" + blake2b(encoded, digest_size=_HASH_BYTES).hexdigest()
        return encoded[: self._max_bytes - len(hashed)].decode(errors="ignore") + hashed

    def _quick_tails(self) -> dict[int, str]:
        """What the defaults add to the key of a call with so many arguments by position, and none by name."""
        tails: dict[int, str] = {}
        parameters = self._signature.parameters
        try:
            tail = "".join(f":{name}={_default(parameters[name])}" for name in self._by_name)
            for count in range(len(self._places), -1, -1):
                tails[count] = tail
                tail = f":{_default(self._places[count - 1])}{tail}" if count else ""
        except _NoKey:
            pass
        return tails


def method_refused(name: str, first: str) -> CacheError:
    """What is said of a method.

    Args:
        first: its first parameter.
    """
    return CacheError(
        f"{name} is a method: its keys would have to tell one {first!r} from another, and a refresh would have to find "
        "it again, in another process perhaps; cache a function of what identifies it instead, and call that here"
    )


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        raise _NoKey("it has no default")
    return written(parameter.default, 1)


def key_of(name: str, signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The key of one call; whoever makes many keeps a `KeyMaker`. Raises as that does."""
    return KeyMaker(name, signature)(args, kwargs)


def _text(value: str) -> str:
    return _short_text(value) if len(value) <= _MAX_REMEMBERED else _quoted(value)


def _quoted(value: str) -> str:
    if value not in _WORDS and _BARE.fullmatch(value):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


_short_text = lru_cache(maxsize=_REMEMBERED)(_quoted)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: int.__repr__,
    bool: bool.__repr__,
    type(None): lambda value: "None",
    float: float.__repr__,
}


def written(value: Any, level: int) -> str:
    """One argument, or what lies in one.

    Args:
        level: how deep it lies.

    Raises:
        _NoKey: nothing can be made of it.
    """
    write = _WRITERS.get(value.__class__)
    if write is not None:
        return write(value)
    if isinstance(value, Enum):
        return f"{class_name(type(value))}({value.name or value.value})"
    for type_, tagged in _TAGGED.items():
        if isinstance(value, type_):
            return tagged(value)
    if isinstance(value, str | int | float):
        base = next(type_ for type_ in (str, int, float) if isinstance(value, type_))
        return _WRITERS[base](str.__str__(value) if isinstance(value, str) else value)
    if level >= MAX_LEVELS:
        raise _NoKey(f"it is nested deeper than {MAX_LEVELS} levels")
    return _container(value, level + 1)


def _container(value: Any, level: int) -> str:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _fields(value, value._fields, level)
    if isinstance(value, tuple):
        return f"({_joined(value, level)})"
    if isinstance(value, list):
        return f"[{_joined(value, level)}]"
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(written(member, level) for member in value))}}}"
    if isinstance(value, dict):
        pairs = sorted(f"{written(key, level)}={written(member, level)}" for key, member in value.items())
        # An empty one is no empty set.
        return f"{{{','.join(pairs) or '='}}}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if not value.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise _NoKey(f"{a(kind(value))} may change; make it @dataclass(frozen=True)")
        return _fields(value, [field.name for field in dataclasses.fields(value)], level)
    raise _NoKey(f"it is, or holds, {a(kind(value))}")


def _joined(values: Sequence[Any], level: int) -> str:
    return ",".join([written(value, level) for value in values])


def _fields(value: Any, names: Sequence[str], level: int) -> str:
    inner = ",".join(f"{name}={written(getattr(value, name), level)}" for name in names)
    return f"{class_name(type(value))}({inner})"


def class_name(type_: type) -> str:
    """A class's module and name."""
    return f"{type_.__module__}.{type_.__qualname__}"


def zone_of(zone: tzinfo | None) -> str:
    """What tells time zones of the same offset apart.

    Raises:
        _NoKey: one of a library's own.
    """
    if zone is None or isinstance(zone, timezone):
        return ""
    if isinstance(zone, ZoneInfo) and zone.key:
        return f"[{zone.key}]"
    raise _NoKey(f"it has the time zone {zone!r}; take one of zoneinfo or datetime.timezone")


def _moment(value: datetime | time) -> str:
    later = "[later]" if value.fold else ""
    return f"{'datetime' if isinstance(value, datetime) else 'time'}({value.isoformat()}{zone_of(value.tzinfo)}{later})"


# In the order in which they are looked up: a datetime is a date, too.
_TAGGED: dict[type, Callable[[Any], str]] = {
    Decimal: lambda value: f"Decimal({value!s})",
    bytes: lambda value: f"bytes({value.hex()})",
    datetime: _moment,
    date: lambda value: f"date({value.isoformat()})",
    time: _moment,
    timedelta: lambda value: f"timedelta({value.days}d{value.seconds}s{value.microseconds}us)",
    UUID: lambda value: f"UUID({value!s})",
}
