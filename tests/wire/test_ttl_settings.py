"""UpdateTimeToLive and DescribeTimeToLive: sections 1, 2 and 3 of what is known of AWS's TTL.

The tables have a test for each row, which is named in its docstring. The rows on the cool-down: test_ttl_cool_down.py.
"""

from typing import Any

import pytest

from tests.wire.conftest import make_table
from tests.wire.refused import COUNTED, refused
from tests.wire.ttl import OFF, ON

FAILED = "failed to satisfy constraint: Member must"
NO_NAME = f"Value null at 'timeToLiveSpecification.attributeName' {FAILED} not be null"
NO_ENABLED = f"Value null at 'timeToLiveSpecification.enabled' {FAILED} not be null"


def update(client: Any, table: str, **specification: Any) -> dict[str, Any]:
    response: dict[str, Any] = client.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    return response


def describe(client: Any, table: str) -> dict[str, Any]:
    response: dict[str, Any] = client.describe_time_to_live(TableName=table)
    del response["ResponseMetadata"]
    return response


def test_by_name_and_by_arn(dynamodb: Any, fresh: str, arn: str) -> None:
    """Section 1, row "TableName": name or table ARN."""
    update(dynamodb, arn, **ON)
    assert describe(dynamodb, fresh)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ttl",
    }
    update(dynamodb, fresh, **OFF)
    assert describe(dynamodb, arn)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}


@pytest.mark.parametrize("name", ["t", "x" * 255, "with a space", "a.b", "ö", "Ünïcödé 時間"])
def test_names_of_attributes(dynamodb: Any, fresh: str, name: str) -> None:
    """Section 1, row "TimeToLiveSpecification.AttributeName": any string of 1 to 255 characters."""
    response = update(dynamodb, fresh, Enabled=True, AttributeName=name)
    assert response["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": name}
    assert describe(dynamodb, fresh)["TimeToLiveDescription"]["AttributeName"] == name


def test_the_name_is_needed_for_disabling(unchecked: Any, fresh: str) -> None:
    """Section 1, row "TimeToLiveSpecification.AttributeName": required, also when disabling."""
    update(unchecked, fresh, **ON)
    with refused("ValidationException", COUNTED + NO_NAME):
        update(unchecked, fresh, Enabled=False)


def test_the_specification_is_needed(unchecked: Any, fresh: str) -> None:
    """Section 1, rows of "TimeToLiveSpecification": its members are required, so it is."""
    with refused("ValidationException", f"{COUNTED}Value null at 'timeToLiveSpecification' {FAILED} not be null"):
        unchecked.update_time_to_live(TableName=fresh)


@pytest.mark.parametrize("specification", [ON, OFF])
def test_the_answer_is_an_echo(dynamodb: Any, fresh: str, specification: dict[str, Any]) -> None:
    """Section 1, "Response": HTTP 200 and an echo of the request, never a status."""
    if specification is OFF:
        update(dynamodb, fresh, **ON)
    response = update(dynamodb, fresh, **specification)
    assert response.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert response == {"TimeToLiveSpecification": specification}


def test_refusals_are_http_400(dynamodb: Any, fresh: str) -> None:
    """Section 1, "Errors in the model": most refusals are a ValidationException, always HTTP 400."""
    for table, specification in ((fresh, OFF), ("wire-none", ON)):
        with pytest.raises(dynamodb.exceptions.ClientError) as caught:
            update(dynamodb, table, **specification)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_never_configured(dynamodb: Any, fresh: str) -> None:
    """Section 1, row "never configured"."""
    assert describe(dynamodb, fresh) == {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}


def test_enabled(dynamodb: Any, fresh: str) -> None:
    """Section 1, row "enabled"."""
    update(dynamodb, fresh, **ON)
    assert describe(dynamodb, fresh) == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    }


def test_disabled_after_being_enabled(dynamodb: Any, fresh: str) -> None:
    """Section 1, row "disabled after being enabled": as never configured, the old attribute name is gone."""
    update(dynamodb, fresh, **ON)
    update(dynamodb, fresh, **OFF)
    assert describe(dynamodb, fresh) == {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}


def test_enabled_twice(dynamodb: Any, fresh: str) -> None:
    """Section 2, row "Enable, already enabled on the same attribute"."""
    update(dynamodb, fresh, **ON)
    with refused("ValidationException", "TimeToLive is already enabled"):
        update(dynamodb, fresh, **ON)


@pytest.mark.parametrize("enabled", [True, False])
def test_another_attribute(dynamodb: Any, fresh: str, enabled: bool) -> None:
    """Section 2, row "Enable or disable while enabled on another attribute"."""
    update(dynamodb, fresh, **ON)
    message = "TimeToLive is active on a different AttributeName: current AttributeName is ttl"
    with refused("ValidationException", message):
        update(dynamodb, fresh, Enabled=enabled, AttributeName="until")


def test_disabled_twice(dynamodb: Any, fresh: str) -> None:
    """Section 2, row "Disable, not enabled (also never configured)"."""
    with refused("ValidationException", "TimeToLive is already disabled"):
        update(dynamodb, fresh, **OFF)
    update(dynamodb, fresh, **ON)
    update(dynamodb, fresh, **OFF)
    with refused("ValidationException", "TimeToLive is already disabled"):
        update(dynamodb, fresh, **OFF)


def test_a_name_too_long(dynamodb: Any, fresh: str) -> None:
    """Section 2, row "AttributeName longer than 255"."""
    long = "x" * 256
    message = (
        f"Value '{long}' at 'timeToLiveSpecification.attributeName' {FAILED} have length less than or equal to 255"
    )
    with refused("ValidationException", COUNTED + message):
        update(dynamodb, fresh, Enabled=True, AttributeName=long)


def test_no_name(unchecked: Any, fresh: str) -> None:
    """Section 2, row "AttributeName missing"."""
    with refused("ValidationException", COUNTED + NO_NAME):
        update(unchecked, fresh, Enabled=True)


def test_not_said_whether_enabled(unchecked: Any, fresh: str) -> None:
    """Section 2, row "Enabled missing"; section 1, row "TimeToLiveSpecification.Enabled": required."""
    with refused("ValidationException", COUNTED + NO_ENABLED):
        update(unchecked, fresh, AttributeName="ttl")


def test_neither(unchecked: Any, fresh: str) -> None:
    """Section 2, rows "AttributeName missing" and "Enabled missing": both in one message."""
    with refused("ValidationException", f"2 validation errors detected: {NO_NAME}; {NO_ENABLED}"):
        update(unchecked, fresh)


def test_an_empty_name(unchecked: Any, fresh: str) -> None:
    """Section 2, row "AttributeName empty"."""
    message = f"Value '' at 'timeToLiveSpecification.attributeName' {FAILED} have length greater than or equal to 1"
    with refused("ValidationException", COUNTED + message):
        update(unchecked, fresh, Enabled=True, AttributeName="")


@pytest.mark.parametrize(
    "specification",
    [
        {"Enabled": "maybe", "AttributeName": "ttl"},
        {"Enabled": 1, "AttributeName": "ttl"},
        {"Enabled": True, "AttributeName": 7},
        {"Enabled": True, "AttributeName": ["ttl"]},
    ],
)
def test_wrong_types(unchecked: Any, fresh: str, specification: dict[str, Any]) -> None:
    """Section 2, row "Wrong JSON type for either member"."""
    with refused("SerializationException"):
        update(unchecked, fresh, **specification)


def test_no_such_table(dynamodb: Any) -> None:
    """Section 2, row "Table does not exist"."""
    message = "Requested resource not found: Table: wire-none not found"
    with refused("ResourceNotFoundException", message):
        update(dynamodb, "wire-none", **ON)
    with refused("ResourceNotFoundException", message):
        describe(dynamodb, "wire-none")


def test_a_table_just_created(dynamodb: Any) -> None:
    """Section 2, row "Describe while CREATING": no table is that here, so it is answered at once."""
    table = make_table(dynamodb, "pk:S")
    assert describe(dynamodb, table)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    update(dynamodb, table, **ON)


def test_a_table_just_deleted(dynamodb: Any, fresh: str) -> None:
    """Section 2, row "Describe while DELETING": no table is that here, it is gone at once."""
    dynamodb.delete_table(TableName=fresh)
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {fresh} not found"):
        describe(dynamodb, fresh)


def test_no_name_of_a_table(unchecked: Any) -> None:
    """Section 2, row "TableName missing"."""
    message = "The parameter 'TableName' is required but was not present in the request"
    with refused("ValidationException", message):
        unchecked.update_time_to_live(TimeToLiveSpecification=ON)
    with refused("ValidationException", message):
        unchecked.describe_time_to_live()


@pytest.mark.parametrize(
    ("name", "bound"), [("ab", "greater than or equal to 3"), ("a" * 256, "less than or equal to 255")]
)
def test_the_length_of_a_tables_name(unchecked: Any, name: str, bound: str) -> None:
    """Section 2, row "TableName shorter than 3 or longer than 255"; the text is the one that AWS has given since."""
    message = f"{COUNTED}Value '{name}' at 'tableName' {FAILED} have length {bound}"
    with refused("ValidationException", message):
        update(unchecked, name, **ON)
    with refused("ValidationException", message):
        describe(unchecked, name)


def test_a_character_no_table_has(unchecked: Any) -> None:
    """Section 2, row "TableName with a bad character"."""
    message = f"{COUNTED}Value 'abc;' at 'tableName' {FAILED} satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    with refused("ValidationException", message):
        update(unchecked, "abc;", **ON)
    with refused("ValidationException", message):
        describe(unchecked, "abc;")


def test_the_shape_comes_first(unchecked: Any) -> None:
    """Section 2, "Order of checks": shape before existence."""
    with refused("ValidationException", COUNTED + NO_NAME):
        update(unchecked, "wire-none", Enabled=True)


def test_existence_comes_before_content(dynamodb: Any, fresh: str) -> None:
    """Section 2, "Order of checks": existence before content."""
    update(dynamodb, fresh, **ON)
    dynamodb.delete_table(TableName=fresh)
    with refused("ResourceNotFoundException"):
        update(dynamodb, fresh, **ON)


def test_no_status_in_between(dynamodb: Any, fresh: str) -> None:
    """Section 3, row "ENABLING / DISABLING seen": never; the table stays ACTIVE."""
    for specification, status in ((ON, "ENABLED"), (OFF, "DISABLED")):
        update(dynamodb, fresh, **specification)
        assert describe(dynamodb, fresh)["TimeToLiveDescription"]["TimeToLiveStatus"] == status
        assert dynamodb.describe_table(TableName=fresh)["Table"]["TableStatus"] == "ACTIVE"


def test_describing_often(dynamodb: Any, fresh: str) -> None:
    """Section 3, row "DescribeTimeToLive rate": nothing is throttled here."""
    for _ in range(30):
        describe(dynamodb, fresh)
