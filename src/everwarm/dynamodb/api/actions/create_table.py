"""CreateTable. The table can be used as soon as the answer is out; the answer says CREATING, as AWS's does."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import create
from everwarm.dynamodb.tables.describe import describe


def run(engine: Engine, request: Request) -> Transaction:
    key_schema = create.key_schema(request)
    attributes = create.attributes(request)
    settings = create.settings(request)
    view_type = create.stream_view_type(request)
    now = engine.clock.now()

    def body(tx: Tx) -> Response:
        table = engine.tables.create(
            tx, request["TableName"], engine.region, now, key_schema, attributes=attributes, settings=settings
        )
        if view_type is not None:
            table = engine.streams.enable(tx, table, view_type, now)
        return {"TableDescription": describe(tx, table, "CREATING")}

    return Transaction(body, alone=True)
