"""ListTagsOfResource: all tags in one page. A table has 50 at the most, so there is never a `NextToken` to give; AWS
passes over one that was made up, too."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.arn import resource_arn


def run(engine: Engine, request: Request) -> Response:
    arn = resource_arn(request.get("ResourceArn"))
    table = engine.tables.of_arn(arn)
    return {"Tags": table.settings.get("Tags", [])}
