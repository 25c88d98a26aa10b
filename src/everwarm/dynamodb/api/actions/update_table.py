"""UpdateTable. What it changes holds as soon as the answer is out; a new index is filled then (tables/build.py)."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import under_way, update
from everwarm.dynamodb.tables.describe import describe


def run(engine: Engine, request: Request) -> Transaction:
    update.check(request)
    specification = request.get("StreamSpecification")
    now = engine.clock.now()

    def body(tx: Tx) -> Response:
        before = engine.tables.describe(request["TableName"])
        table = engine.builder.replace(tx, before, update.updated(before, request, now))
        if specification is not None and specification["StreamEnabled"]:
            table = engine.streams.enable(tx, table, specification["StreamViewType"], now)
        elif specification is not None:
            table = engine.streams.disable(tx, table)
        return {"TableDescription": describe(tx, under_way.shown(before, table, request), under_way.status(request))}

    return Transaction(body, alone=True)
