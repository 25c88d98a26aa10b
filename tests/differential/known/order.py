"""Two refusals of one thing, where what is named first is no promise. Other orders are found out: ../order.py."""

from tests.differential.explained import Explained
from tests.differential.known.sources import JUDGED, RECORDED

ORDER: tuple[Explained, ...] = (
    Explained(
        "Which of two overlapping paths is named first",
        "both refuse; Local sorts the paths",
        source=JUDGED,
        where="^message$",
        ours="Two document paths (overlap|conflict)",
        local="Two document paths (overlap|conflict)",
        harmless=True,
    ),
    Explained(
        "Which of several wrong operands is named first",
        "both refuse; Local goes through the actions in an order of its own",
        source=JUDGED,
        where="^message$",
        ours="Invalid UpdateExpression: Incorrect operand type",
        local="Invalid UpdateExpression: Incorrect operand type.*typeSet",
        harmless=True,
    ),
    Explained(
        "AttributesToGet with duplicates",
        "DynamoDB names the duplicate, and looks for it early",
        source=RECORDED,
        where="^message$",
        ours="Duplicate value in attribute name|Supplied AttributeValue|numeric value|Number (over|under)flow|"
        "more than 38 significant digits|may not be empty",
        request=r'"AttributesToGet": \[[^\]]*("\w+")[^\]]*\1',
        harmless=True,
    ),
    Explained(
        "ConsistentRead on a global index",
        "both refuse; the texts differ, and DynamoDB checks segments and expressions first",
        source=JUDGED,
        where="^message$",
        local="Consistent read cannot be true when (querying|scanning) a GSI",
        harmless=True,
    ),
    Explained(
        "Segments that make no sense",
        "both refuse; the texts differ, and DynamoDB checks them before expressions",
        source=JUDGED,
        where="^message$",
        ours="(Segment|TotalSegments) parameter",
        harmless=True,
    ),
    Explained(
        "Which of an update's actions fails first",
        "both refuse; Local goes through the actions in an order of its own",
        source=JUDGED,
        where="^message$",
        action="^(UpdateItem|TransactWriteItems|.*Statement|ExecuteTransaction)$",
        request=r'"(UpdateExpression|Statement)": "(?:\\"|[^"()]|\([^()"]*\))*(, | (SET|REMOVE|ADD|DELETE) )',
        ours="provided expression refers|incorrect data type|document path provided|more than 38 significant digits|"
        "Type mismatch for Index Key",
        local="provided expression refers|incorrect data type|document path provided|precision up to 38 digits|"
        "Key attributes must be scalars",
        harmless=True,
    ),
    Explained(
        "Which of several keys or indexes is named",
        "both refuse for the same reason, and name the first that they look at",
        source=JUDGED,
        where="^message$",
        ours="Key attributes must be scalars|a secondary index key is not supported|Type mismatch for Index Key",
        local="Key attributes must be scalars|a secondary index key is not supported",
        harmless=True,
    ),
    Explained(
        "Two mistakes in one operator",
        "both refuse; which of the two is named first",
        source=JUDGED,
        where="^message$",
        ours="must be distinct from the remaining operands",
        local="Incorrect operand type for operator or function",
        harmless=True,
    ),
    Explained(
        "Paths into keys are refused before anything is read",
        "DynamoDB knows the keys from the table; Local finds out when it has read the item",
        source=JUDGED,
        where="^error$",
        ours="Key attributes must be scalars",
        local="^(ConditionalCheckFailedException|TransactionCanceledException|200 )",
        harmless=True,
    ),
    Explained(
        "AttributeUpdates are checked before anything is read",
        "DynamoDB refuses an action on a type that has none at once; Local after the conditions",
        source=RECORDED,
        ours="(ADD|DELETE) action (with value )?is not supported for the type",
        harmless=True,
    ),
)
