"""Tags of tables: a key and a value each, in the order they were given. Texts as AWS gives them.

Source: "Restrictions on tag", developer guide; "ack-api-quirks" DDB-TABLE-105, 106, 107 and 372, measured in 2026.
"""

import unicodedata
from collections.abc import Sequence

from everwarm.errors import ValidationException

MAX_TAGS = 50
MAX_KEY = 128
MAX_VALUE = 256
_SIGNS = frozenset("_.:/=+-@")
_OF_ANY_SCRIPT = ("L", "Z", "N")
"""Letters, spaces and numbers."""

Tag = dict[str, str]
"""As on the wire: `Key` and `Value`."""


def added(tags: Sequence[Tag], wanted: Sequence[Tag]) -> list[Tag]:
    """The tags of a table after some were added; a key that is there already gets the new value.

    Raises:
        ValidationException: a key twice, a key of AWS's own, or too many.
    """
    check_tags(wanted)
    after = {tag["Key"]: tag for tag in tags} | {tag["Key"]: tag for tag in wanted}
    _check_count(len(after))
    return list(after.values())


def removed(tags: Sequence[Tag], keys: Sequence[str]) -> list[Tag]:
    """The tags of a table after some were taken away; keys that are not there do not matter.

    Raises:
        ValidationException: no tag can have such a key.
    """
    gone = set(keys)
    for key in keys:
        check_key(key)
    _check_count(len(gone))
    return [tag for tag in tags if tag["Key"] not in gone]


def check_tags(wanted: Sequence[Tag]) -> None:
    """
    Raises:
        ValidationException: as for `added`.
    """
    keys: set[str] = set()
    for tag in wanted:
        value = tag.get("Value")
        key = check_key(tag.get("Key"))
        if value is None or len(value) > MAX_VALUE or not _is_text_of_a_tag(value):
            raise ValidationException(f"The Tag Value provided is invalid, Value: {'null' if value is None else value}")
        if key in keys:
            raise ValidationException(f"Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}")
        keys.add(key)
    _check_count(len(keys))


def check_key(key: str | None) -> str:
    """
    Returns:
        The key.

    Raises:
        ValidationException: no tag can have that key.
    """
    if not key or len(key) > MAX_KEY or not _is_text_of_a_tag(key):
        raise ValidationException(f"The Tag Key provided is invalid, Key: {'null' if key is None else key}")
    if key.lower().startswith("aws:"):
        raise ValidationException(f"Tag Key cannot be prefixed with aws:, Key: {key}")
    return key


def _is_text_of_a_tag(text: str) -> bool:
    return all(sign in _SIGNS or unicodedata.category(sign).startswith(_OF_ANY_SCRIPT) for sign in text)


def _check_count(count: int) -> None:
    if count > MAX_TAGS:
        raise ValidationException("Number of Tags exceed the current limit for the provided ResourceArn")
