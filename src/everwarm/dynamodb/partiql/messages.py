"""What is said about a wrong statement, in AWS's words. Operands of conditions and updates: those of expressions.

A text marked OURS says in our words what AWS refuses in words that we have no public record of.
"""

from everwarm.dynamodb.expressions.messages import UPDATED_TOO_DEEP, index_out_of_range
from everwarm.dynamodb.partiql.tree import Spot
from everwarm.errors import ValidationException

ALIAS = "Aliasing is not supported"
EMPTY_NAME = "Path component cannot be an empty string"
EXISTS_OPERAND = "EXISTS() must contain a single item read with additional condition"
EXISTS_MISPLACED = "EXISTS can only be used in ExecuteTransaction write requests."
INDEX_WRITE = "This operation is not supported on an index"
INCOMPLETE_KEY = "Where clause does not contain a mandatory equality on all key attributes"
INSERT_SOURCE = "FROM clause may only contain a single table name in data manipulation statements"
INVALID_NEXT = "Invalid NextToken"
NO_INDEX = "The table does not have the specified index"
IS_OPERAND = "The left hand side argument to IS must be a Variable Reference, Literal, or Path"
LOGICAL_OPERAND = "The arguments to AND/OR must be Expressions"
MISSING_COMPARED = "MISSING must be compared using IS operator"
NO_BOOLEAN = "WHERE clause must contain an expression that resolves to a boolean"
NO_INSERT_RETURNING = "RETURNING is not supported in INSERT"
NO_STATEMENT = "Expected data manipulation"
NOT_OPERAND = "The argument to NOT must be a Type or Expression"
ONE_SOURCE = "Only select from a single table or index is supported."
ORDER_WITHOUT_HASH = (
    "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
)
ORDER_WITHOUT_WHERE = "Must have WHERE clause in the statement when using ORDER BY clause."
PARAMETERS = "Number of parameters in request and statement don't match."
SELECT_VALUE = "Select projection doesn't support value or pivot keywords"
SOURCE = "Unexpected from source"
SOURCE_DEPTH = "A path may contain at most 2 components in the FROM clause"
SOURCE_LIST = "Invalid list expression in source."
STAR_PATH = "Changing item's hierarchy while reading isn't supported"
TABLE_NAME = "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'."
IN_OPERANDS = (
    "IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq "
    "with at least one member"
)
SEVERAL_RETURNINGS = "Invalid syntax with multiple returning elements in RETURNING clause"
RETURNING_STAR = "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause"
OTHER_STATEMENT = "NextToken does not match request"
# OURS
TOO_DEEP = UPDATED_TOO_DEEP


MALFORMED = "Statement wasn't well formed, can't be processed: "


def malformed(problem: str) -> ValidationException:
    """The error for a text that is no statement."""
    return ValidationException(MALFORMED + problem)


def path_component(spot: Spot) -> str:
    return f"Unexpected path component at {spot}"


def list_index(index: str, spot: Spot) -> str:
    return f"{index_out_of_range(index)} at {spot}"


def token(text: str, spot: Spot) -> str:
    return f"Unsupported token in expression: {text} at {spot}"


def clause(text: str, spot: Spot | None = None) -> str:
    return f"Unsupported clause: {text}" + ("" if spot is None else f" at {spot}")


def operation(name: str) -> str:
    return f"Unsupported operation: {name}"


def function(name: str) -> str:
    return f"Unrecognized function: {name}"


def condition_operator(operator: str) -> str:
    return f"Unsupported operator in Condition Expression. Operator: {operator}"


def update_operator(operator: str) -> str:
    return f"Unsupported operator in Update Expression. Operator: {operator}"


def type_after_is(name: str, spot: Spot) -> str:
    return (
        f"Unsupported data type for IS operator: {name}. Supported data types are "
        f"[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at {spot}"
    )


def data_type(name: str, under: str, spot: Spot) -> str:
    return f"Unsupported data type: {name} under key {under} at {spot}"


def tuple_key(found: str, under: str, spot: Spot) -> str:
    return f"Tuple keys must be of type String. Actual type: {found} under {under} at {spot}"


def tuple_twice(name: str, under: str, spot: Spot) -> str:
    return f"Duplicate keys in tuple. Key: {name} under {under} at {spot}"


def bag_type(spot: Spot) -> str:
    return f"Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags at {spot}"


def empty_bag(spot: Spot) -> str:
    return f"Empty bags are not supported at {spot}"


def item_format(spot: Spot) -> str:
    return (
        "Unsupported format in item expression. Please use struct format {...} to express item values for insert "
        f"statement. at {spot}"
    )


def selected_twice(name: str) -> str:
    return f"Duplicate identifiers in select clause: {name}"


def key_type(name: str) -> str:
    return f"Key attribute's data type should match its data type in table's schema: Key {name}"


def key_missing(name: str) -> str:
    return f"Key attribute should be present in the item: Key {name}"


def key_twice(name: str) -> str:
    return f"Multiple conditions on same key {name}. Only single item Update/Insert/Delete are supported"


def order_operand(shown: str) -> str:
    return f"Argument to ORDER BY must be of type VariableReference. Type: {shown}"


def order_key(name: str) -> str:
    return f"Variable reference {name} in ORDER BY clause must be part of the primary key"


def delete_returning(found: str) -> str:
    return f"Invalid returning clause: RETURNING {found} *. Only RETURNING ALL OLD * is allowed in DELETE statements."


def set_target(function: str) -> str:
    return f"The first argument to {function.upper()} must equal the assignment value"


def set_operand(function: str, spot: Spot) -> str:
    return f"The second argument to {function.upper()} must be a value with type SET at {spot}"


def set_operand_count(function: str, spot: Spot) -> str:
    return f"{function.upper()} must have exactly two arguments at {spot}"
