"""GetResourcePolicy: the policy that a table was given."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.arn import resource_arn, table_of_arn
from everwarm.dynamodb.tables.policy import found_policy


def run(engine: Engine, request: Request) -> Response:
    resource_arn(request["ResourceArn"])
    policy = found_policy(engine.tables.describe(table_of_arn(request["ResourceArn"])))
    return {"Policy": policy.text, "RevisionId": policy.revision}
