"""Functions that are called by their own writes."""

import json
from collections.abc import Iterator
from typing import Any

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedTrigger, Subject

OWN_WRITES = Rule(
    "own-writes",
    Weight.WARNING,
    "A function may write to the table whose stream calls it, and no filter keeps its own writes out.",
    "Each write is a record of the stream, which calls the function again. If it answers that with a write, this goes "
    "on for ever, and each round is paid for: Lambda's detection of loops does not look at DynamoDB.",
)

TTL_FILTER = """\
filterPatterns:
  # Deletions by Time to Live, and nothing else.
  - eventName: [REMOVE]
    userIdentity: {type: [Service], principalId: [dynamodb.amazonaws.com]}"""

CACHE_FILTER = """\
filterPatterns:
  # The ends of a cache's timers, and nothing else.
  - eventName: [REMOVE]
    dynamodb: {Keys: {key: {S: [{prefix: "timer#"}]}}}"""

WRITING_ACTIONS = tuple(f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "BatchWriteItem", "PartiQLInsert"))

WRITING_CALLS = (
    r"\bput_item\(",
    r"\bupdate_item\(",
    r"\bbatch_writer\(",
    r"\bbatch_write_item\(",
    r"\btransact_write_items\(",
    r"\b(?:batch_)?execute_(?:statement|transaction)\(",
    r"\b(?:Put|Update)(?:Item)?Command\b",
    r"\b(?:BatchWrite|TransactWrite)(?:Items?)?Command\b",
    r"\.(?:put|update|putItem|updateItem|batchWrite|batchWriteItem|transactWrite|transactWriteItems)\(",
)
_BY_THE_SERVICE = '"userIdentity": {"type": ["Service"]}'
_LOOKS_AT_THE_EVENT = (r"eventName", r"event_name", r"userIdentity", r"user_identity", r"\bREMOVE\b", r"is_ttl")


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each trigger."""
    for trigger in subject.triggers:
        if _may_write(trigger, subject) and any(_lets_writes_through(one) for one in _patterns(trigger)):
            yield _finding(trigger)


def _finding(trigger: CheckedTrigger) -> Finding:
    key, table = trigger.called.key, trigger.trigger.table_name
    is_cache = trigger.called.code.is_cache
    if is_cache:
        what = f"function {key} is called for its own writes to {table}, too; the cache passes them over"
        lighter: Weight | None = Weight.NOTICE
    elif trigger.called.code.has(*_LOOKS_AT_THE_EVENT):
        what = f"function {key} is called for its own writes to {table}, too; its code seems to tell them apart"
        lighter = Weight.NOTICE
    else:
        what = f"function {key} may write to {table}, whose stream calls it for each of these writes"
        lighter = None
    fix = CACHE_FILTER if is_cache else TTL_FILTER
    if not trigger.trigger.is_event:
        whose = '"dynamodb": {"Keys": {"key": {"S": [{"prefix": "timer#"}]}}}'
        pattern = f'{{"eventName": ["REMOVE"], {whose if is_cache else _BY_THE_SERVICE}}}'
        fix = f"FilterCriteria:\n  Filters:\n    - Pattern: '{pattern}'"
    return trigger.finding(OWN_WRITES, "FilterCriteria", what, fix, lighter)


def _may_write(trigger: CheckedTrigger, subject: Subject) -> bool:
    code, role = trigger.called.code, trigger.called.role
    if code.is_found and not (code.is_cache or code.has(*WRITING_CALLS)):
        return False
    if trigger.table is None:
        return not role.is_known and code.is_found
    named = list(subject.tables_of(trigger.called))
    if named and trigger.table not in named:
        return False  # it writes somewhere else
    arn = subject.project.template.attributes[trigger.table.logical_id]["Arn"]
    if not any(role.allows(action, arn) for action in WRITING_ACTIONS):
        return False
    # A role that may do everything says little; then it is for the code to say.
    return code.is_found or role.is_known


def _patterns(trigger: CheckedTrigger) -> list[dict[str, Any]]:
    return [json.loads(pattern) for pattern in trigger.trigger.settings.filters] or [{}]


def _lets_writes_through(pattern: dict[str, Any]) -> bool:
    """Whether a pattern asks for no more than the kind of change, and both kinds that a put makes will do.

    One that asks for anything in the record, or for the service, is taken to be there for this very reason. So is one
    that wants INSERT alone: a put of an item that is there is a MODIFY.
    """
    if pattern.keys() - {"eventName", "eventSource", "eventVersion", "awsRegion"}:
        return False
    names = pattern.get("eventName")
    return names is None or "MODIFY" in names or any(isinstance(name, dict) for name in names)
