"""Rights that a function's role lacks, as far as the file tells.

Nothing is enforced on one machine, so all of this shows on AWS for the first time.

Not here: what a role allows (`everwarm.serverless.iam`).

Source: "Execution role permissions" of "Using AWS Lambda with Amazon DynamoDB", Lambda developer guide.
"""

from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedFunction, CheckedTrigger, Subject
from everwarm.serverless.tables import TableResource

NO_TABLE_PERMISSION = Rule(
    "missing-table-permission",
    Weight.WARNING,
    "The code works with a table, and the function's role may not.",
    "The framework adds rights for streams, never for tables. Each call ends in AccessDeniedException, so each batch "
    "fails.",
)
NO_STREAM_PERMISSION = Rule(
    "missing-stream-permission",
    Weight.ERROR,
    "The function's own role may not read the stream.",
    "The framework adds these rights to the role that it makes, and to no other. AWS refuses to create the mapping.",
)
NO_DESTINATION_PERMISSION = Rule(
    "missing-destination-permission",
    Weight.ERROR,
    "The function's role may not send to the destination.",
    "The framework adds rights for queues and topics, to the role that it makes; for a bucket it adds those of a "
    "queue. AWS refuses the mapping, or the failure's record is lost.",
)

# What code calls, and what it needs for that: boto3's methods, and the commands and methods of the SDK for JavaScript.
_CALLS = {
    "GetItem": (r"\bget_item\(", r"\bGet(Item)?Command\b", r"\.getItem\("),
    "PutItem": (r"\bput_item\(", r"\bPut(Item)?Command\b", r"\.putItem\("),
    "UpdateItem": (r"\bupdate_item\(", r"\bUpdate(Item)?Command\b", r"\.updateItem\("),
    "DeleteItem": (r"\bdelete_item\(", r"\bDelete(Item)?Command\b", r"\.deleteItem\("),
    "Query": (r"\btable\.query\(", r"\bKeyConditionExpression\b"),
    "Scan": (r"\btable\.scan\(", r"\bScanCommand\b"),
    "BatchGetItem": (r"\bbatch_get_item\(", r"\bBatchGet(Item)?Command\b"),
    "BatchWriteItem": (r"\bbatch_writer\(", r"\bbatch_write_item\(", r"\bBatchWrite(Item)?Command\b"),
}
# What a cache does on its table when an entry is to be refreshed. A transaction needs the rights of what is in it.
_OF_A_CACHE = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")
_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
_SENDING = {"sqs": ("sqs:SendMessage",), "sns": ("sns:Publish",), "s3": ("s3:PutObject",)}


def find(subject: Subject) -> Iterator[Finding]:
    """What each function's role lacks."""
    for function in subject.functions:
        yield from _tables(function, subject)
    for trigger in subject.triggers:
        if not trigger.called.role.is_generated:
            yield from _stream(trigger, subject)
        yield from _destination(trigger)


def _tables(function: CheckedFunction, subject: Subject) -> Iterator[Finding]:
    tables = list(subject.tables_of(function))
    if not function.role.is_known or not tables:
        return
    needed = [action for action, calls in _CALLS.items() if _calls(function, action, calls)]
    # Of several tables nobody can tell which one a call is for: it has to be allowed on one of them.
    lacking = [action for action in needed if not _allows_one(function, action, tables, subject)]
    names = " and ".join(table.name for table in tables)
    if lacking:
        what = f"function {function.key} calls {', '.join(lacking)} on {names}, which its role does not allow"
        yield _finding(
            function, what, [f"dynamodb:{action}" for action in lacking], f"!GetAtt {tables[0].logical_id}.Arn"
        )
    elif not function.code.is_found and not any(_allows_one(function, action, tables, subject) for action in _CALLS):
        what = f"function {function.key} is given the name of {names}, and its role allows nothing on it"
        actions = ["dynamodb:GetItem", "dynamodb:PutItem"]
        yield _finding(function, what, actions, f"!GetAtt {tables[0].logical_id}.Arn")


def _calls(function: CheckedFunction, action: str, calls: tuple[str, ...]) -> bool:
    code = function.code
    return code.is_found and (code.has(*calls) or (code.is_cache and action in _OF_A_CACHE))


def _allows_one(function: CheckedFunction, action: str, tables: list[TableResource], subject: Subject) -> bool:
    attributes = subject.project.template.attributes
    return any(function.role.allows(f"dynamodb:{action}", attributes[table.logical_id]["Arn"]) for table in tables)


def _finding(function: CheckedFunction, what: str, actions: list[str], resource: str) -> Finding:
    role = function.role
    place = function.place if role.node is None else role.node.key_place
    return Finding(NO_TABLE_PERMISSION, place, what, _statement(actions, resource, role.is_generated))


def _statement(actions: list[str], resource: str, is_generated: bool) -> str:
    statement = f"- Effect: Allow\n  Action: [{', '.join(actions)}]\n  Resource: {resource}"
    if not is_generated:
        return statement
    indented = statement.replace("\n", "\n        ")
    return f"provider:\n  iam:\n    role:\n      statements:\n        {indented}"


def _stream(trigger: CheckedTrigger, subject: Subject) -> Iterator[Finding]:
    if trigger.table is None:
        return
    arn = subject.project.template.attributes[trigger.table.logical_id]["StreamArn"]
    lacking = [action for action in _STREAM if not trigger.called.role.allows(f"dynamodb:{action}", arn)]
    if lacking:
        node = trigger.called.role.node
        yield Finding(
            NO_STREAM_PERMISSION,
            trigger.called.place if node is None else node.key_place,
            f"the role of function {trigger.called.key} does not allow {', '.join(lacking)} on the stream of "
            f"{trigger.table.name}",
            _statement(
                [f"dynamodb:{action}" for action in lacking], f"!GetAtt {trigger.table.logical_id}.StreamArn", False
            ),
        )


def _destination(trigger: CheckedTrigger) -> Iterator[Finding]:
    arn, role = trigger.trigger.settings.on_failure, trigger.called.role
    if arn is None:
        return
    service = arn.split(":")[2]
    if role.is_generated and trigger.trigger.is_event and service != "s3":
        return
    object_arn = f"{arn}/aws/lambda/some-object" if service == "s3" else arn
    lacking = [action for action in _SENDING[service] if not role.allows(action, object_arn)]
    # Lambda looks whether the bucket is there.
    if service == "s3" and not role.allows("s3:ListBucket", arn):
        lacking.append("s3:ListBucket")
    if lacking:
        resource = f"[{arn}, {arn}/*]" if service == "s3" else arn
        yield trigger.finding(
            NO_DESTINATION_PERMISSION,
            "DestinationConfig",
            f"the role of function {trigger.called.key} does not allow {', '.join(lacking)} on {arn}",
            _statement(lacking, resource, role.is_generated),
        )
