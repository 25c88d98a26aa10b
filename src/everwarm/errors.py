"""Every error that a caller of everwarm can see.

Two families under `EverwarmError`:

- `ApiError`: what AWS answers to a request. Classes carry AWS's own names; `dynamodb/api/protocol.py` turns them
  into bytes, the one place that does.
- the rest: what a person at the command line or in a Python program meets (a locked directory, a wrong file).
"""

from typing import Any, ClassVar


class EverwarmError(Exception):
    """Something that everwarm explains to a person: what was wrong, where, and what to do about it."""


class ApiError(EverwarmError):
    """An error that AWS's API defines.

    Attributes:
        prefix: the namespace that AWS puts before the code on the wire.
        status: the HTTP status.
        text_member: the name of the body's member that has the message: AWS's models differ in its first letter.
        message: the text for the caller, AWS's own wherever it is known.
        members: further members of the error's body, such as the item of a failed condition.
    """

    prefix: ClassVar[str] = "com.amazonaws.dynamodb.v20120810"
    status: ClassVar[int] = 400
    text_member: ClassVar[str] = "message"

    def __init__(self, message: str, **members: Any) -> None:
        super().__init__(message)
        self.message = message
        self.members = members

    @property
    def code(self) -> str:
        """AWS's name of the error, as boto3 shows it in `error.response["Error"]["Code"]`."""
        return type(self).__name__

    def to_wire(self) -> dict[str, Any]:
        """The body of the error on the wire."""
        return {"__type": f"{self.prefix}#{self.code}", self.text_member: self.message, **self.members}


class ValidationException(ApiError):
    """The request is well-formed JSON of the right types, but means something that is not allowed."""

    prefix = "com.amazon.coral.validate"

    @property
    def code(self) -> str:
        """One name for the kinds below, too."""
        return ValidationException.__name__


class RefusedRequest(ValidationException):
    """A ValidationException that refuses a transaction as a whole, where others are reasons for cancelling it."""


class PlainValidationException(ValidationException):
    """A ValidationException about a value or a size, which is told as it is where others are counted.

    See `counted` in `dynamodb/api/complaints.py`.
    """


def invalid_parameters(problem: str) -> ValidationException:
    """The error for parameters that are each of the right shape, and wrong: AWS has one beginning for all of them."""
    return ValidationException(f"One or more parameter values were invalid: {problem}")


class SerializationException(ApiError):
    """The request's body is not what the operation's shape says: broken JSON, or a value of another type."""

    prefix = "com.amazon.coral.service"

    def to_wire(self) -> dict[str, Any]:
        # Coral's own serializer spells the member with a capital letter, and says nothing about broken JSON.
        body = {"__type": f"{self.prefix}#{self.code}"}
        return {**body, "Message": self.message} if self.message else body


class UnknownOperationException(ApiError):
    """The target names no operation of this service, or one that everwarm does not have."""

    prefix = "com.amazon.coral.service"

    def to_wire(self) -> dict[str, Any]:
        # AWS gives the type alone.
        return {"__type": f"{self.prefix}#{self.code}"}


class MissingAuthenticationTokenException(ApiError):
    """The request is not signed at all."""

    prefix = "com.amazon.coral.service"


class IncompleteSignatureException(ApiError):
    """The signature lacks a part."""

    prefix = "com.amazon.coral.service"


class InvalidSignatureException(ApiError):
    """The signature is wrong or too old, or there are two."""

    prefix = "com.amazon.coral.service"


class UnrecognizedClientException(ApiError):
    """Nobody here has this access key."""

    prefix = "com.amazon.coral.service"


class RequestEntityTooLargeException(ApiError):
    """The request is larger than 16 MiB."""

    prefix = "com.amazon.coral.service"
    status = 413


class InternalServerError(ApiError):
    """A bug of ours, and the log has its traceback; or one of the kinds below. AWS's clients try again."""

    status = 500

    @property
    def code(self) -> str:
        """One name for the kinds below, too."""
        return InternalServerError.__name__


class StorageFailed(InternalServerError):
    """The disk refused to make a write safe: writes are refused until it takes them again, reads go on."""


class StorageFull(StorageFailed):
    """The disk is nearly full: writes are refused until there is room, reads go on."""


class ConditionalCheckFailedException(ApiError):
    """The condition of a write did not hold. `members["Item"]` has the item where the caller asked for it."""


class TransactionCanceledException(ApiError):
    """A transaction was not carried out. `members["CancellationReasons"]` has a reason for each of its actions."""

    text_member = "Message"


class IdempotentParameterMismatchException(ApiError):
    """A client request token came again within ten minutes, with another transaction."""

    text_member = "Message"


class ItemCollectionSizeLimitExceededException(ApiError):
    """The items of one partition key and their entries in local indexes would have more than 10 GB."""


class DuplicateItemException(ApiError):
    """A PartiQL INSERT of an item that is there already."""


class ResourceNotFoundException(ApiError):
    """There is no such table, index, stream, shard."""


def not_found(what: str = "") -> ResourceNotFoundException:
    """The error for what is not there: AWS has one beginning for all of them.

    Args:
        what: what is said besides; AWS does not always tell.
    """
    return ResourceNotFoundException("Requested resource not found" + (what and f": {what}"))


class TableNotFoundException(ApiError):
    """There is no such table, as the operations on backups say it."""


class PolicyNotFoundException(ApiError):
    """The resource has no policy."""


class AccessDeniedException(ApiError):
    """What is asked for is not this account's, or nobody's."""

    prefix = "com.amazon.coral.service"
    text_member = "Message"


class ResourceInUseException(ApiError):
    """The table exists already, or is in a state that forbids the request."""


class LimitExceededException(ApiError):
    """Too much of something at once."""


class ExpiredIteratorException(ApiError):
    """The shard iterator is older than 15 minutes."""


class TrimmedDataAccessException(ApiError):
    """The wanted stream records are older than 24 hours and gone."""


class InvalidParameterValueException(ApiError):
    """Lambda: a parameter is of the right shape, and wrong."""


class InvalidRequestContentException(ApiError):
    """Lambda: the request's body is not JSON."""


class ResourceConflictException(ApiError):
    """Lambda: the function or mapping exists already, or is in a state that forbids the request."""


class PreconditionFailedException(ApiError):
    """Lambda: the function has changed since the caller looked."""


class TooManyRequestsException(ApiError):
    """Lambda: more calls than there may be at a time. `members["Reason"]` says which limit that is."""


class InvalidRuntimeException(ApiError):
    """Lambda: the function cannot be started."""


class OtherApiError(ApiError):
    """An error that a server has answered and everwarm never does: throttling on AWS, say."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(message, **members)
        self._code = code

    @property
    def code(self) -> str:
        """AWS's name of it."""
        return self._code


class StorageLocked(EverwarmError):
    """Another process has the data directory open."""


class StorageUnwritable(EverwarmError):
    """The data directory cannot be made, or not written to: a read-only file system, rights that are missing."""


class StorageFormatError(EverwarmError):
    """The data directory was written in a format that this version does not read."""


class StorageClosed(EverwarmError):
    """The store was closed while, or before, it was asked."""


class CredentialsError(EverwarmError):
    """A file of credentials that cannot be read, or has none."""


class SettingError(EverwarmError):
    """An option has a value that cannot be understood."""


class ProjectError(EverwarmError):
    """A `serverless.yml` that cannot be run as it stands.

    Attributes:
        path: the file.
        line, column: where in it, from 1; None where no single place is to blame.
        problem: what is wrong and what to do.
    """

    def __init__(self, problem: str, path: str, line: int | None = None, column: int | None = None) -> None:
        place = path if line is None else f"{path}:{line}:{column}"
        super().__init__(f"{place}: {problem}")
        self.problem = problem
        self.path = path
        self.line = line
        self.column = column


class FunctionError(EverwarmError):
    """A function that cannot be started at all: no such handler file, a runtime that is not to be had here."""


class Throttled(FunctionError):
    """A call that was not taken: as many run as the function, or this machine, may run at a time.

    Attributes:
        reason: AWS's word for it, the `Reason` of a TooManyRequestsException.
    """

    def __init__(self, problem: str, reason: str) -> None:
        super().__init__(problem)
        self.reason = reason


class MappingError(EverwarmError):
    """An event source mapping whose settings are out of range, or not to be had here."""


class InvalidFilter(MappingError):
    """A filter that is no valid pattern. The message is AWS's, which does not say why.

    Attributes:
        problem: what is wrong with it, for a person.
        pattern: its text, if it is about a single one.
    """

    def __init__(self, problem: str, pattern: str | None = None) -> None:
        super().__init__("Invalid filter pattern definition.")
        self.problem = problem
        self.pattern = pattern


class FailureNotFound(EverwarmError):
    """There is no failure of that number in the failure store; it may have been redriven or purged."""


class DestinationError(EverwarmError):
    """Where queues, topics and buckets are is said in a form that is no place."""


class ControlError(EverwarmError):
    """An operation on a running stack that could not be carried out, or was asked for in the wrong way."""


class NotRunning(ControlError):
    """No stack runs where one was looked for."""


class CacheError(EverwarmError):
    """Something of the cache library, or one of the kinds below."""


class UnstorableValue(CacheError):
    """A value has a part that no attribute of DynamoDB can hold; the text names its place in the value."""


class UnreadableValue(CacheError):
    """What lies in the table is not of the form that the function's return annotation says, and is to be loaded again.

    It was written by an earlier form of the program, say.
    """


class ValueTooLarge(CacheError):
    """A value would make an item of more than DynamoDB's 400 KB, or than the cache allows."""


class NoLoader(CacheError):
    """Nobody has said how to load this key."""


class BackendError(CacheError):
    """The table cannot be reached: no connection, or no credentials."""


class NotFollowable(CacheError):
    """The changes of a table cannot be followed here: it has no stream, or the server has none."""
