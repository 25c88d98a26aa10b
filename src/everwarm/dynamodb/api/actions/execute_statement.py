"""ExecuteStatement: a statement in PartiQL, which reads items or writes one."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.api.statement_read import read
from everwarm.dynamodb.api.statements import parameters_of, prepare, returned
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.tree import Exists, Select
from everwarm.dynamodb.partiql.writes import plan, table_name
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.capacity import of_write, wanted
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Response | Transaction:
    prepared = prepare(request, parameters_of(request))
    statement = prepared.statement
    if isinstance(statement, Select):
        return read(engine, prepared, statement, request)
    if isinstance(statement, Exists):
        raise ValidationException(messages.EXISTS_MISPLACED)
    to_do = plan(statement, prepared.parameters, failed_item=prepared.failed_item)
    planned = to_do(engine.tables.find(table_name(statement)))

    def body(tx: Tx) -> Response:
        change = engine.carry_out(tx, planned)
        shown = returned(statement, planned, change)
        response: Response = {"Items": [] if shown is None else [shown]}
        if wanted(request):
            capacity = of_write(change).named(table_name(statement))
            response["ConsumedCapacity"] = capacity.to_wire(request["ReturnConsumedCapacity"])
        return response

    return Transaction(body)
