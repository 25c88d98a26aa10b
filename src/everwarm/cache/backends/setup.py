"""The table of a cache: made if it is missing, and looked over if it is there."""

import re
from typing import Any

from everwarm.cache.backends.backend import Backend
from everwarm.cache.names import Names
from everwarm.errors import (
    AccessDeniedException,
    ApiError,
    BackendError,
    ResourceInUseException,
    ResourceNotFoundException,
    SettingError,
    ValidationException,
)
from everwarm.log import get_logger

LOOK_AGAIN_S = 0.5
LONGEST_WAIT_S = 300.0
"""How soon to look again at a table that is being made, and for how long."""

VIEW_TYPE = "NEW_AND_OLD_IMAGES"

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_STREAM = {"StreamEnabled": True, "StreamViewType": VIEW_TYPE}

_log = get_logger(__name__)


def table_name_of(cache_name: str, table_name: str | None) -> str:
    """The name of a cache's table: its own unless said otherwise; or an ARN, of a table that is there.

    Raises:
        SettingError: DynamoDB has no tables of this name.
    """
    found = cache_name if table_name is None else table_name
    if not _NAME.fullmatch(found) and not found.startswith("arn:"):
        what = "a cache's name is that of its table, too, and" if table_name is None else "a table's name"
        instead = f", or another name with Cache({cache_name!r}, table=...)" if table_name is None else ""
        raise SettingError(f"{what} {found!r} cannot be one: take 3 to 255 letters, digits, or any of _ . -{instead}")
    return found


def ensure_table(backend: Backend, table_name: str, names: Names, *, create: bool) -> None:
    """Have a table that a cache can work with: a string as its only key, TTL on the right attribute, a stream.

    It may be called by several processes at once, and costs two calls where all is there. On return the table is
    active.

    Args:
        create: make what is missing: the table, its TTL, its stream. Else a missing stream is only logged.

    Raises:
        SettingError: the table is missing and may not be made, or is one that cannot be used.
        BackendError: it has not become active in five minutes.
        ApiError: what else AWS answers.
    """
    try:
        table = _active(backend, table_name, names, create=create)
    except AccessDeniedException as err:
        if create:
            raise
        # A function needs no more than to read and write; that the table fits, whoever deployed it has seen to.
        _log.debug("the table of a cache may not be looked at", table=table_name, error=str(err))
        return
    _check_key(table, names)
    _ensure_time_to_live(backend, table_name, names, create=create)
    if "StreamSpecification" not in table:
        _ensure_stream(backend, table_name, names, create=create)


def _active(backend: Backend, table_name: str, names: Names, *, create: bool) -> dict[str, Any]:
    waited_s = 0.0
    while True:
        table = _described(backend, table_name)
        status = None if table is None else table["TableStatus"]
        if table is not None and status in ("ACTIVE", "UPDATING"):  # one that is changed can be used all the while
            return table
        if table is None:
            if not create:
                raise SettingError(
                    f"there is no table {table_name!r}; make it, in serverless.yml say, or let the cache do so: "
                    "Cache(..., create=True)"
                )
            _create(backend, table_name, names)
        if status not in (None, "CREATING", "DELETING"):
            raise SettingError(f"the table {table_name!r} cannot be used: its status is {status}")
        if status is not None:
            if waited_s >= LONGEST_WAIT_S:
                raise BackendError(f"the table {table_name!r} is still {status} after {waited_s:.0f} seconds")
            backend.pause(LOOK_AGAIN_S)
            waited_s += LOOK_AGAIN_S


def _described(backend: Backend, table_name: str) -> dict[str, Any] | None:
    try:
        table: dict[str, Any] = backend.call("DescribeTable", {"TableName": table_name})["Table"]
    except ResourceNotFoundException:
        return None
    return table


def _create(backend: Backend, table_name: str, names: Names) -> None:
    try:
        backend.call(
            "CreateTable",
            {
                "TableName": table_name,
                "KeySchema": [{"AttributeName": names.key, "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": names.key, "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": _STREAM,
            },
        )
    except ResourceInUseException:
        return  # another process was quicker
    _log.info("a table was made for a cache", table=table_name)


def _check_key(table: dict[str, Any], names: Names) -> None:
    """
    Raises:
        SettingError: it is another one.
    """
    table_name = table["TableName"]
    parts = {part["KeyType"]: part["AttributeName"] for part in table["KeySchema"]}
    if "RANGE" in parts:
        raise SettingError(
            f"the table {table_name!r} has a sort key, {parts['RANGE']!r}; a cache needs one with a partition key only"
        )
    if parts["HASH"] != names.key:
        raise SettingError(
            f"the partition key of the table {table_name!r} is {parts['HASH']!r}, not {names.key!r}; "
            f"say so with Cache(..., names=Names(key={parts['HASH']!r}))"
        )
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    if types[names.key] != "S":
        raise SettingError(
            f"the partition key of the table {table_name!r} is of the type {types[names.key]}; a cache's keys are "
            "strings, S"
        )


def _ensure_time_to_live(backend: Backend, table_name: str, names: Names, *, create: bool) -> None:
    """
    Raises:
        SettingError: it is on another attribute, or off and may not be switched on.
    """
    if _expires(backend, table_name, names):
        return
    if not create:
        raise SettingError(
            f"Time to Live is off for the table {table_name!r}, so nothing in it would ever expire; switch it on for "
            f"the attribute {names.ttl!r}, in serverless.yml say, or let the cache do so: Cache(..., create=True)"
        )
    on = {"Enabled": True, "AttributeName": names.ttl}
    try:
        backend.call("UpdateTimeToLive", {"TableName": table_name, "TimeToLiveSpecification": on})
    except (ValidationException, ResourceInUseException):
        # Another process may have been quicker; if not, its text is the one to be read.
        if not _expires(backend, table_name, names):
            raise
    _log.info("Time to Live was switched on for a cache", table=table_name, attribute=names.ttl)


def _expires(backend: Backend, table_name: str, names: Names) -> bool:
    """Whether TTL is on for the right attribute, or about to be; False where it is off.

    Raises:
        SettingError: it is on for another one, or just being switched off.
    """
    found = backend.call("DescribeTimeToLive", {"TableName": table_name})["TimeToLiveDescription"]
    status, attribute = found["TimeToLiveStatus"], found.get("AttributeName")
    if status == "DISABLING":
        raise SettingError(
            f"Time to Live of the table {table_name!r} is being switched off, which takes up to an hour; after that it "
            "can be switched on again"
        )
    if status == "DISABLED":
        return False
    if attribute != names.ttl:
        raise SettingError(
            f"Time to Live of the table {table_name!r} looks at the attribute {attribute!r}, not {names.ttl!r}; "
            f"say so with Cache(..., names=Names(ttl={attribute!r}))"
        )
    return True


def _ensure_stream(backend: Backend, table_name: str, names: Names, *, create: bool) -> None:
    if not create:
        _log.warning(
            "the table of a cache has no stream: entries expire and are loaded when they are read, but do not refresh "
            "by themselves",
            table=table_name,
        )
        return
    try:
        backend.call("UpdateTable", {"TableName": table_name, "StreamSpecification": _STREAM})
    except (ValidationException, ResourceInUseException) as err:
        _refuse_without_stream(backend, table_name, err)
    _active(backend, table_name, names, create=create)
    _log.info("a stream was switched on for a cache", table=table_name)


def _refuse_without_stream(backend: Backend, table_name: str, err: ApiError) -> None:
    """Another process may have been quicker; if not, the error's text is the one to be read."""
    if "StreamSpecification" not in (_described(backend, table_name) or {}):
        raise err
