"""ListStreams: all streams, or those of one table, switched-off ones included; 100 to a page at the most."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.stream_arn import check_stream_arn
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.arn import table_name

PAGE = 100


def run(engine: Engine, request: Request) -> Response:
    streams = engine.streams.all()
    wanted = request.get("TableName")
    if wanted is not None:
        streams = [stream for stream in streams if stream.table_name == table_name(wanted)]
    start = request.get("ExclusiveStartStreamArn")
    if start is not None:
        check_stream_arn(start)
        streams = [stream for stream in streams if stream.arn > start]
    limit = min(request.get("Limit") or PAGE, PAGE)
    response: Response = {
        "Streams": [
            {"StreamArn": stream.arn, "TableName": stream.table_name, "StreamLabel": stream.label}
            for stream in streams[:limit]
        ]
    }
    if len(streams) > limit:
        response["LastEvaluatedStreamArn"] = streams[limit - 1].arn
    return response
