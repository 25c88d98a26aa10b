"""What a request consumes, and item collections."""

from tests.differential.explained import Explained
from tests.differential.known.sources import API, GUIDE, UNITS

CAPACITY: tuple[Explained, ...] = (
    Explained(
        "Capacity of a deletion of nothing",
        "DynamoDB gives ConsumedCapacity only if it is asked for; Local gives it for a DeleteItem of an item that is "
        "not there, and counts it twice in a batch",
        source=UNITS,
        where="ConsumedCapacity",
        action="^(DeleteItem|BatchWriteItem)$",
    ),
    Explained(
        "Capacity of reading nothing",
        "a read costs half a unit at the least, though nothing was found; Local counts zero",
        source=UNITS,
        where=r"ConsumedCapacity",
        action="^(Query|Scan|BatchGetItem|TransactGetItems|.*Statement|ExecuteTransaction)$",
        local=r'^(0\.0|"nothing")$',
        harmless=True,
    ),
    Explained(
        "Capacity of sparse indexes",
        "an index that does not have the item, before or after, costs nothing; Local counts it now and then",
        source=UNITS,
        where=r"ConsumedCapacity.*CapacityUnits$",
        action="^(Put|Update|Delete|BatchWrite)Item$",
        local_is_larger=True,
        harmless=True,
    ),
    Explained(
        "Capacity of attributes that an index does not have",
        "what a local index has to fetch from the table costs reading it there. Local counts nothing for it in a Scan, "
        "and in a Query also what the index projects but the item does not have",
        source=f"[local indexes]({GUIDE}/LSI.html)",
        where="ConsumedCapacity.*CapacityUnits$",
        action="^(Query|Scan)$",
        request='"IndexName": "local"',
        harmless=True,
    ),
    Explained(
        "Capacity of several items, some of which are not there",
        "an item that is not there costs half a unit, too; Local counts zero",
        source=UNITS,
        where="ConsumedCapacity.*CapacityUnits$",
        action="^BatchGetItem$",
        harmless=True,
    ),
    Explained(
        "Metrics of item collections",
        "a table with a local index has collections, whether an item is in the index or not; Local thinks of the index",
        source=f"[item collections]({GUIDE}/LSI.html)",
        where=r"^\.ItemCollectionMetrics$",
        local='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "Capacity of transactions",
        "a transaction's write costs two units for each KB; Local counts four",
        source=f"[transactions]({GUIDE}/transaction-apis.html)",
        where="ConsumedCapacity",
        action="^(TransactWriteItems|TransactGetItems|ExecuteTransaction)$",
        harmless=True,
    ),
    Explained(
        "Capacity of PartiQL",
        "DynamoDB gives ConsumedCapacity for statements too, if it is asked for; Local never does",
        source=f"[ExecuteStatement]({API}/API_ExecuteStatement.html)",
        where=r"^\.ConsumedCapacity",
        action="Statement$|^ExecuteTransaction$",
        local='^"nothing"$',
        harmless=True,
    ),
)
