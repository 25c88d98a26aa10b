"""Sections 3 and 4 of what is known of event source mappings, for a stack that is stopped and started again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from everwarm.lambdas.mappings.lanes import lane_of
from everwarm.stream_record import Record
from tests.stack.support import eventually
from tests.wire.mapped import Mapped, Triggered, running

FUNCTIONS = {
    "limited": Triggered("batchSize: 100, maximumRetryAttempts: 2", "raise ValueError('no good')"),
    "halved": Triggered(
        "batchSize: 100, bisectBatchOnFunctionError: true", "if call == 0: raise ValueError('no good')"
    ),
    "partial": Triggered(
        "batchSize: 100, functionResponseType: ReportBatchItemFailures",
        "return failures(event, 'c') if call == 0 else {}",
    ),
    "lanes": Triggered("batchSize: 1, parallelizationFactor: 10", "if keys(event) == ['bad']: raise ValueError('no')"),
}

Run = Callable[[], AbstractContextManager[Mapped]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Starts the stack on the data that it left."""
    return lambda: running(tmp_path, FUNCTIONS, memory=False, data=tmp_path / "data")


def test_what_failed_before_goes_on_after(run: Run) -> None:
    """Section 3, row "Delivery is at least once"; section 4, rows "Attempts", "Bisect"; section 5, row "one or several
    valid identifiers": a failed batch keeps its records and its count, what was done of it is not repeated."""
    good = [str(place) for place in range(20)]
    with run() as mapped:
        for table in ("limited", "halved", "partial"):
            mapped.put(table, "a", "b", "c", "d")
        mapped.put("lanes", "bad", *good)
        for function in ("limited", "halved", "partial"):
            eventually(lambda function=function: mapped.ended[f"shop-dev-{function}"])  # type: ignore[misc]
        eventually(lambda: mapped.ended["shop-dev-lanes"] >= 15)
    with run() as mapped:
        mapped.put("limited", "e")
        mapped.wait("limited", 2, step_s=0.25)
        eventually(lambda: mapped.ended["shop-dev-limited"])
        assert mapped.wait("halved", 3) == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"]]
        assert mapped.wait("partial", 2) == [["a", "b", "c", "d"], ["c", "d"]]
    with run() as mapped:
        (kept,) = mapped.given_up("limited")
        assert kept.attempts == 3
        assert mapped.sent("limited")[:3] == [["a", "b", "c", "d"]] * 3
        assert ["e"] in mapped.wait("limited", 4, step_s=0.25)
        free = [name for name in good if lane_of(_record(name), "pk", 10) != lane_of(_record("bad"), "pk", 10)]
        eventually(lambda: len({tuple(sent) for sent in mapped.sent("lanes")}) == 1 + len(free))
    sent = [key for batch in mapped.sent("lanes") for key in batch]
    assert {key for key in sent if sent.count(key) > 1} == {"bad"}
    assert set(sent) == {"bad", *free}


def _record(key: str) -> Record:
    return {"dynamodb": {"Keys": {"pk": {"S": key}}}}
