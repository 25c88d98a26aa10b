"""Query: the items of one partition of a table or an index, in the order of their sort key."""

from functools import partial

from everwarm.dynamodb.api.complaints import counted
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.read_request import find_path, read_from, starting_key
from everwarm.dynamodb.api.request_expressions import QUERY, Expressions
from everwarm.dynamodb.api.selection import check_select, selection
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.key_range import key_range
from everwarm.dynamodb.tables.page import read_page
from everwarm.dynamodb.tables.start_key import check_part, check_size, query_start


def run(engine: Engine, request: Request) -> Response:
    expressions = Expressions(request, QUERY)
    legacy = expressions.query_selection()
    given = starting_key(request)
    reading = expressions.query(legacy)
    counted(check_select, request)
    path = find_path(engine, request)
    if given is None:
        wanted = key_range(path, reading.keys)
    else:
        check_size(path, given)
        wanted = key_range(path, reading.keys, partial(check_part, path, given))
    start, end = wanted.start, wanted.end
    backwards = request.get("ScanIndexForward") is False
    if given is not None:
        place = query_start(path, given, wanted)
        # A key's bytes with one more behind them are the first that come after it.
        start, end = (start, place) if backwards else (place + b"\x00", end)
    selected = selection(request, reading, path, keys_filtered=False)
    reader = read_from(engine, selected)
    pairs = reader.scan(start, end, reverse=backwards)
    page = read_page(pairs, request.get("Limit"), partial(selected.show, reader), count_only=selected.count_only)
    return selected.respond(request, page)
