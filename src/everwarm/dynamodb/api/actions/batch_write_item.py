"""BatchWriteItem: up to 25 puts and deletes. Here they go into one transaction; nothing is ever left unprocessed."""

from everwarm.dynamodb.api.item_request import collection_metrics_wanted, metrics_by_table
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.capacity import of_write, summed, wanted
from everwarm.dynamodb.tables.index_keys import check_index_keys
from everwarm.dynamodb.tables.keys import TWICE_IN_BATCH, key_of_batch, key_of_request
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Plan, PlannedWrite, encode
from everwarm.dynamodb.values.check import SEVERAL_DATATYPES, normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

MAX_WRITES = 25


def run(engine: Engine, request: Request) -> Transaction:
    plans = {name: [_plan(write) for write in writes] for name, writes in request["RequestItems"].items()}
    if sum(map(len, plans.values())) > MAX_WRITES:
        raise ValidationException("Too many items requested for the BatchWriteItem call")
    tables = {name: engine.tables.find(name) for name in plans}
    names = [name for name, of_table in plans.items() for _ in of_table]
    planned = [plan(tables[name]) for name, of_table in plans.items() for plan in of_table]
    if len({(one.table.number, one.key.encoded) for one in planned}) != len(planned):
        raise ValidationException(TWICE_IN_BATCH)

    def body(tx: Tx) -> Response:
        changes = [(name, engine.carry_out(tx, one)) for name, one in zip(names, planned, strict=True)]
        response: Response = {"UnprocessedItems": {}}
        if collection_metrics_wanted(request) and (metrics := metrics_by_table(tx, changes)):
            response["ItemCollectionMetrics"] = metrics
        if wanted(request):
            capacities = summed(of_write(change).named(name) for name, change in changes)
            response["ConsumedCapacity"] = [one.to_wire(request["ReturnConsumedCapacity"]) for one in capacities]
        return response

    return Transaction(body)


def _plan(write: Request) -> Plan:
    put, delete = write.get("PutRequest"), write.get("DeleteRequest")
    if (put is None) == (delete is None):
        # Whichever it is, AWS says that there is too much.
        raise ValidationException(SEVERAL_DATATYPES)
    if put is not None:
        return _put(normal_item(put["Item"]))
    given = normal_item(write["DeleteRequest"]["Key"])
    return lambda table: PlannedWrite(table, key_of_request(table, given), lambda old: None)


def _put(item: Item) -> Plan:
    item_json = encode(item)

    def planned(table: Table) -> PlannedWrite:
        key = key_of_batch(table, item)
        check_index_keys(table, item)
        return PlannedWrite(table, key, lambda old: item, new_json=item_json)

    return planned
