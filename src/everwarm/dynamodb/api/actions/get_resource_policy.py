"""GetResourcePolicy: the policy that a table was given."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.arn import check_authorized
from everwarm.dynamodb.tables.policy import found_policy


def run(engine: Engine, request: Request) -> Response:
    check_authorized(request["ResourceArn"], "GetResourcePolicy")
    policy = found_policy(engine.tables.of_arn(request["ResourceArn"]).settings)
    return {"Policy": policy.text, "RevisionId": policy.revision}
