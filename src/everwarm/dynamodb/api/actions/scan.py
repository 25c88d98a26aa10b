"""Scan: all items of a table or an index, or of one segment of it."""

from functools import partial

from everwarm.dynamodb.api.complaints import counted
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.read_request import find_path, read_from, starting_key
from everwarm.dynamodb.api.request_expressions import SCAN, Expressions
from everwarm.dynamodb.api.selection import check_all_attributes, check_select, selection
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.page import read_page
from everwarm.dynamodb.tables.segments import segment_range
from everwarm.dynamodb.tables.start_key import INVALID, check_scan_start, scan_start
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Response:
    expressions = Expressions(request, SCAN)
    legacy = expressions.scan_selection()
    given = starting_key(request)
    segment, total = _segment(request)
    reading = expressions.scan(legacy)
    counted(check_select, request)
    path = find_path(engine, request)
    start, end = segment_range(path, segment, total)
    if given is not None:
        check_scan_start(path, given)
        check_all_attributes(request, path)
        place = scan_start(path, given)
        if not start <= place < end:
            raise ValidationException(
                f"{INVALID}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                f"TotalSegments: {total} Segment: {segment}"
            )
        start = place + b"\x00"
    selected = selection(request, reading, path, keys_filtered=True)
    reader = read_from(engine, selected)
    pairs = reader.scan(start, end)
    page = read_page(pairs, request.get("Limit"), partial(selected.show, reader), count_only=selected.count_only)
    return selected.respond(request, page)


def _segment(request: Request) -> tuple[int, int]:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return 0, 1
    if total is None:
        raise ValidationException(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
            "present"
        )
    if segment is None:
        raise ValidationException(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
            "present"
        )
    if segment >= total:
        # Until 2026 AWS told the numbers, too.
        raise ValidationException("The Segment parameter is zero-based and must be less than parameter TotalSegments")
    return segment, total
