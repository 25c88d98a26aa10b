from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]

BATCH = "          batchSize: 50\n"


def more(*settings: str) -> tuple[str, str]:
    return BATCH, BATCH + "".join(f"          {setting}\n" for setting in settings)


@pytest.mark.parametrize(("timeout", "told"), [("900", True), ("600", True), ("599", False)])
def test_a_call_that_may_outlast_the_records_age(found: Find, timeout: str, told: bool) -> None:
    result = found(more("maximumRecordAgeInSeconds: 600"), ("timeout: 30", f"timeout: {timeout}"))
    assert result.codes == (["timeout-beyond-record-age"] if told else [])
    if told:
        assert result.line("timeout-beyond-record-age") == "maximumRecordAgeInSeconds: 600"


def test_no_age_no_finding(found: Find) -> None:
    assert found(more("maximumRecordAgeInSeconds: -1"), ("timeout: 30", "timeout: 900")).codes == []


@pytest.mark.parametrize(("window", "told"), [("60", True), ("59", False)])
def test_a_window_that_outlasts_the_records_age(found: Find, window: str, told: bool) -> None:
    result = found(more("maximumRecordAgeInSeconds: 60", f"batchWindow: {window}"))
    assert result.codes == (["window-beyond-record-age"] if told else [])
    if told:
        assert result.only("window-beyond-record-age").fix == "batchWindow: 30"


# event-source-mapping.md, section 3: LATEST can miss records written during creation or update.
def test_latest(found: Find) -> None:
    result = found(more("startingPosition: LATEST"))
    assert result.codes == ["latest-loses-records"]
    assert result.only("latest-loses-records").weight is Weight.NOTICE
    assert result.line("latest-loses-records") == "startingPosition: LATEST"


@pytest.mark.parametrize(
    ("batch_size", "timeout", "told"), [("101", "", True), ("100", "", False), ("101", "    timeout: 6\n", False)]
)
def test_a_large_batch_and_a_timeout_that_nobody_chose(found: Find, batch_size: str, timeout: str, told: bool) -> None:
    result = found(("    timeout: 30\n", timeout), ("batchSize: 50", f"batchSize: {batch_size}"))
    assert result.codes == (["default-timeout"] if told else [])


@pytest.mark.parametrize(
    ("reserved", "code"), [("0", "no-concurrency"), ("3", "fewer-calls-than-lanes"), ("4", None), ("null", None)]
)
def test_calls_at_a_time(found: Find, reserved: str, code: str | None) -> None:
    result = found(
        more("parallelizationFactor: 4"),
        ("    timeout: 30\n", f"    timeout: 30\n    reservedConcurrency: {reserved}\n"),
    )
    assert result.codes == ([code] if code else [])
    if code:
        assert result.line(code).startswith("reservedConcurrency")
