"""The table of a cache is made, or looked over."""

from collections.abc import Iterator
from typing import Any

import pytest

from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.setup import ensure_table, table_name_of
from everwarm.cache.names import Names
from everwarm.clock import ManualClock
from everwarm.errors import BackendError, ResourceInUseException, ResourceNotFoundException, SettingError

TABLE = "rates"
KEYS_ONLY = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}


class Counting(Embedded):
    """Counts calls, and may be told that others were quicker."""

    def __init__(self) -> None:
        super().__init__(None, ManualClock())
        self.actions: list[str] = []
        self.not_found = 0
        self.statuses: list[str] = []
        self.pauses_s: list[float] = []

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        self.actions.append(action)
        if action == "DescribeTable" and self.not_found:
            self.not_found -= 1
            raise ResourceNotFoundException("Requested resource not found")
        response = super().call(action, request)
        if action == "DescribeTable" and self.statuses:
            response["Table"]["TableStatus"] = self.statuses.pop(0)
        return response

    def pause(self, seconds: float) -> None:
        self.pauses_s.append(seconds)


@pytest.fixture
def backend() -> Iterator[Counting]:
    backend = Counting()
    yield backend
    backend.close()


def make(backend: Embedded, *key: str, **more: Any) -> None:
    parts = [part.split(":") for part in key or ("key:S",)]
    kinds = ("HASH", "RANGE")
    request = {
        "TableName": TABLE,
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for (name, _), kind in zip(parts, kinds, strict=False)],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": tag} for name, tag in parts],
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }
    backend.call("CreateTable", request)


def expire(backend: Embedded, attribute: str) -> None:
    on = {"Enabled": True, "AttributeName": attribute}
    backend.call("UpdateTimeToLive", {"TableName": TABLE, "TimeToLiveSpecification": on})


def test_a_missing_table_is_made(backend: Counting) -> None:
    ensure_table(backend, TABLE, Names(key="pk", ttl="expires"), create=True)
    table = backend.call("DescribeTable", {"TableName": TABLE})["Table"]
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    found = backend.call("DescribeTimeToLive", {"TableName": TABLE})["TimeToLiveDescription"]
    assert found == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


def test_or_asked_for(backend: Counting) -> None:
    with pytest.raises(SettingError, match="there is no table 'rates'"):
        ensure_table(backend, TABLE, Names(), create=False)


@pytest.mark.parametrize("create", [True, False])
def test_where_all_is_there_it_costs_two_calls(backend: Counting, create: bool) -> None:
    ensure_table(backend, TABLE, Names(), create=True)
    backend.actions.clear()
    ensure_table(backend, TABLE, Names(), create=create)
    assert backend.actions == ["DescribeTable", "DescribeTimeToLive"]


def test_two_processes_at_once(backend: Counting) -> None:
    """Each finds no table; the second one's CreateTable is refused, and it takes the first one's."""
    ensure_table(backend, TABLE, Names(), create=True)
    backend.not_found = 1
    ensure_table(backend, TABLE, Names(), create=True)
    assert backend.actions.count("CreateTable") == 2


def test_a_table_that_is_being_made_is_waited_for(backend: Counting) -> None:
    make(backend)
    backend.statuses = ["CREATING", "CREATING"]
    ensure_table(backend, TABLE, Names(), create=True)
    assert len(backend.pauses_s) == 2


def test_but_not_for_ever(backend: Counting) -> None:
    make(backend)
    backend.statuses = ["CREATING"] * 10_000
    with pytest.raises(BackendError, match="still CREATING"):
        ensure_table(backend, TABLE, Names(), create=True)


def test_a_table_that_is_being_deleted_is_made_again(backend: Counting) -> None:
    make(backend, "other:S")

    backend.statuses = ["DELETING"]
    original = backend.pause

    def pause(seconds: float) -> None:
        original(seconds)
        backend.call("DeleteTable", {"TableName": TABLE})

    backend.pause = pause  # type: ignore[method-assign]
    ensure_table(backend, TABLE, Names(), create=True)
    schema = backend.call("DescribeTable", {"TableName": TABLE})["Table"]["KeySchema"]
    assert schema == [{"AttributeName": "key", "KeyType": "HASH"}]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (("key:S", "at:N"), "has a sort key, 'at'"),
        (("pk:S",), r"is 'pk', not 'key'; say so with Cache\(..., names=Names\(key='pk'\)\)"),
        (("key:N",), "of the type N"),
    ],
)
def test_a_table_with_another_key_is_refused(backend: Counting, key: tuple[str, ...], says: str) -> None:
    make(backend, *key)
    with pytest.raises(SettingError, match=says):
        ensure_table(backend, TABLE, Names(), create=True)


def test_time_to_live_on_another_attribute_is_refused(backend: Counting) -> None:
    make(backend, StreamSpecification=KEYS_ONLY)
    expire(backend, "expires")
    with pytest.raises(SettingError, match=r"'expires', not 'ttl'; say so with Cache\(..., names=Names\(ttl='expires'"):
        ensure_table(backend, TABLE, Names(), create=True)
    ensure_table(backend, TABLE, Names(ttl="expires"), create=False)


def test_time_to_live_that_is_off(backend: Counting) -> None:
    make(backend, StreamSpecification=KEYS_ONLY)
    with pytest.raises(SettingError, match="Time to Live is off"):
        ensure_table(backend, TABLE, Names(), create=False)
    ensure_table(backend, TABLE, Names(), create=True)
    ensure_table(backend, TABLE, Names(), create=False)


def test_a_stream_of_another_kind_is_left_as_it_is(backend: Counting) -> None:
    make(backend, StreamSpecification=KEYS_ONLY)
    ensure_table(backend, TABLE, Names(), create=True)
    assert backend.call("DescribeTable", {"TableName": TABLE})["Table"]["StreamSpecification"] == KEYS_ONLY


def test_a_missing_stream(backend: Counting, capsys: pytest.CaptureFixture[str]) -> None:
    make(backend)
    expire(backend, "ttl")
    ensure_table(backend, TABLE, Names(), create=False)
    assert "has no stream" in capsys.readouterr().out
    ensure_table(backend, TABLE, Names(), create=True)
    assert backend.call("DescribeTable", {"TableName": TABLE})["Table"]["StreamSpecification"]["StreamEnabled"]


def test_what_another_process_does_meanwhile_is_no_error(backend: Counting) -> None:
    """TTL and stream are switched on by somebody between our look and our call."""
    make(backend)
    first = backend.call

    def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
        if action == "UpdateTimeToLive":
            first(action, request)
        if action == "UpdateTable":
            first(action, request)
            raise ResourceInUseException("Attempt to change a resource which is still in use")
        return first(action, request)

    backend.call = call  # type: ignore[method-assign]
    ensure_table(backend, TABLE, Names(), create=True)


def test_a_refusal_of_the_server_is_told(backend: Counting) -> None:
    make(backend)
    first = backend.call

    def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
        if action == "UpdateTable":
            raise ResourceInUseException("Attempt to change a resource which is still in use")
        return first(action, request)

    backend.call = call  # type: ignore[method-assign]
    with pytest.raises(ResourceInUseException):
        ensure_table(backend, TABLE, Names(), create=True)


@pytest.mark.parametrize("name", ["c", "", "my rates", "rates/eur", "r" * 256])
def test_a_name_that_no_table_can_have(name: str) -> None:
    """Told when the cache is made, not at its first use, far from the line to be changed."""
    with pytest.raises(SettingError, match=r"3 to 255 letters, digits, or any of _ \. -, or another name with Cache\("):
        table_name_of(name, None)
    with pytest.raises(SettingError, match="a table's name"):
        table_name_of("rates", name)


def test_the_table_has_the_cache_s_name_unless_it_is_said() -> None:
    assert table_name_of("rates", None) == "rates"
    assert table_name_of("c", "rates-prod") == "rates-prod"
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/rates"
    assert table_name_of("rates", arn) == arn
