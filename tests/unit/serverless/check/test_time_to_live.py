from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import CODE, Found

Find = Callable[..., Found]

KEY = "AttributeDefinitions: [{AttributeName: id, AttributeType: S}]"
TTL = "TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}"
FILTER = """\
          filterPatterns:
            - eventName: [REMOVE]
              userIdentity: {type: [Service]}
"""
READING = "def handler(event, context):\n    return event['Records'][0]['dynamodb']['{}']\n"


# ttl.md, section 4: TTL attribute is a key of type S; enabling is accepted, nothing ever expires.
@pytest.mark.parametrize("kind", ["S", "B"])
def test_an_attribute_that_is_no_number(found: Find, kind: str) -> None:
    result = found((TTL, TTL.replace("ttl", "id")), (KEY, KEY.replace("Type: S", f"Type: {kind}")))
    assert result.codes == ["ttl-never-expires"]
    assert result.line("ttl-never-expires").startswith("TimeToLiveSpecification")
    assert f"id of orders is of type {kind}" in result.only("ttl-never-expires").what
    assert result.only("ttl-never-expires").weight is Weight.ERROR


# ttl.md, section 4: TTL attribute is the partition key, type N; it expires.
def test_a_key_that_is_a_number(found: Find) -> None:
    assert found((TTL, TTL.replace("ttl", "id")), (KEY, KEY.replace("Type: S", "Type: N"))).codes == []


def test_a_time_to_live_that_is_off_expires_nothing_anyway(found: Find) -> None:
    changes = [(TTL, "TimeToLiveSpecification: {AttributeName: id, Enabled: false}")]
    assert found(*changes).codes == ["no-time-to-live"]


@pytest.mark.parametrize("ttl", ["", TTL.replace("true", "false")])
def test_waiting_for_expiries_that_do_not_come(found: Find, ttl: str) -> None:
    result = found((TTL, ttl))
    assert result.codes == ["no-time-to-live"]
    assert result.line("no-time-to-live").startswith("filterPatterns")
    assert ("is off" if ttl else "is not set") in result.only("no-time-to-live").what


def test_code_that_waits_for_expiries(found: Find) -> None:
    code = "def handler(event, context):\n    return event['Records'][0].get('userIdentity')\n"
    result = found((TTL, ""), (FILTER, ""), code=code)
    assert result.codes == ["no-time-to-live"]
    assert result.line("no-time-to-live") == "Orders:"


# streams.md: a REMOVE carries no new image, and the old one only where the view type has it.
@pytest.mark.parametrize(
    ("view_type", "image", "told"),
    [
        ("NEW_IMAGE", "OldImage", True),
        ("KEYS_ONLY", "OldImage", True),
        ("KEYS_ONLY", "NewImage", True),
        ("OLD_IMAGE", "NewImage", True),
        ("OLD_IMAGE", "OldImage", False),
        ("NEW_IMAGE", "NewImage", False),
        ("KEYS_ONLY", "Keys", False),
    ],
)
def test_code_that_reads_what_is_not_there(found: Find, view_type: str, image: str, told: bool) -> None:
    result = found(("NEW_AND_OLD_IMAGES", view_type), code=READING.replace("{}", image))
    assert result.codes == (["image-not-in-stream"] if told else [])
    if told:
        assert result.line("image-not-in-stream").startswith("StreamSpecification")
        assert f"names {image}, which a stream of {view_type}" in result.only("image-not-in-stream").what


# Where there is no code to ask.
@pytest.mark.parametrize(
    ("view_type", "weight"),
    [("NEW_IMAGE", Weight.WARNING), ("KEYS_ONLY", Weight.NOTICE), ("OLD_IMAGE", None), ("NEW_AND_OLD_IMAGES", None)],
)
def test_expiries_of_which_only_the_key_is_known(found: Find, view_type: str, weight: Weight | None) -> None:
    result = found(("NEW_AND_OLD_IMAGES", view_type), code=None)
    assert [one.weight for one in result.findings if one.code == "no-old-image"] == ([weight] if weight else [])


def test_a_table_that_no_trigger_reads_is_looked_at_too(found: Find) -> None:
    more = (
        "    Other:\n      Type: AWS::DynamoDB::Table\n      Properties:\n"
        "        KeySchema: [{AttributeName: until, KeyType: HASH}]\n"
        "        AttributeDefinitions: [{AttributeName: until, AttributeType: S}]\n"
        "        TimeToLiveSpecification: {AttributeName: until, Enabled: true}\n"
    )
    assert found(more=more, code=CODE).codes == ["ttl-never-expires"]
