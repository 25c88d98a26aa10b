"""What is said about a wrong expression, in AWS's words."""

from everwarm.dynamodb.expressions.paths import Path, shown
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.dynamodb.values.types import AttributeValue, type_of
from everwarm.errors import ValidationException

EMPTY = "The expression can not be empty;"
REDUNDANT_PARENTHESES = "The expression has redundant parentheses;"

INVALID_UPDATE_PATH = "The document path provided in the update expression is invalid for update"
UPDATED_TOO_DEEP = "Nesting Levels have exceeded supported limits"
INCORRECT_DATA_TYPE = "An operand in the update expression has an incorrect data type"
NO_SUCH_ATTRIBUTE = "The provided expression refers to an attribute that does not exist in the item"

ANY_TYPE = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
"""The operand type that AWS names where a value is wanted and a document path is given."""

TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "M": "MAP",
    "L": "LIST",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}
"""The types as AWS names them in full."""

CONDITIONAL_OPERATOR_ALONE = "ConditionalOperator cannot be used without Filter or Expected"

# What Query says about its key conditions, which are parsed here and judged there.
KEY_CONDITIONS_MISSING = (
    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
)
KEY_CONDITION_COUNT = "Conditions can be of length 1 or 2 only"
KEY_CONDITION_NOT_SUPPORTED = "Query key condition not supported"
KEY_CONDITION_NOT_INDEXABLE = "Attempted conditional constraint is not an indexable operation"
KEY_CONDITION_TYPE = "One or more parameter values were invalid: Condition parameter type does not match schema type"


def invalid(parameter: str, problem: str) -> ValidationException:
    """The error for a request's parameter, `ConditionExpression` say."""
    return ValidationException(f"Invalid {parameter}: {problem}")


def key_condition_missed(name: str) -> str:
    """The partition key, or what is asked about instead of the sort key, has no condition."""
    return f"Query condition missed key schema element: {name}"


def filter_on_key(parameter: str, name: str) -> str:
    """A filter asks about a key attribute: `parameter` is `FilterExpression` or `QueryFilter`."""
    shown = "Filter Expression" if parameter == "FilterExpression" else parameter
    return f"{shown} can only contain non-primary key attributes: Primary key attribute: {name}"


def mixed(legacy: list[str], expressions: list[str]) -> str:
    return (
        "Can not use both expression and non-expression parameters in the same request: "
        f"Non-expression parameters: {{{', '.join(legacy)}}} Expression parameters: {{{', '.join(expressions)}}}"
    )


def syntax_error(token: str, near: str) -> str:
    return f'Syntax error; token: "{token}", near: "{near}"'


def too_long(size: int, parameter: str) -> str:
    # How long it is AWS tells of a filter only.
    told = f" expression size: {size}" if parameter == "FilterExpression" else ""
    return f"Expression size has exceeded the maximum allowed size;{told}"


def too_many_operators(count: int) -> str:
    return f"The expression contains too many operators; operator count: {count}"


def path_too_deep(levels: int) -> str:
    return f"The document path has too many nesting levels; nesting levels: {levels}"


def index_out_of_range(index: str) -> str:
    return f"List index is not within the allowable range; index: [{index}]"


def reserved_word(word: str) -> str:
    return f"Attribute name is a reserved keyword; reserved keyword: {word}"


def unknown_function(name: str) -> str:
    return f"Invalid function name; function: {name}"


def misplaced_function(name: str) -> str:
    return f"The function is not allowed to be used this way in an expression; function: {name}"


def not_in_condition(name: str) -> str:
    return f"The function is not allowed in a condition expression; function: {name}"


def not_in_update(name: str) -> str:
    return f"The function is not allowed in an update expression; function: {name}"


def repeated_section(keyword: str) -> str:
    return f'The "{keyword}" section can only be used once in an update expression;'


def undefined_name(placeholder: str) -> str:
    return f"An expression attribute name used in the document path is not defined; attribute name: {placeholder}"


def undefined_value(placeholder: str) -> str:
    return f"An expression attribute value used in expression is not defined; attribute value: {placeholder}"


def operand_count(operator: str, count: int) -> str:
    return (
        "Incorrect number of operands for operator or function; "
        f"operator or function: {operator}, number of operands: {count}"
    )


def too_many_choices(count: int) -> str:
    return f"The IN operator is provided with too many operands; number of operands: {count}"


def operand_type(operator: str, found: str) -> str:
    return f"Incorrect operand type for operator or function; operator or function: {operator}, operand type: {found}"


def action_operand_type(action: str, tag: str) -> str:
    # ADD and DELETE name the type in full, and are called an operator only.
    return (
        f"Incorrect operand type for operator or function; operator: {action}, operand type: {TYPE_NAMES[tag]}, "
        f"typeSet: ALLOWED_FOR_{action}_OPERAND"
    )


def path_wanted(operator: str) -> str:
    return f"Operator or function requires a document path; operator or function: {operator}"


def unknown_type(name: str) -> str:
    return f"Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"


def not_distinct(operator: str, path: Path) -> str:
    return (
        "The first operand must be distinct from the remaining operands for this operator or function; "
        f"operator: {operator}, first operand: {shown(path)}"
    )


def bounds_of_two_types(low: AttributeValue, high: AttributeValue) -> str:
    return f"The BETWEEN operator requires same data type for lower and upper bounds; {_bounds(low, high)}"


def bounds_reversed(low: AttributeValue, high: AttributeValue) -> str:
    return "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " + _bounds(low, high)


def _bounds(low: AttributeValue, high: AttributeValue) -> str:
    return f"lower bound operand: {_bound(low)}, upper bound operand: {_bound(high)}"


def _bound(value: AttributeValue) -> str:
    tag = type_of(value)
    told = value[tag]
    if tag == "B":
        size_bytes = attribute_size(value)
        told = f"java.nio.HeapByteBuffer[pos=0 lim={size_bytes} cap={size_bytes}]"
    return f"AttributeValue: {{{tag}:{told}}}"


def paths_overlap(one: Path, two: Path) -> str:
    return f"Two document paths overlap with each other; {_rewrite(one, two)}"


def paths_conflict(one: Path, two: Path) -> str:
    return f"Two document paths conflict with each other; {_rewrite(one, two)}"


def _rewrite(one: Path, two: Path) -> str:
    return f"must remove or rewrite one of these paths; path one: {shown(one)}, path two: {shown(two)}"
