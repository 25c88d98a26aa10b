"""GetResourcePolicy: the policy that a table or a stream was given."""

from everwarm.dynamodb.api import policy_holders
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine


def run(engine: Engine, request: Request) -> Response:
    policy = policy_holders.find(engine, request["ResourceArn"]).found_policy()
    return {"Policy": policy.text, "RevisionId": policy.revision}
