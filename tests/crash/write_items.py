"""An engine whose items change without end, to be killed: `python write_items.py DIRECTORY ROUND`.

Four threads put, update, delete and transact; each says in a line what is acknowledged: the key, and the number that
the item has now, or `gone`.
"""

import os
import random
import sys
import threading
from pathlib import Path
from typing import Any

from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.api.operation import Transaction
from everwarm.dynamodb.engine import Engine

WRITERS = 4
KEYS = 20
"""For each thread; no two write the same ones."""

TABLE = {
    "TableName": "cache",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "n", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "local",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "global",
            "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


def caller(engine: Engine) -> Any:
    """`call("PutItem", {...})` on an engine, without HTTP."""
    by_name = {operation.name: operation for operation in operations().values()}

    def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
        operation = by_name[action]
        operation.check(request)
        response = operation.run(engine, request)
        if isinstance(response, Transaction):
            response = engine.store.update(response.body, alone=response.alone)
        return response

    return call


def write(call: Any, writer: int, seed: str) -> None:
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        sk = chance.randrange(KEYS)
        key = {"pk": {"S": str(writer)}, "sk": {"N": str(sk)}}
        item = {**key, "n": {"N": str(number)}, "x": {"S": "x" * chance.randrange(200)}}
        match chance.randrange(4):
            case 0:
                call("PutItem", {"TableName": "cache", "Item": item})
                said = [(sk, str(number))]
            case 1:
                values = {":n": {"N": str(number)}}
                update = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": values}
                call("UpdateItem", {"TableName": "cache", "Key": key, **update})
                said = [(sk, str(number))]
            case 2:
                call("DeleteItem", {"TableName": "cache", "Key": key})
                said = [(sk, "gone")]
            case _:
                # Two items, always together: sk and its twin have the same number.
                twin = {**item, "sk": {"N": str(sk + KEYS)}}
                puts = [{"Put": {"TableName": "cache", "Item": one}} for one in (item, twin)]
                call("TransactWriteItems", {"TransactItems": puts})
                said = [(sk, str(number)), (sk + KEYS, str(number))]
        lines = "".join(f"{writer} {one} {now}\n" for one, now in said)
        os.write(1, lines.encode())


def main() -> None:
    engine = Engine.open(Path(sys.argv[1]))
    call = caller(engine)
    if "cache" not in engine.tables.names():
        call("CreateTable", TABLE)
    for writer in range(WRITERS):
        threading.Thread(target=write, args=(call, writer, f"{sys.argv[2]}/{writer}")).start()


if __name__ == "__main__":
    main()
