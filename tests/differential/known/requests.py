"""What is refused before anything else: requests that DynamoDB Local cannot read, or reads otherwise."""

from tests.differential.explained import Explained
from tests.differential.known.sources import ERRORS, MODEL, RECORDED

REQUESTS: tuple[Explained, ...] = (
    Explained(
        "DynamoDB Local fails by itself",
        "no request makes DynamoDB answer 500; Local does where it did not think of a mistake",
        source=ERRORS,
        local="^500 InternalFailure|out of bounds for length",
    ),
    Explained(
        "Types are checked first",
        "DynamoDB refuses JSON of another type than the model's with a SerializationException before it looks at "
        "anything else; Local converts it, passes over it, or finds another mistake first",
        source=RECORDED,
        where="^(error|message)$",
        ours="^SerializationException",
        local="^(Validation|Serialization|ResourceNotFound|ConditionalCheckFailed|TransactionCanceled)Exception|"
        "^DuplicateItem|^200 ",
    ),
    Explained(
        "Shapes are checked all at once",
        "DynamoDB checks the whole request against its model and lists what is wrong; Local has texts of its own, or "
        "passes over it",
        source=MODEL,
        where="^(error|message)$",
        ours=r"^ValidationException: \d+ validation errors? detected: Value ",
    ),
    Explained(
        "A table that is not there",
        "DynamoDB names the table; Local says that it cannot do operations on it",
        source=RECORDED,
        where="^message$",
        ours="^ResourceNotFoundException: Requested resource not found",
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
        "A table's name that is missing or wrong",
        "DynamoDB says what is wrong with it, or that there is no such table; Local, that it is invalid",
        source=RECORDED,
        where="^(message|error)$",
        local="Invalid table/index name",
        harmless=True,
    ),
)
