"""The AWS SDK for JavaScript (version 3) with its document client: a small program, `js/program.mjs`, and what it saw.

The SDK is fetched once into `.tools/aws-sdk-js`, in the versions that `js/package-lock.json` names.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.npm import install, run

JS = Path(__file__).parent / "js"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None,
    reason="the AWS SDK for JavaScript needs Node.js (node and npm), which is not on this machine",
)


@pytest.fixture(scope="module")
def seen(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program printed."""
    sdk = install(JS, "aws-sdk-js")
    # Node.js looks for modules where the program lies.
    shutil.copyfile(JS / "program.mjs", sdk / "program.mjs")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path_factory.mktemp("home")), "NODE_NO_WARNINGS": "1"}
    output: dict[str, Any] = json.loads(run(["node", "program.mjs", endpoint], sdk, env, timeout_s=60))
    return output


def test_a_table_is_waited_for_described_and_listed(seen: dict[str, Any]) -> None:
    assert seen["table"] == {
        "waiter": "SUCCESS",
        "status": "ACTIVE",
        "created": True,
        "indexes": [["by-state", "ACTIVE"]],
        "listed": True,
    }


def test_every_kind_of_value_comes_back_as_it_was(seen: dict[str, Any]) -> None:
    values = dict(seen["values"])
    names = values.pop("names")
    assert "nothing" not in names
    assert len(names) == 10
    assert values == {
        "amount": 12.5,
        "exact": "0.12345678901234567890123456789012345678",
        "big": "12345678901234567890",
        "tags": ["a", "b"],
        "sizes": [1, 2.5],
        "picture": [0, 127, 255],
        "articles": [{"article": "pen", "count": 2}, {"article": "ink", "gift": True, "note": None}],
    }


def test_updates_and_conditions(seen: dict[str, Any]) -> None:
    changes = seen["changes"]
    assert (changes["state"], changes["count"], changes["tags"]) == ("paid", 3, ["a", "b", "c"])
    assert changes["refused"] == {
        "name": "ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "status": 400,
    }
    assert changes["wrongKey"]["name"] == "ValidationException"
    assert changes["wrongKey"]["message"] == "The provided key element does not match the schema"


def test_batches(seen: dict[str, Any]) -> None:
    assert seen["batches"] == {"unprocessed": 0, "found": ["o#0001", "o#0002"], "left": 0}


def test_paginators(seen: dict[str, Any]) -> None:
    pages = seen["pages"]
    numbers = [f"o#{n:04}" for n in range(10, 0, -1)]
    assert [number for page in pages["queried"] for number in page] == numbers
    assert [len(page) for page in pages["queried"]] == [4, 4, 2]
    assert pages["totals"] == [17, 19, 21, 23]
    assert (pages["scanned"], pages["counted"]) == (26, 5)


def test_transactions(seen: dict[str, Any]) -> None:
    transactions = seen["transactions"]
    assert transactions["states"] == ["paid", None]
    assert transactions["cancelled"]["name"] == "TransactionCanceledException"
    assert transactions["cancelled"]["codes"] == ["None", "ConditionalCheckFailed"]
    assert transactions["kept"] == "o#0005"


def test_partiql(seen: dict[str, Any]) -> None:
    assert seen["statements"] == {
        "found": [{"number": "o#0007", "amount": 6}],
        "inserted": {"customer": "c#2", "number": "o#0001", "amount": 5},
    }


def test_time_to_live_and_streams(seen: dict[str, Any]) -> None:
    surroundings = seen["surroundings"]
    assert surroundings["ttl"]["AttributeName"] == "expires"
    assert surroundings["ttl"]["TimeToLiveStatus"] in ("ENABLING", "ENABLED")
    assert surroundings["streams"] == [True]
    assert surroundings["deleted"] == "o#0009"


def test_a_dropped_table_is_gone(seen: dict[str, Any]) -> None:
    assert seen["dropped"] == {"waiter": "SUCCESS", "error": "ResourceNotFoundException"}
