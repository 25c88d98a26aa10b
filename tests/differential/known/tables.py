"""Tables: how they are made, changed and shown."""

from tests.differential.explained import Explained
from tests.differential.known.sources import API, GUIDE, JUDGED, RECORDED

TABLES: tuple[Explained, ...] = (
    Explained(
        "Texts of CreateTable and UpdateTable",
        "both refuse; Local's texts for tables are its own",
        source=JUDGED,
        where="^message$",
        action="^(Create|Update)Table$",
        harmless=True,
    ),
    Explained(
        "Throughput of a table that is paid by request",
        "DynamoDB refuses ProvisionedThroughput beside PAY_PER_REQUEST; Local passes over it",
        source=RECORDED,
        ours="Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        local="^200 ",
    ),
    Explained(
        "Throughput of an index that is paid by request",
        "DynamoDB shows it as zeros, as for the table; Local leaves it out",
        source=RECORDED,
        where=r"GlobalSecondaryIndexes\[\d+\]\.ProvisionedThroughput",
        local='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "Throughput while it changes",
        "DynamoDB answers UpdateTable with what still holds; Local with what will",
        source=f"[UpdateTable]({API}/API_UpdateTable.html)",
        where=r"\.ProvisionedThroughput\.(\w+CapacityUnits|NumberOfDecreasesToday)",
        action="^UpdateTable$",
        harmless=True,
    ),
    Explained(
        "Warm throughput",
        "DynamoDB shows it since November 2024; this version of Local does not know it",
        source=f"[warm throughput]({GUIDE}/warm-throughput.html)",
        where=r"\.WarmThroughput$",
        local='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "What DeleteTable shows",
        "DynamoDB's answer leaves out the attributes' definitions; Local shows the whole table",
        source=f"[DeleteTable]({API}/API_DeleteTable.html)",
        where=r"^\.TableDescription\.",
        action="^DeleteTable$",
        ours='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "An index to be changed that is not there",
        "DynamoDB says that there is none; Local, that its name is invalid",
        source=JUDGED,
        where="^error$",
        action="^UpdateTable$",
        ours="^ResourceNotFoundException",
        local="^ValidationException: Invalid global secondary index name",
        harmless=True,
    ),
    Explained(
        "Throughput of indexes when a table becomes provisioned",
        "DynamoDB wants it for each index, too; Local takes zero for it",
        source=JUDGED,
        where="^error$",
        action="^UpdateTable$",
        ours="ProvisionedThroughput must be specified for index",
        local="^200 ",
    ),
    Explained(
        "An attribute of a key that UpdateTable defines anew",
        "it keeps the type that it has; Local refuses another one",
        source=RECORDED,
        where="^error$",
        action="^UpdateTable$",
        ours="^200 ",
        local="SchemaElement redefined should be of same type",
    ),
)
