"""Time to Live that deletes nothing, and streams whose records do not carry what expiry is about."""

from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedTrigger, Subject
from everwarm.serverless.nodes import Node, Place
from everwarm.serverless.tables import TableResource

NEVER_EXPIRES = Rule(
    "ttl-never-expires",
    Weight.ERROR,
    "The TTL attribute is declared with a type other than N.",
    "Time to Live looks at numbers alone. AWS lets it be switched on all the same, and no item ever expires.",
)
NO_TIME_TO_LIVE = Rule(
    "no-time-to-live",
    Weight.WARNING,
    "A function waits for expiries of a table that has no Time to Live.",
    "Only deletions by Time to Live carry a userIdentity. Without it there are none, and the function does nothing.",
)
NO_OLD_IMAGE = Rule(
    "no-old-image",
    Weight.WARNING,
    "A table has Time to Live, and its stream carries no old images.",
    "When an item expires there is no new image, and without the old one the function learns the item's key and "
    "nothing else of what it was. The view type of a stream cannot be changed later; it takes a new stream.",
)
IMAGE_NOT_IN_STREAM = Rule(
    "image-not-in-stream",
    Weight.WARNING,
    "The code reads an image that the stream does not carry.",
    "The record has no such member: a KeyError in Python, undefined in JavaScript, for each record; then the retries.",
)

_CARRIES = {
    "OldImage": ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
    "NewImage": ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"),
}
_WORDS = {"OldImage": (r"\bOldImage\b", r"\bold_image\b"), "NewImage": (r"\bNewImage\b", r"\bnew_image\b")}
_IMAGES = "StreamSpecification:\n  StreamViewType: NEW_AND_OLD_IMAGES"


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each table, and of each trigger's."""
    for table in subject.project.tables:
        yield from _attribute(table, subject)
    for trigger in subject.triggers:
        if trigger.table is not None:
            yield from _waits_in_vain(trigger, trigger.table, subject)
            yield from _images(trigger, trigger.table, subject)


def _attribute(table: TableResource, subject: Subject) -> Iterator[Finding]:
    attribute = table.time_to_live_attribute
    for definition in table.create_request["AttributeDefinitions"]:
        if definition["AttributeName"] == attribute and definition["AttributeType"] != "N":
            yield Finding(
                NEVER_EXPIRES,
                _place(table, subject, "TimeToLiveSpecification"),
                f"{attribute} of {table.name} is of type {definition['AttributeType']}, so that no item ever expires",
                "TimeToLiveSpecification:\n  AttributeName: expires_at  # a number of seconds, declared nowhere\n"
                "  Enabled: true",
            )


def _waits_in_vain(trigger: CheckedTrigger, table: TableResource, subject: Subject) -> Iterator[Finding]:
    if table.time_to_live_attribute is not None:
        return
    filters = trigger.trigger.settings.filters
    by_filter = bool(filters) and all('"userIdentity"' in pattern for pattern in filters)
    if by_filter or (trigger.called.code.is_found and trigger.called.code.has("userIdentity", "user_identity")):
        is_off = table.time_to_live is not None
        yield Finding(
            NO_TIME_TO_LIVE,
            trigger.place_of("FilterCriteria") if by_filter else _place(table, subject, "TimeToLiveSpecification"),
            f"function {trigger.called.key} looks for expiries, and Time to Live of {table.name} is "
            f"{'off' if is_off else 'not set'}",
            "TimeToLiveSpecification:\n  AttributeName: ttl\n  Enabled: true",
        )


def _images(trigger: CheckedTrigger, table: TableResource, subject: Subject) -> Iterator[Finding]:
    view_type, code = trigger.view_type, trigger.called.code
    place = _place(table, subject, "StreamSpecification")
    for image, words in _WORDS.items():
        if view_type not in _CARRIES[image] and code.has(*words):
            yield Finding(
                IMAGE_NOT_IN_STREAM,
                place,
                f"the code of function {trigger.called.key} names {image}, which a stream of {view_type} does not have",
                _IMAGES,
            )
    # Where the code can be read, it was asked above what it needs.
    if table.time_to_live_attribute is not None and view_type in ("NEW_IMAGE", "KEYS_ONLY") and not code.is_found:
        yield Finding(
            NO_OLD_IMAGE,
            place,
            f"of an item of {table.name} that expires, function {trigger.called.key} learns no more than the key",
            _IMAGES,
            lighter=Weight.NOTICE if view_type == "KEYS_ONLY" else None,
        )


def _place(table: TableResource, subject: Subject, name: str) -> Place:
    """Where a property of a table stands, or else the table."""
    resource: Node = subject.project.template.resources[table.logical_id]
    properties = resource.get("Properties")
    given = None if properties is None else properties.get(name)
    return resource.key_place if given is None else given.key_place
