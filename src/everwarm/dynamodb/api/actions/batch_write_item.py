"""BatchWriteItem: up to 25 puts and deletes. Here they go into one transaction; nothing is ever left unprocessed."""

from collections.abc import Callable

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.capacity import of_write, summed, wanted
from everwarm.dynamodb.tables.keys import Key, key_in_item, key_of_request
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Decide
from everwarm.dynamodb.values.check import NO_DATATYPE, SEVERAL_DATATYPES, normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

MAX_WRITES = 25

_Find = Callable[[Table], Key]


def run(engine: Engine, request: Request) -> Transaction:
    asked = [
        (table_name, *_one_write(write)) for table_name, writes in request["RequestItems"].items() for write in writes
    ]
    if len(asked) > MAX_WRITES:
        raise ValidationException("Too many items requested for the BatchWriteItem call")
    writes: list[tuple[Table, Key, Decide]] = []
    for table_name, find_key, decide in asked:
        table = engine.tables.find(table_name)
        writes.append((table, find_key(table), decide))
    if len({(table.number, key.encoded) for table, key, _ in writes}) != len(writes):
        raise ValidationException("Provided list of item keys contains duplicates")

    def body(tx: Tx) -> Response:
        changes = [engine.write(tx, table, key, decide) for table, key, decide in writes]
        response: Response = {"UnprocessedItems": {}}
        if wanted(request):
            capacities = summed(map(of_write, changes))
            response["ConsumedCapacity"] = [one.to_wire(request["ReturnConsumedCapacity"]) for one in capacities]
        return response

    return Transaction(body)


def _one_write(write: Request) -> tuple[_Find, Decide]:
    put, delete = write.get("PutRequest"), write.get("DeleteRequest")
    if put is not None and delete is not None:
        raise ValidationException(SEVERAL_DATATYPES)
    if put is not None:
        item: Item = normal_item(put["Item"])
        return (lambda table: key_in_item(table, item)), (lambda old: item)
    if delete is not None:
        given = normal_item(delete["Key"])
        return (lambda table: key_of_request(table, given)), (lambda old: None)
    raise ValidationException(NO_DATATYPE)
