"""BatchExecuteStatement: up to 25 statements of PartiQL that each read one item, or each write one.

A statement that fails has its error in the response, and the others are carried out all the same. Here the writes go
into one transaction; nothing is ever throttled. `ReturnValuesOnConditionCheckFailure` is accepted and without effect,
as on AWS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from everwarm.dynamodb.api.item_read import size_of
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.api.statement_read import SingleRead, single_read
from everwarm.dynamodb.api.statements import Parameters, parameters_of, prepare, returned
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.grammar import parse_syntax
from everwarm.dynamodb.partiql.tree import Exists, Parsed, Select
from everwarm.dynamodb.partiql.writes import Writing, plan, table_name
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.capacity import Capacity, of_write, summed, wanted, write_units
from everwarm.dynamodb.tables.keys import TWICE_IN_BATCH, item_key
from everwarm.dynamodb.tables.read import read_json
from everwarm.dynamodb.tables.write import PlannedWrite
from everwarm.errors import (
    ApiError,
    ConditionalCheckFailedException,
    DuplicateItemException,
    ItemCollectionSizeLimitExceededException,
    PlainValidationException,
    ResourceNotFoundException,
    ValidationException,
)

_CODES: dict[type[ApiError], str] = {
    ConditionalCheckFailedException: "ConditionalCheckFailed",
    DuplicateItemException: "DuplicateItem",
    ItemCollectionSizeLimitExceededException: "ItemCollectionSizeLimitExceeded",
    ResourceNotFoundException: "ResourceNotFound",
    PlainValidationException: "ValidationError",
    ValidationException: "ValidationError",
}
"""What is one statement's error and not the whole request's."""


@dataclass(frozen=True, slots=True)
class _Write:
    statement: Writing
    planned: PlannedWrite


T = TypeVar("T")

_Step = SingleRead | _Write | ApiError

_Answer = tuple[Response, Capacity | None]
"""The response to one statement, and what it consumed; None where it was not carried out."""


def run(engine: Engine, request: Request) -> Response | Transaction:
    members = request["Statements"]
    parameters = [parameters_of(member) for member in members]
    parsed = [_tried(partial(parse_syntax, member["Statement"])) for member in members]
    reads = {isinstance(one.statement, Select) for one in parsed if isinstance(one, Parsed)}
    if len(reads) > 1:
        raise ValidationException("Read and write requests together in the same batch is not supported.")
    steps = [_tried(partial(_step, engine, *one)) for one in zip(members, parameters, strict=True)]
    _refuse_duplicates(steps)
    if reads != {False}:
        return _response(request, [_read(engine, step, member) for step, member in zip(steps, members, strict=True)])

    def body(tx: Tx) -> Response:
        return _response(request, [_write(engine, tx, step) for step in steps])

    return Transaction(body)


def _tried(step: Callable[[], T]) -> T | ApiError:
    """Take a step for one statement; its error is that statement's alone."""
    try:
        return step()
    except tuple(_CODES) as err:
        return err


def _step(engine: Engine, member: Request, parameters: Parameters) -> SingleRead | _Write:
    prepared = prepare(member, parameters)
    statement = prepared.statement
    if isinstance(statement, Exists):
        raise ValidationException(messages.EXISTS_MISPLACED)
    if isinstance(statement, Select):
        read = single_read(engine, prepared, statement)
        if read is None:
            raise ValidationException(
                "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
            )
        return read()
    to_do = plan(statement, prepared.parameters)
    return _Write(statement, to_do(engine.tables.find(table_name(statement))))


def _refuse_duplicates(steps: list[_Step]) -> None:
    keys = []
    for step in steps:
        if isinstance(step, SingleRead):
            keys.append((step.table.number, step.key.encoded))
        elif isinstance(step, _Write):
            keys.append((step.planned.table.number, step.planned.key.encoded))
    if len(set(keys)) != len(keys):
        raise ValidationException(TWICE_IN_BATCH)


def _read(engine: Engine, step: _Step, member: Request) -> _Answer:
    if not isinstance(step, SingleRead):
        assert isinstance(step, ApiError), "a batch that reads does not write"
        return _failed(step), None
    found = read_json(engine.store, step.table, step.key)
    return (
        {"TableName": step.table.name, **step.show(found)},
        step.capacity(found, consistent=bool(member.get("ConsistentRead"))),
    )


def _write(engine: Engine, tx: Tx, step: _Step) -> _Answer:
    if not isinstance(step, _Write):
        assert isinstance(step, ApiError), "a batch that writes does not read"
        return _failed(step), None
    name, known_as = step.planned.table.name, table_name(step.statement)
    try:
        # What raises has written nothing yet, so the others can go on in the same transaction.
        change = engine.carry_out(tx, step.planned)
    except tuple(_CODES) as err:
        return {**_failed(err), "TableName": name}, _attempted(tx, step.planned).named(known_as)
    shown = returned(step.statement, step.planned, change)
    response: Response = {"TableName": name}
    return response if shown is None else {**response, "Item": shown}, of_write(change).named(known_as)


def _attempted(tx: Tx, planned: PlannedWrite) -> Capacity:
    """What a write that failed consumed: the larger of the item that is there and the one that it had."""
    there_bytes = size_of(tx.get(item_key(planned.table, planned.key)))
    return Capacity(planned.table.name, write_units(there_bytes, size_of(planned.new_json)))


def _failed(err: ApiError) -> Response:
    code = next(code for kind, code in _CODES.items() if isinstance(err, kind))
    return {"Error": {"Code": code, "Message": err.message, **err.members}}


def _response(request: Request, answers: list[_Answer]) -> Response:
    response: Response = {"Responses": [one for one, _ in answers]}
    if wanted(request) and (capacities := _capacities(answers)):
        response["ConsumedCapacity"] = [one.to_wire(request["ReturnConsumedCapacity"]) for one in capacities]
    return response


def _capacities(answers: list[_Answer]) -> list[Capacity]:
    """One for each table where a statement succeeded; what failed there counts too."""
    succeeded = {capacity.table_name for one, capacity in answers if capacity is not None and "Error" not in one}
    return summed(capacity for _, capacity in answers if capacity is not None and capacity.table_name in succeeded)
