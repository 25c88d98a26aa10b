from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]

ARN = "arn: !GetAtt Orders.StreamArn"


# serverless-yml.md, section 2, `{Stream}`; tests/examples/test_osls_settings.py has osls say so.
@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("!GetAtt Orders.StreamArn", False),
        ("!Join ['/', [!GetAtt Orders.Arn, stream/x]]", False),
        ("arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x", False),
        ("!Sub '${Orders.StreamArn}'", True),
    ],
)
def test_an_arn_that_the_framework_cannot_package(found: Find, arn: str, told: bool) -> None:
    result = found((ARN, f"arn: {arn}"))
    assert result.codes == (["nameless-arn"] if told else [])
    if told:
        assert result.only("nameless-arn").fix == ARN


def test_a_setting_that_there_is_not(found: Find) -> None:
    result = found(("batchSize: 50", "batchsize: 50"), more="configValidationMode: warn\n")
    assert result.codes == ["unknown-setting"]
    assert result.line("unknown-setting") == "batchsize: 50"


def test_an_event_that_another_replaces(found: Find) -> None:
    event = "      - stream: {type: dynamodb, arn: !GetAtt Orders.StreamArn, enabled: false}\n"
    result = found(("      - stream:\n", f"{event}      - stream:\n"))
    assert result.codes == ["replaced-event"]
    assert result.line("replaced-event").startswith("stream: {type")


def test_what_is_not_run_here(found: Find) -> None:
    result = found(("    events:\n", "    events:\n      - schedule: rate(1 hour)\n"))
    assert result.codes == ["not-run-here"]
    assert result.only("not-run-here").weight is Weight.NOTICE
    assert result.line("not-run-here").startswith("schedule")


def test_a_setting_for_kinesis(found: Find) -> None:
    assert found(("batchSize: 50", "consumer: true")).codes == ["unknown-setting"]
