"""What the tests of TTL share."""

from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., dict[str, Any]]

NOW = 1_700_000_000  # where a ManualClock begins


@pytest.fixture
def put(call: Call) -> Callable[..., None]:
    """`put("a", 60)`: an item that expires in 60 s after the clock's beginning."""

    def put(key: str, in_s: float, table: str = "rates", **more: Any) -> None:
        call("PutItem", TableName=table, Item={"pk": {"S": key}, "ttl": {"N": str(NOW + in_s)}, **more})

    return put


@pytest.fixture
def keys(call: Call) -> Callable[..., list[str]]:
    """`keys("rates")`: of the items that are there, sorted."""

    def keys(table: str = "rates") -> list[str]:
        return sorted(item["pk"]["S"] for item in call("Scan", TableName=table)["Items"])

    return keys
