"""What `AttributeUpdates` does. Source: "AttributeUpdates" in the developer guide's legacy conditional parameters."""

from typing import Any

import pytest

from everwarm.dynamodb.expressions.legacy_update import attribute_updates
from everwarm.dynamodb.expressions.update import apply
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException

PK: Item = {"pk": {"S": "p"}}


def updated(old: AttributeValue | None, action: str | None, value: AttributeValue | None) -> AttributeValue | None:
    update = {"Action": action, "Value": value}
    item = PK if old is None else {**PK, "a": old}
    return apply(attribute_updates({"a": update}), item).get("a")


@pytest.mark.parametrize(
    ("old", "action", "value", "new"),
    [
        ({"N": "1"}, None, {"S": "x"}, {"S": "x"}),
        ({"N": "1"}, "PUT", {"S": "x"}, {"S": "x"}),
        (None, "PUT", {"L": []}, {"L": []}),
        (None, "ADD", {"N": "1.0"}, {"N": "1"}),
        ({"N": "1"}, "ADD", {"N": "-2"}, {"N": "-1"}),
        (None, "ADD", {"SS": ["a"]}, {"SS": ["a"]}),
        ({"SS": ["a"]}, "ADD", {"SS": ["a", "b"]}, {"SS": ["a", "b"]}),
        (None, "ADD", {"L": [{"S": "a"}]}, {"L": [{"S": "a"}]}),
        ({"L": [{"S": "a"}]}, "ADD", {"L": [{"S": "a"}]}, {"L": [{"S": "a"}, {"S": "a"}]}),
        ({"N": "1"}, "DELETE", None, None),
        (None, "DELETE", None, None),
        ({"NS": ["1", "2"]}, "DELETE", {"NS": ["1"]}, {"NS": ["2"]}),
        ({"NS": ["1"]}, "DELETE", {"NS": ["1"]}, None),
        (None, "DELETE", {"NS": ["1"]}, None),
    ],
)
def test_actions(
    old: AttributeValue | None, action: str | None, value: AttributeValue | None, new: AttributeValue | None
) -> None:
    assert updated(old, action, value) == new


@pytest.mark.parametrize(
    ("old", "action", "value"),
    [
        ({"S": "x"}, "ADD", {"N": "1"}),
        ({"NS": ["1"]}, "ADD", {"N": "1"}),
        ({"N": "1"}, "ADD", {"L": []}),
        ({"SS": ["a"]}, "DELETE", {"NS": ["1"]}),
    ],
)
def test_an_attribute_of_another_type(old: AttributeValue, action: str, value: AttributeValue) -> None:
    with pytest.raises(ValidationException) as caught:
        updated(old, action, value)
    assert caught.value.message == "Type mismatch for attribute to update"


@pytest.mark.parametrize(
    ("update", "problem"),
    [
        ({}, "Only DELETE action is allowed when no attribute value is specified"),
        ({"Action": "ADD"}, "Only DELETE action is allowed when no attribute value is specified"),
        ({"Action": "ADD", "Value": {"S": "x"}}, "ADD action is not supported for the type S"),
        ({"Action": "ADD", "Value": {"BOOL": True}}, "ADD action is not supported for the type BOOL"),
        ({"Action": "DELETE", "Value": {"M": {}}}, "DELETE action with value is not supported for the type M"),
        ({"Action": "DELETE", "Value": {"N": "1"}}, "DELETE action with value is not supported for the type N"),
    ],
)
def test_what_is_refused(update: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        attribute_updates({"a": update})
    assert caught.value.message == f"One or more parameter values were invalid: {problem}"


def test_no_updates_change_nothing() -> None:
    assert apply(attribute_updates({}), PK) == PK
