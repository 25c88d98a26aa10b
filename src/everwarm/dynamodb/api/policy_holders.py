"""What a request for a resource-based policy is about: a table, or a stream, whether it is switched on or not.

Source: "Attach a resource-based policy to a DynamoDB stream", developer guide.
"""

import dataclasses
from typing import Any

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import is_stream, resource_arn, table_of_arn
from everwarm.dynamodb.tables.policy import Holder


def find(engine: Engine, arn: str) -> Holder:
    """The table or stream of an ARN.

    Raises:
        ResourceNotFoundException: there is none.
        ValidationException: it is the ARN of something else, or none.
    """
    resource_arn(arn)
    if is_stream(arn):
        stream = engine.streams.find(arn)
        return Holder(stream.arn, f"stream {stream.label}", stream.settings)
    table = engine.tables.describe(table_of_arn(arn))
    return Holder(table.arn, f"table {table.name}", table.settings)


def keep(engine: Engine, tx: Tx, arn: str, settings: dict[str, Any]) -> None:
    """Store what `find` has found, with other settings."""
    if is_stream(arn):
        engine.streams.replace(tx, dataclasses.replace(engine.streams.find(arn), settings=settings))
    else:
        engine.tables.replace(tx, engine.tables.describe(table_of_arn(arn)), settings=settings)
