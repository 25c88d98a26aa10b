"""Tags of tables."""

import pytest

from everwarm.dynamodb.tables.tags import Tag, added, removed
from everwarm.errors import ValidationException


def tags(text: str) -> list[Tag]:
    """`tags("a=1 b=2")`."""
    return [dict(zip(("Key", "Value"), part.split("="), strict=True)) for part in text.split()]


def test_new_ones_come_last_and_new_values_stay_in_place() -> None:
    assert added(tags("a=1 b=2"), tags("c=3 a=4")) == tags("a=4 b=2 c=3")


def test_some_are_taken_away() -> None:
    assert removed(tags("a=1 b=2 c=3"), ["c", "a", "x"]) == tags("b=2")


# "Restrictions on tag" in the developer guide.
@pytest.mark.parametrize("wanted", ["aws:a=1", "a=1 a=2", " ".join(f"{number}=x" for number in range(51))])
def test_restrictions(wanted: str) -> None:
    with pytest.raises(ValidationException):
        added([], tags(wanted))


def test_fifty_all_together() -> None:
    fifty = tags(" ".join(f"{number}=x" for number in range(50)))
    assert len(added(fifty, tags("0=y"))) == 50
    with pytest.raises(ValidationException):
        added(fifty, tags("50=y"))
