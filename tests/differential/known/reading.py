"""Indexes, pages and filters."""

from tests.differential.explained import Explained
from tests.differential.known.sources import API, GUIDE, JUDGED, RECORDED

READING: tuple[Explained, ...] = (
    Explained(
        "A projection that an index does not have",
        "both refuse; Local looks at the filter first, DynamoDB at Select and the projection",
        source=JUDGED,
        where="^message$",
        ours="does not project|Select type ALL_ATTRIBUTES is not supported",
        local="does not project one or more filter attributes|Key attributes must be scalars",
        harmless=True,
    ),
    Explained(
        "The key of an index, of the wrong type",
        "DynamoDB refuses it; Local has other texts, and accepts some of it",
        source=RECORDED,
        where="^(message|error)$",
        ours="Type mismatch for Index Key|attempted to update the secondary index key to unsupported type",
        local="Invalid attribute value type|Updates on index keys|Type mismatch for Index Key|^200 |"
        "does not exist in the item|invalid for update|An operand in the update expression|precision up to 38 digits|"
        "Number (over|under)flow|^ConditionalCheckFailedException",
    ),
    Explained(
        "What a filter sees of a global index",
        "the attributes that the index projects; Local's Scan looks into the table for the others",
        source=f"[global indexes]({GUIDE}/GSI.html)",
        where=r"^\.(Count|Items)",
        action="^Scan$",
        request='"IndexName": "global',
        harmless=True,
    ),
    Explained(
        "A path into a key in a filter",
        "both refuse: Local because it is a path into a key, DynamoDB because it is a key",
        source=f"[Query]({API}/API_Query.html)",
        where="^message$",
        action="^Query$",
        ours="Filter Expression can only contain non-primary key attributes",
        local="Key attributes must be scalars",
        harmless=True,
    ),
    Explained(
        "A set that is taken from the key of an index",
        "DynamoDB looks at what the attribute would become, and there is nothing; Local refuses it for a local index "
        "and AttributeUpdates",
        source=JUDGED,
        where="^error$",
        ours="^200 ",
        local="Updates on index keys must be of the same data type",
        harmless=True,
    ),
    Explained(
        "A starting key that is wrong",
        "DynamoDB says in which way, and with other words; it takes any place that the key condition allows, Local not "
        "the last one",
        source=JUDGED,
        where="^(message|error)$",
        ours="starting key|cannot be restarted|^200 ",
        local="starting key|Exclusive Start Key|Supplied AttributeValue",
        request='"ExclusiveStartKey"',
        harmless=True,
    ),
    Explained(
        "A Scan of an index that filters by what the index does not hold",
        "such attributes are missing, so that nothing matches; Local gets them from the table",
        source="[captures of an emulator's authors](https://github.com/nubo-db/dynoxide/blob/main/CHANGELOG.md)",
        action="^Scan$",
        request='"(FilterExpression|ScanFilter)".*"IndexName"',
        where=r"^\.Count$",
        local_is_larger=True,
        harmless=True,
    ),
    Explained(
        "A page that ends with the last item of a table without sort keys",
        "a page that was filled up to its Limit has a LastEvaluatedKey; Local knows that a hash key has one item",
        source=f"[paging]({GUIDE}/Query.Pagination.html)",
        where=r"^\.(LastEvaluatedKey|Pages)$",
        action="^(Query|ExecuteStatement)$",
        local='^("nothing"|1)$',
        harmless=True,
    ),
    Explained(
        "A page that is full with the last item",
        "a page that has reached 1 MB ends with a LastEvaluatedKey, whether there is more or not; Local looks ahead",
        source=f"[paging]({GUIDE}/Query.Pagination.html)",
        where=r"^\.(LastEvaluatedKey|Pages)$",
        action="^(Query|Scan)$",
        ours=r"^(\d|{)",
        local=r'^("nothing"|\d)',
        harmless=True,
    ),
)
