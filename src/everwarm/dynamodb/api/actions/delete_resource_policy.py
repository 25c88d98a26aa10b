"""DeleteResourcePolicy: takes the policy of a table or a stream away. One that is not there may be deleted, too."""

from everwarm.dynamodb.api import policy_holders
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import resource_arn
from everwarm.dynamodb.tables.policy import removed


def run(engine: Engine, request: Request) -> Transaction:
    arn = resource_arn(request["ResourceArn"])

    def body(tx: Tx) -> Response:
        holder = policy_holders.find(engine, arn)
        holder.check_expected(request.get("ExpectedRevisionId"))
        before = holder.policy
        policy_holders.keep(engine, tx, arn, removed(holder.settings))
        return {} if before is None else {"RevisionId": before.revision}

    return Transaction(body, alone=True)
