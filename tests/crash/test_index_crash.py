"""SIGKILL while an index is being filled and writes go on; the next start goes on, and no item is missing."""

import threading
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from tests.crash.processes import running
from tests.stack.support import client, eventually

ITEMS = 8000
ROUNDS = 3

INDEX = {
    "IndexName": "by-name",
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}


def item(number: int, name: str) -> dict[str, Any]:
    return {"pk": {"S": str(number)}, "name": {"S": name}}


def fill(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="old",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for start in range(0, ITEMS, 25):
        puts = [{"PutRequest": {"Item": item(number, "before")}} for number in range(start, start + 25)]
        dynamodb.batch_write_item(RequestItems={"old": puts})


def described(dynamodb: Any) -> dict[str, Any]:
    [index] = dynamodb.describe_table(TableName="old")["Table"]["GlobalSecondaryIndexes"]
    found: dict[str, Any] = index
    return found


def more_than(count: int, dynamodb: Any) -> int:
    """How many items the index has by now; 0 where that is no more than there were."""
    found: int = described(dynamodb)["ItemCount"]
    return found if found > count else 0


def write(endpoint: str, name: str) -> None:
    """Change items, and delete none, until nobody answers."""
    dynamodb = client("dynamodb", endpoint)
    try:
        for number in range(ITEMS):
            dynamodb.put_item(TableName="old", Item=item(number, name))
    except BotoCoreError:
        pass  # it has been killed
    finally:
        dynamodb.close()


def test_killed_while_an_index_is_filled(tmp_path: Path) -> None:
    directory = tmp_path / "empty"  # without a project file: the engine alone
    directory.mkdir()
    log = tmp_path / "log"
    done = 0
    for round_number in range(ROUNDS):
        with running(directory, log) as stack:
            dynamodb = client("dynamodb", stack.endpoint)
            if round_number == 0:
                fill(dynamodb)
                dynamodb.update_table(
                    TableName="old",
                    AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
                    GlobalSecondaryIndexUpdates=[{"Create": INDEX}],
                )
            writer = threading.Thread(target=write, args=(stack.endpoint, f"round-{round_number}"))
            writer.start()
            done = eventually(partial(more_than, done, dynamodb))
            stack.process.kill()
            stack.process.wait()
            writer.join()
            dynamodb.close()
            if done == ITEMS:
                break
    with running(directory, log) as stack:
        dynamodb = client("dynamodb", stack.endpoint)
        eventually(lambda: described(dynamodb)["IndexStatus"] == "ACTIVE", timeout_s=30)
        assert described(dynamodb)["ItemCount"] == ITEMS
        in_table, in_index = (
            {
                one["pk"]["S"]: one["name"]["S"]
                for page in dynamodb.get_paginator("scan").paginate(TableName="old", **of_index)
                for one in page["Items"]
            }
            for of_index in ({}, {"IndexName": "by-name"})
        )
        dynamodb.close()
    assert len(in_table) == ITEMS
    assert in_index == in_table
