"""UpdateTimeToLive. The answer echoes the request; the change holds as soon as it is out."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.ttl import settings


def run(engine: Engine, request: Request) -> Transaction:
    attribute = request["TimeToLiveSpecification"]["AttributeName"]
    enabled = request["TimeToLiveSpecification"]["Enabled"]

    def body(tx: Tx) -> Response:
        table = engine.tables.describe(request["TableName"])
        settings.update(
            tx,
            engine.tables,
            engine.backfill,
            table,
            attribute,
            enabled,
            now=engine.clock.now(),
            cool_down_s=engine.time_to_live.cool_down_s,
        )
        return {"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}

    return Transaction(body, alone=True)
