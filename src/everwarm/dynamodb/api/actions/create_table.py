"""CreateTable. The table can be used as soon as the answer is out; the answer says CREATING, as AWS's does."""

from everwarm.dynamodb.api.complaints import refusal
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.create import new_table
from everwarm.dynamodb.tables.describe import describe


def run(engine: Engine, request: Request) -> Transaction:
    name = request["TableName"]
    if name.startswith("arn:"):
        # Every other operation takes the ARN of a table.
        raise refusal(name, "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
    now = engine.clock.now()
    wanted = new_table(request, now)

    def body(tx: Tx) -> Response:
        table = engine.tables.create(
            tx,
            name,
            engine.region,
            now,
            wanted.key_schema,
            attributes=wanted.attributes,
            indexes=wanted.indexes,
            settings=wanted.settings,
        )
        if wanted.view_type is not None:
            table = engine.streams.enable(tx, table, wanted.view_type, now)
        return {"TableDescription": describe(tx, table, "CREATING")}

    return Transaction(body, alone=True)
