"""The differences that are known and right: where DynamoDB Local does not do what DynamoDB does, or promises less.

docs/differences.md lists them, under "Kept on purpose against DynamoDB Local": `make docs` brings it up to date.
"""

from tests.differential.compare import Difference
from tests.differential.explained import Explained

_API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"
_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"

RECORDED = "answers of DynamoDB that are publicly recorded"
MODEL = "the service's model, as botocore has it"
ERRORS = f"[errors]({_GUIDE}/Programming.Errors.html)"
CAPACITY = f"[read and write units]({_GUIDE}/read-write-operations.html)"

EXPLAINED: tuple[Explained, ...] = (
    Explained(
        "DynamoDB Local fails by itself",
        "no request makes DynamoDB answer 500; Local does where it did not think of a mistake",
        source=ERRORS,
        local="^500 InternalFailure",
    ),
    Explained(
        "Types are checked first",
        "DynamoDB refuses JSON of another type than the model's with a SerializationException before it looks at "
        "anything else; Local converts it, passes over it, or finds another mistake first",
        source=RECORDED,
        where="^(error|message)$",
        ours="^SerializationException",
        local="^(Validation|Serialization|ResourceNotFound|ConditionalCheckFailed|TransactionCanceled)Exception|^200 ",
    ),
    Explained(
        "Shapes are checked all at once",
        "DynamoDB checks the whole request against its model and lists what is wrong; Local has texts of its own, or "
        "passes over it",
        source=MODEL,
        where="^(error|message)$",
        ours=r"^ValidationException: \d+ validation errors? detected: ",
    ),
    Explained(
        "A table that is not there",
        "DynamoDB names the table; Local says that it cannot do operations on it",
        source=RECORDED,
        where="^message$",
        ours="^ResourceNotFoundException: Requested resource not found: Table: .* not found$",
        local="^ResourceNotFoundException: Cannot do operations on a non-existent table$",
        harmless=True,
    ),
    Explained(
        "Requests are checked before the table is looked for",
        "DynamoDB looks for the table when everything that does not need it has been checked; Local looks first",
        source=RECORDED,
        where="^error$",
        ours="^ValidationException",
        local="^ResourceNotFoundException",
        harmless=True,
    ),
    Explained(
        "Capacity of a deletion of nothing",
        "DynamoDB gives ConsumedCapacity only if it is asked for; Local gives it for a DeleteItem of an item that is "
        "not there, and counts it twice in a batch",
        source=CAPACITY,
        where="ConsumedCapacity",
        action="^(DeleteItem|BatchWriteItem)$",
    ),
    Explained(
        "Texts of CreateTable and UpdateTable",
        "both refuse; Local's texts for tables are its own",
        source=RECORDED,
        where="^message$",
        action="^(Create|Update)Table$",
        harmless=True,
    ),
    Explained(
        "Expressions are checked before keys",
        "DynamoDB parses and checks expressions before it knows the table and its key; Local looks at the key first",
        source=RECORDED,
        where="^message$",
        ours="^ValidationException: (Invalid (Condition|Update|Projection|Filter|KeyCondition)Expression|Expression"
        "Attribute|Value provided in Expression)",
        local="number of conditions on the keys|Type mismatch for key|for a key attribute cannot contain an empty|"
        "Invalid attribute value type",
        harmless=True,
    ),
    Explained(
        "Which of two overlapping paths is named first",
        "both refuse; Local sorts the paths",
        source=RECORDED,
        where="^message$",
        ours="Two document paths (overlap|conflict)",
        local="Two document paths (overlap|conflict)",
        harmless=True,
    ),
    Explained(
        "Which of several wrong operands is named first",
        "both refuse; Local goes through the actions in an order of its own",
        source=RECORDED,
        where="^message$",
        ours="Invalid UpdateExpression: Incorrect operand type",
        local="Invalid UpdateExpression: Incorrect operand type.*typeSet",
        harmless=True,
    ),
    Explained(
        "A key attribute that is missing",
        "DynamoDB names it; Local does not",
        source=RECORDED,
        where="^message$",
        ours="Missing the key .* in the item",
        local="One of the required keys was not given a value",
        harmless=True,
    ),
    Explained(
        "A key attribute of the wrong type",
        "DynamoDB names the key and both types; Local's text is shorter",
        source=RECORDED,
        where="^message$",
        ours="Type mismatch for key",
        local="Invalid attribute value type|Type mismatch for key",
        harmless=True,
    ),
    Explained(
        "A key of the wrong type",
        "DynamoDB says for GetItem, DeleteItem and the like that a key does not match the schema",
        source=RECORDED,
        where="^message$",
        ours="The provided key element does not match the schema$",
        local="Type mismatch for key$|number of conditions on the keys is invalid$|Invalid attribute value type$",
        harmless=True,
    ),
    Explained(
        "ReturnValues that an operation does not have",
        "DynamoDB says which there are, after the values of the item; Local says it in other words, and first",
        source=RECORDED,
        where="^message$",
        local="Return values set to invalid value",
        harmless=True,
    ),
    Explained(
        "A table's name that is missing or wrong",
        "DynamoDB says what is wrong with it; Local, that it is invalid",
        source=RECORDED,
        where="^message$",
        ours="The parameter 'TableName' is required|TableName must be at least",
        local="Invalid table/index name",
        harmless=True,
    ),
    Explained(
        "Which of several undefined names is named first",
        "both refuse; Local goes through the actions in an order of its own",
        source=RECORDED,
        where="^message$",
        ours="used in the document path is not defined; attribute name",
        local="used in the document path is not defined; attribute name",
        harmless=True,
    ),
    Explained(
        "How numbers are written",
        "DynamoDB keeps a number's value, not its writing; Local does so in some places only",
        source=RECORDED,
        where=r"\.N$",
        local=r'^"(-?0\d.*|-0.*|.*\.\d*0|.*[eE].*|\d{38,}|-?\d*\.\d{30,})"$',
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
        "Capacity of reading nothing",
        "a read costs half a unit at the least, though nothing was found; Local counts zero",
        source=RECORDED,
        where=r"ConsumedCapacity",
        action="^(Query|Scan|BatchGetItem|TransactGetItems|.*Statement|ExecuteTransaction)$",
        local=r'^(0\.0|"nothing")$',
        harmless=True,
    ),
    Explained(
        "AttributesToGet with duplicates",
        "DynamoDB names the duplicate, and looks for it early",
        source=RECORDED,
        where="^message$",
        ours="Duplicate value in attribute name|Supplied AttributeValue|numeric value|Number (over|under)flow",
        local="Cannot have two attributes with the same name",
        harmless=True,
    ),
    Explained(
        "ConsistentRead on a global index",
        "both refuse; the texts differ, and DynamoDB checks segments and expressions first",
        source=RECORDED,
        where="^message$",
        local="Consistent read cannot be true when (querying|scanning) a GSI",
        harmless=True,
    ),
    Explained(
        "The list of attribute types",
        "both list the ten types that attribute_type knows, in an order of their own",
        source=RECORDED,
        where="^message$",
        ours="Invalid attribute type name found",
        local="Invalid attribute type name found",
        harmless=True,
    ),
    Explained(
        "A projection that an index does not have",
        "both refuse; Local looks at the filter first, DynamoDB at Select and the projection",
        source=RECORDED,
        where="^message$",
        ours="does not project|Select type ALL_ATTRIBUTES is not supported",
        local="does not project one or more filter attributes",
        harmless=True,
    ),
    Explained(
        "Duplicates in a set",
        "DynamoDB shows the set, and ends with a full stop; Local does so for some types",
        source=RECORDED,
        where="^message$",
        ours="Input collection .* contains duplicates",
        local="Input collection",
        harmless=True,
    ),
    Explained(
        "Order of checks in Query",
        "both refuse: DynamoDB checks Select before the starting key",
        source=RECORDED,
        where="^message$",
        ours="ALL_PROJECTED_ATTRIBUTES can be used only|outside query boundaries",
        local="starting key",
        harmless=True,
    ),
    Explained(
        "The key of an index, of the wrong type",
        "DynamoDB refuses it; Local has other texts, and accepts some of it",
        source=RECORDED,
        where="^(message|error)$",
        ours="Type mismatch for Index Key|attempted to update the secondary index key to unsupported type",
        local="Invalid attribute value type|Updates on index keys|Type mismatch for Index Key|^200 |"
        "does not exist in the item|invalid for update|An operand in the update expression",
    ),
    Explained(
        "Segments that make no sense",
        "both refuse; the texts differ, and DynamoDB checks them before expressions",
        source=RECORDED,
        where="^message$",
        ours="(Segment|TotalSegments) parameter",
        harmless=True,
    ),
    Explained(
        "Which of several wrong things in a request is named first",
        "both refuse: DynamoDB checks the values of items and keys, then expressions, then the key against the schema; "
        "Local mixes them, and goes through the expressions in an order of its own",
        source=RECORDED,
        where="^message$",
        action="^(Transact.*|Batch.*|Query|Scan|.*Item)$",
        ours="cannot be converted to a numeric value|Number (over|under)flow|more than 38 significant digits|"
        "Key attributes must be scalars|Consistent reads are not supported|is not defined; attribute value|"
        "upper bound to be greater than or equal|for a key attribute cannot contain an empty|does not project|"
        "The provided key element does not match|can not be empty|outside query boundaries|may not be empty|"
        "must be distinct from the remaining|can be used only when Querying|unused in expressions|"
        "is a reserved keyword|Two document paths|Invalid operator used",
        local="^ValidationException: (Invalid |Key attributes must be scalars|The number of conditions on the keys|"
        "Provided list of item keys contains duplicates|.*does not project|.*multiple operations on one item|"
        "One of the required keys was not given|Filter Expression can only contain|Select type)",
        harmless=True,
    ),
    Explained(
        "Two actions on one item in a transaction",
        "refused before anything else that needs the item; Local finds other mistakes first",
        source=f"[TransactWriteItems]({_API}/API_TransactWriteItems.html)",
        where="^(error|message)$",
        action="^Transact",
        ours="multiple operations on one item",
        local="^(ValidationException|TransactionCanceledException)",
        harmless=True,
    ),
    Explained(
        "Statements of a batch that need the whole key",
        "both refuse; Local's text is its own",
        source=RECORDED,
        where=r"Error\.Message$",
        ours="must specify the primary key in the where clause",
        local="Only single item select is supported",
        harmless=True,
    ),
    Explained(
        "The name of the error for a duplicate",
        "the service's model calls it DuplicateItemException; Local, DuplicateItem",
        source=MODEL,
        where="^error$",
        ours="^DuplicateItemException: ",
        local="^DuplicateItem: ",
        harmless=True,
    ),
    Explained(
        "A statement that deletes what is not there",
        "the statement succeeds and deletes nothing; Local fails if there are further conditions",
        source=f"[DELETE]({_GUIDE}/ql-reference.delete.html)",
        where="^error$",
        action="^ExecuteStatement$",
        request="DELETE FROM",
        ours="^200 ",
        local="^ConditionalCheckFailedException",
        harmless=True,
    ),
    Explained(
        "Binary values in texts",
        "DynamoDB Local prints the name of a Java class in the place of the value",
        source=RECORDED,
        where="^message$",
        local="HeapByteBuffer",
        harmless=True,
    ),
    Explained(
        "Warm throughput",
        "DynamoDB shows it since November 2024; this version of Local does not know it",
        source=f"[warm throughput]({_GUIDE}/warm-throughput.html)",
        where=r"\.WarmThroughput$",
        local='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "Capacity of attributes that an index does not have",
        "what a local index has to fetch from the table costs reading it there. Local counts nothing for it in a Scan, "
        "and in a Query also what the index projects but the item does not have",
        source=f"[local indexes]({_GUIDE}/LSI.html)",
        where="ConsumedCapacity.*CapacityUnits$",
        action="^(Query|Scan)$",
        request='"IndexName": "local"',
        harmless=True,
    ),
    Explained(
        "Capacity of several items, some of which are not there",
        "an item that is not there costs half a unit, too; Local counts zero",
        source=CAPACITY,
        where="ConsumedCapacity.*CapacityUnits$",
        action="^BatchGetItem$",
        harmless=True,
    ),
    Explained(
        "Metrics of item collections",
        "a table with a local index has collections, whether an item is in the index or not; Local thinks of the index",
        source=f"[item collections]({_GUIDE}/LSI.html)",
        where=r"^\.ItemCollectionMetrics$",
        local='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "What DeleteTable shows",
        "DynamoDB's answer leaves out the attributes' definitions; Local shows the whole table",
        source=f"[DeleteTable]({_API}/API_DeleteTable.html)",
        where=r"^\.TableDescription\.",
        action="^DeleteTable$",
        ours='^"nothing"$',
        harmless=True,
    ),
    Explained(
        "Values that are null",
        "both refuse; Local's text is its own",
        source=RECORDED,
        where="^message$",
        local="null AttributeValue",
        harmless=True,
    ),
    Explained(
        "Capacity of transactions",
        "a transaction's write costs two units for each KB; Local counts four",
        source=f"[transactions]({_GUIDE}/transaction-apis.html)",
        where="ConsumedCapacity",
        action="^(TransactWriteItems|TransactGetItems|ExecuteTransaction)$",
        harmless=True,
    ),
    Explained(
        "The full stop of a cancellation reason",
        "DynamoDB gives the text of the error itself; Local adds a full stop",
        source=RECORDED,
        where=r"CancellationReasons\[\d+\]\.Message$",
        ours="The conditional request failed",
        local=r"The conditional request failed\.",
        harmless=True,
    ),
    Explained(
        "Mistakes that a transaction finds late",
        "what is known to be wrong only with the table or the item cancels the transaction, as ValidationError among "
        "its reasons; Local refuses the request",
        source=f"[TransactWriteItems]({_API}/API_TransactWriteItems.html)",
        where="^(error|message)$",
        action="^(Transact.*|ExecuteTransaction)$",
        ours=r"^TransactionCanceledException: .*\[.*ValidationError",
        local="^(ValidationException|TransactionCanceledException)",
        harmless=True,
    ),
    Explained(
        "Paths into keys are refused before anything is read",
        "DynamoDB knows the keys from the table; Local finds out when it has read the item",
        source=RECORDED,
        where="^error$",
        ours="Key attributes must be scalars",
        local="^(ConditionalCheckFailedException|TransactionCanceledException|200 )",
        harmless=True,
    ),
    Explained(
        "An index that is not there",
        "DynamoDB checks expressions before it looks for the index; Local after",
        source=RECORDED,
        where="^message$",
        ours="^ValidationException: (Invalid |Expression|Value provided)",
        local="The table does not have the specified index",
        harmless=True,
    ),
    Explained(
        "Legacy parameters that do not fit together",
        "both refuse: DynamoDB checks conditions and filters first, Local the key conditions; and the like",
        source=RECORDED,
        where="^message$",
        ours="ConditionalOperator (can only be used|cannot be used)|Invalid number of argument|"
        "only be specified when using|ComparisonOperator .* is not valid for",
        harmless=True,
    ),
    Explained(
        "A page that ends with the last item of a table without sort keys",
        "a page that was filled up to its Limit has a LastEvaluatedKey; Local knows that a hash key has one item",
        source=RECORDED,
        where=r"^\.(LastEvaluatedKey|Pages)$",
        action="^(Query|ExecuteStatement)$",
        local='^("nothing"|1)$',
        harmless=True,
    ),
    Explained(
        "AttributeUpdates are checked before anything is read",
        "DynamoDB refuses an action on a type that has none at once; Local after the conditions",
        source=RECORDED,
        ours="(ADD|DELETE) action (with value )?is not supported for the type",
        harmless=True,
    ),
    Explained(
        "A number that is none, or is out of range",
        "DynamoDB says what is wrong with which text; Local's texts are shorter",
        source=RECORDED,
        where="^message$",
        ours="cannot be converted to a numeric value|more than 38 significant digits|Number (over|under)flow",
        local="A value provided cannot be converted into a number|precision up to 38 digits|Number (over|under)flow",
        harmless=True,
    ),
)


def explanation(difference: Difference, *, harmless: bool = False) -> Explained | None:
    """The entry that covers a difference; None if nothing does."""
    for known in EXPLAINED:
        if known.covers(difference) and (known.harmless or not harmless):
            return known
    return None
