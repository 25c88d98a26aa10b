"""PutResourcePolicy: gives a table or a stream a policy, which is kept and does nothing."""

from everwarm.dynamodb.api import policy_holders
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import resource_arn
from everwarm.dynamodb.tables.policy import check_document, put


def run(engine: Engine, request: Request) -> Transaction:
    arn = resource_arn(request["ResourceArn"])
    check_document(request["Policy"])
    now = engine.clock.now()

    def body(tx: Tx) -> Response:
        holder = policy_holders.find(engine, arn)
        holder.check_expected(request.get("ExpectedRevisionId"))
        settings, policy = put(holder.settings, request["Policy"], now)
        policy_holders.keep(engine, tx, arn, settings)
        return {"RevisionId": policy.revision}

    return Transaction(body, alone=True)
