"""ExecuteTransaction: up to 100 statements of PartiQL that each read one item, or each write or check one; all or none.

The same road, and the same tokens, as TransactGetItems and TransactWriteItems have.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import orjson

from everwarm.dynamodb.api.item_read import size_of
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.api.statement_read import SingleRead, single_read
from everwarm.dynamodb.api.statements import Parameters, parameters_of, prepare
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.grammar import parse_syntax
from everwarm.dynamodb.partiql.tree import Delete, Exists, Select, Statement, Update
from everwarm.dynamodb.partiql.writes import Writing, check_returning, plan, table_name
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.capacity import (
    Kind,
    consumed_in_transaction,
    of_repetition,
    of_write,
    wanted,
)
from everwarm.dynamodb.tables.read import read_json
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.transact import MAX_BYTES, RESPONSE_TOO_LARGE, SAME_ITEM, all_or_none
from everwarm.dynamodb.tables.write import Plan, PlannedWrite
from everwarm.errors import ValidationException

T = TypeVar("T")

_INDEX_READ = "Reads on indices are not supported within transactions."

_Asked = tuple[Request, Parameters]
"""A statement with its parameters, as the request has it."""


def run(engine: Engine, request: Request) -> Response | Transaction:
    statements: list[Statement] = []
    asked: list[_Asked] = []
    for place, member in enumerate(request["TransactStatements"]):
        statements.append(_at(place, partial(_statement, member)))
        if isinstance(statements[0], Select) != isinstance(statements[-1], Select):
            raise ValidationException(
                "ExecuteTransaction API does not support both read and write operations in the same request."
            )
        asked.append((member, parameters_of(member)))
    if isinstance(statements[0], Select):
        return _read(engine, request, asked)
    return _write(engine, request, asked, statements)


def _statement(member: Request) -> Statement:
    return parse_syntax(member["Statement"]).statement


def _at(place: int, step: Callable[[], T]) -> T:
    """Take a step for one statement; AWS says which one is wrong, except where it is no statement at all."""
    try:
        return step()
    except ValidationException as err:
        if err.message.startswith(messages.MALFORMED):
            raise
        raise ValidationException(f"Validation failed in TransactStatements[{place}]: {err.message}") from None


def _read(engine: Engine, request: Request, asked: list[_Asked]) -> Response:
    reads = all_or_none([_at(place, partial(_one_read, engine, *one)) for place, one in enumerate(asked)])
    if len({(read.table.number, read.key.encoded) for read in reads}) != len(reads):
        raise ValidationException(SAME_ITEM)
    snapshot = engine.store.snapshot()
    found = [read_json(snapshot, read.table, read.key) for read in reads]
    if sum(map(size_of, found)) > MAX_BYTES:
        raise ValidationException(RESPONSE_TOO_LARGE)
    response: Response = {
        "Responses": [read.show(item_json) for read, item_json in zip(reads, found, strict=True)],
    }
    if wanted(request):
        capacities = [read.capacity(item_json, consistent=True) for read, item_json in zip(reads, found, strict=True)]
        response |= consumed_in_transaction(request, capacities, Kind.READ)
    return response


def _one_read(engine: Engine, member: Request, parameters: Parameters) -> Callable[[], SingleRead]:
    prepared = prepare(member, parameters)
    select = prepared.statement
    assert isinstance(select, Select), "a transaction that reads does not write"
    read = single_read(engine, prepared, select)
    if select.index is not None:
        raise ValidationException(_INDEX_READ)
    if read is None:
        raise ValidationException(
            "Select statements within ExecuteTransaction must specify the primary key in the where clause."
        )
    return read


def _write(engine: Engine, request: Request, asked: list[_Asked], statements: list[Statement]) -> Transaction:
    plans = [_at(place, partial(_plan, *one)) for place, one in enumerate(asked)]
    names = [table_name(_writing(statement)) for statement in statements]
    tables = [engine.tables.find(name) for name in names]
    for place, statement in enumerate(statements):
        if isinstance(statement, Exists):
            # What is wrong with a check is the request's fault, and no reason to cancel.
            plans[place] = _known(_at(place, partial(plans[place], tables[place])))
    planned = all_or_none(partial(to_do, table) for to_do, table in zip(plans, tables, strict=True))
    if len({(one.table.number, one.key.encoded) for one in planned}) != len(planned):
        raise ValidationException(SAME_ITEM)
    token = request.get("ClientRequestToken")
    payload = orjson.dumps(request["TransactStatements"], option=orjson.OPT_SORT_KEYS)

    def body(tx: Tx) -> Response:
        response: Response = {"Responses": []}
        done = None if token is None else engine.tokens.done(tx, "ExecuteTransaction", token, payload)
        if done is not None:
            return response | consumed_in_transaction(request, of_repetition(names, done), Kind.READ)
        changes = all_or_none(partial(engine.carry_out, tx, one) for one in planned)
        if token is not None:
            sizes_bytes = [max(change.old_bytes, change.new_bytes) for change in changes]
            engine.tokens.keep(tx, "ExecuteTransaction", token, payload, sizes_bytes)
        if wanted(request):
            capacities = [of_write(change).named(name) for name, change in zip(names, changes, strict=True)]
            response |= consumed_in_transaction(request, capacities, Kind.WRITE)
        return response

    return Transaction(body)


def _writing(statement: Statement) -> Writing:
    assert not isinstance(statement, Select), "a transaction that writes does not read"
    return statement


def _plan(member: Request, parameters: Parameters) -> Plan:
    prepared = prepare(member, parameters)
    statement = _writing(prepared.statement)
    if isinstance(statement, Exists) and statement.select.index is not None:
        raise ValidationException(_INDEX_READ)
    try:
        to_do = plan(statement, prepared.parameters, failed_item=prepared.failed_item)
    except ValidationException as err:
        if err.message != messages.INCOMPLETE_KEY:
            raise
        to_do = _failing(err)
    if isinstance(statement, Delete):
        check_returning(statement)
    if isinstance(statement, (Update, Delete)) and statement.returning is not None:
        raise ValidationException("RETURNING clause is not supported in ExecuteTransaction.")
    return to_do


def _known(planned: PlannedWrite) -> Plan:
    return lambda table: planned


def _failing(err: ValidationException) -> Plan:
    """A plan that fails only where it is a reason to cancel, as a missing WHERE clause is."""

    def planned(table: Table) -> PlannedWrite:
        raise err

    return planned
