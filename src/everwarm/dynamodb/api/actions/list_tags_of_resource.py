"""ListTagsOfResource: all tags in one page. A table has 50 at the most, so there is never a `NextToken` to give."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.arn import check_authorized
from everwarm.errors import invalid_parameters


def run(engine: Engine, request: Request) -> Response:
    arn = check_authorized(request.get("ResourceArn"), "ListTagsOfResource")
    table = engine.tables.of_arn(arn)
    if request.get("NextToken") is not None:
        raise invalid_parameters("Invalid NextToken")
    return {"Tags": table.settings.get("Tags", [])}
