"""DeleteResourcePolicy: takes a table's policy away. One that is not there may be deleted, too."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import resource_arn, table_of_arn
from everwarm.dynamodb.tables.policy import check_expected, policy_of, removed


def run(engine: Engine, request: Request) -> Transaction:
    resource_arn(request["ResourceArn"])

    def body(tx: Tx) -> Response:
        table = engine.tables.describe(table_of_arn(request["ResourceArn"]))
        before = policy_of(table.settings)
        check_expected(table, request.get("ExpectedRevisionId"))
        engine.tables.replace(tx, table, settings=removed(table.settings))
        return {} if before is None else {"RevisionId": before.revision}

    return Transaction(body, alone=True)
