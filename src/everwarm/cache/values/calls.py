"""The arguments of a call as an attribute, so that whoever refreshes the entry can make the same call again.

Exact for every type of which `keys.py` makes a key. What DynamoDB has no type for is a Map with one member, whose name
begins with "$" and says the type. Classes are found by their names in modules that are loaded already: what lies in
a table never imports anything.
"""

import dataclasses
import json
import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from everwarm.cache.values.keys import class_name
from everwarm.cache.values.refusal import a, kind
from everwarm.dynamodb.values.numbers import MAX_DIGITS
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import CacheError

_LIMIT = 10**MAX_DIGITS


def pack_call(args: Sequence[Any], kwargs: Mapping[str, Any]) -> AttributeValue:
    """The arguments of a call; a Map of `args`, a List, and `kwargs`, a Map.

    Raises:
        CacheError: an argument of a type that no key can be made of, or of a class that cannot be found again.
    """
    return {"M": {"args": _list(args), "kwargs": {"M": {name: _pack(value) for name, value in kwargs.items()}}}}


def unpack_call(attribute: AttributeValue) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What `pack_call` was given. Members that it does not know are passed over.

    Raises:
        CacheError: it is none, or names a class that there is not.
    """
    try:
        packed = attribute["M"]
        args = tuple(_unpack(inner) for inner in packed["args"]["L"])
        kwargs = {name: _unpack(inner) for name, inner in packed["kwargs"]["M"].items()}
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise CacheError(f"the arguments kept with an entry cannot be read: {type(error).__name__}: {error}") from error
    return args, kwargs


def _list(values: Any) -> AttributeValue:
    return {"L": [_pack(value) for value in values]}


def _tagged(name: str, inner: AttributeValue) -> AttributeValue:
    return {"M": {f"${name}": inner}}


def _text(value: str) -> AttributeValue:
    return {"S": value}


def _str(value: str) -> AttributeValue:
    try:
        value.encode()
    except UnicodeEncodeError:
        return _tagged("str", _text(json.dumps(value)))
    return _text(str.__str__(value))


def _pack(value: Any) -> AttributeValue:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, Enum):
        name = value.name if value.name in type(value).__members__ else None
        member = _text(name) if name is not None else {"L": [_pack(value.value)]}
        return _tagged("enum", {"L": [_class(type(value)), member]})
    for type_, pack in _PACKERS.items():
        if isinstance(value, type_):
            return pack(value)
    if not isinstance(value, type) and _is_frozen(type(value)):
        fields = {field.name: _pack(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return _tagged("dataclass", {"L": [_class(type(value)), {"M": fields}]})
    raise CacheError(
        f"{a(kind(value))} among the arguments cannot be kept beside the result, and a refresh could not make the call "
        "again; pass what identifies it instead (text, a number, a frozen dataclass), and look it up in the function"
    )


def _is_frozen(type_: type) -> bool:
    return dataclasses.is_dataclass(type_) and bool(type_.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def _tuple(value: tuple[Any, ...]) -> AttributeValue:
    if hasattr(value, "_fields"):
        return _tagged("namedtuple", {"L": [_class(type(value)), *map(_pack, value)]})
    return _tagged("tuple", _list(value))


def _moment(value: datetime | time) -> AttributeValue:
    zone = value.tzinfo
    name = zone.key if isinstance(zone, ZoneInfo) else ""
    # Without its zone's offset: that is the zone's to say.
    plain = value.replace(tzinfo=None) if name else value
    name_of = "datetime" if isinstance(value, datetime) else "time"
    return _tagged(name_of, {"L": [_text(plain.isoformat()), _text(name or ""), _pack(value.fold)]})


_PACKERS: dict[type, Callable[[Any], AttributeValue]] = {
    str: _str,
    int: lambda value: {"N": int.__repr__(value)} if -_LIMIT < value < _LIMIT else _tagged("int", _text(hex(value))),
    float: lambda value: _tagged("float", _text(float.__repr__(value))),
    bytes: lambda value: {"B": b2a_base64(value, newline=False).decode()},
    list: _list,
    tuple: _tuple,
    dict: lambda value: _tagged("dict", {"L": [{"L": [_pack(key), _pack(inner)]} for key, inner in value.items()]}),
    frozenset: lambda value: _tagged("frozenset", _list(value)),
    set: lambda value: _tagged("set", _list(value)),
    Decimal: lambda value: _tagged("Decimal", _text(str(value))),
    datetime: _moment,
    date: lambda value: _tagged("date", _text(value.isoformat())),
    time: _moment,
    timedelta: lambda value: _tagged("timedelta", _list([value.days, value.seconds, value.microseconds])),
    UUID: lambda value: _tagged("UUID", _text(str(value))),
}


def _class(type_: type) -> AttributeValue:
    if _find(type_.__module__, type_.__qualname__) is not type_:
        raise CacheError(
            f"an argument of the class {class_name(type_)}, which cannot be found by this name when the call is made "
            "again; define it at its module's level"
        )
    return {"L": [_text(type_.__module__), _text(type_.__qualname__)]}


def _find(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    for step in name.split("."):
        found = getattr(found, step, None)
    return found


def _found(attribute: AttributeValue, wanted: Callable[[type], bool]) -> Any:
    module, name = (part["S"] for part in attribute["L"])
    found = _find(module, name)
    # Nothing else is called, whatever the table says.
    if not (isinstance(found, type) and wanted(found)):
        raise CacheError(
            f"the arguments kept with an entry have a {module}.{name}, and there is no such class (any more) in what "
            "this process has loaded"
        )
    return found


def _unpack(attribute: AttributeValue) -> Any:
    [(tag, inner)] = attribute.items()
    if tag == "M":
        [(name, tagged)] = inner.items()
        return _TAGGED[name](tagged)
    return _NATIVE[tag](inner)


def _members(attribute: AttributeValue) -> list[Any]:
    return [_unpack(inner) for inner in attribute["L"]]


def _to_enum(attribute: AttributeValue) -> Any:
    named, member = attribute["L"]
    type_ = _found(named, lambda type_: issubclass(type_, Enum))
    return type_[member["S"]] if "S" in member else type_(_unpack(member["L"][0]))


def _to_named_tuple(attribute: AttributeValue) -> Any:
    named, *members = attribute["L"]
    type_ = _found(named, lambda type_: issubclass(type_, tuple) and hasattr(type_, "_make"))
    return type_._make([_unpack(member) for member in members])


def _to_dataclass(attribute: AttributeValue) -> Any:
    named, packed = attribute["L"]
    type_ = _found(named, _is_frozen)
    values = {name: _unpack(inner) for name, inner in packed["M"].items()}
    fields = {field.name: field.init for field in dataclasses.fields(type_)}
    value = type_(**{name: one for name, one in values.items() if fields.get(name)})
    for name, one in values.items():
        if fields.get(name) is False:
            object.__setattr__(value, name, one)
    return value


def _to_moment(type_: type[datetime] | type[time]) -> Callable[[AttributeValue], Any]:
    def read(attribute: AttributeValue) -> Any:
        written, zone, fold = attribute["L"]
        value = type_.fromisoformat(written["S"]).replace(fold=int(fold["N"]))
        return value.replace(tzinfo=ZoneInfo(zone["S"])) if zone["S"] else value

    return read


_NATIVE: dict[str, Callable[[Any], Any]] = {
    "NULL": lambda inner: None,
    "BOOL": bool,
    "S": str,
    "N": int,
    "B": a2b_base64,
    "L": lambda inner: [_unpack(member) for member in inner],
}

_TAGGED: dict[str, Callable[[AttributeValue], Any]] = {
    "$str": lambda attribute: json.loads(attribute["S"]),
    "$int": lambda attribute: int(attribute["S"], 16),
    "$float": lambda attribute: float(attribute["S"]),
    "$Decimal": lambda attribute: Decimal(attribute["S"]),
    "$tuple": lambda attribute: tuple(_members(attribute)),
    "$set": lambda attribute: set(_members(attribute)),
    "$frozenset": lambda attribute: frozenset(_members(attribute)),
    "$dict": lambda attribute: {_unpack(pair["L"][0]): _unpack(pair["L"][1]) for pair in attribute["L"]},
    "$datetime": _to_moment(datetime),
    "$date": lambda attribute: date.fromisoformat(attribute["S"]),
    "$time": _to_moment(time),
    "$timedelta": lambda attribute: timedelta(*_members(attribute)),
    "$UUID": lambda attribute: UUID(attribute["S"]),
    "$enum": _to_enum,
    "$namedtuple": _to_named_tuple,
    "$dataclass": _to_dataclass,
}
