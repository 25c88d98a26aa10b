"""Tags of tables: a key and a value each, in the order they were given. Texts as AWS gives them where they are known.

Source: "Restrictions on tag", developer guide.
"""

from collections.abc import Iterable, Sequence

from everwarm.errors import ValidationException, invalid_parameters

MAX_TAGS = 50

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


def removed(tags: Sequence[Tag], keys: Iterable[str]) -> list[Tag]:
    """The tags of a table after some were taken away; keys that are not there do not matter."""
    gone = set(keys)
    return [tag for tag in tags if tag["Key"] not in gone]


def check_tags(wanted: Sequence[Tag]) -> None:
    """
    Raises:
        ValidationException: as for `added`.
    """
    keys: set[str] = set()
    for tag in wanted:
        key = tag["Key"]
        if key.startswith("aws:"):
            raise ValidationException("aws: prefixed tag key names are not allowed for external use.")
        if key in keys:
            raise invalid_parameters(f"Duplicate tag key: {key}")
        keys.add(key)
    _check_count(len(keys))


def _check_count(count: int) -> None:
    if count > MAX_TAGS:
        raise invalid_parameters(f"The number of tags exceeds the limit of {MAX_TAGS}")
