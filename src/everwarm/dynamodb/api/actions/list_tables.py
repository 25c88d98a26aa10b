"""ListTables: names in order, 100 to a page at the most."""

from bisect import bisect_right

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine

PAGE = 100


def run(engine: Engine, request: Request) -> Response:
    names = engine.tables.names()
    start = request.get("ExclusiveStartTableName")
    if start is not None:
        names = names[bisect_right(names, start) :]
    limit = request.get("Limit") or PAGE
    response: Response = {"TableNames": names[:limit]}
    if len(names) > limit:
        response["LastEvaluatedTableName"] = names[limit - 1]
    return response
