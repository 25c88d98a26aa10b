"""Who takes a failure: its destination or the store. Real queues: tests/wire/test_mappings_destinations*.py."""

from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.storage.layout import FAILURE
from everwarm.dynamodb.storage.store import Store
from everwarm.lambdas.failures.destinations import PAUSE_S, Destinations
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.sending import Sender
from everwarm.lambdas.failures.store import FailureStore
from tests.unit.lambdas.failures.batches import AT, failed

QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead"


@pytest.mark.parametrize("jump_s", [0.0, -24 * 3600.0])
async def test_a_destination_that_failed_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    """A while is not a moment: a clock that is put back does not make it a day."""
    sent: list[int] = []

    def send(self: Sender, *_: Any) -> None:
        sent.append(len(sent))
        if len(sent) == 1:
            raise LookupError("there is no such queue")

    monkeypatch.setattr(Sender, "send", send)
    clock = ManualClock(AT)
    store = Store.open(None)
    destinations = Destinations(FailureStore(store, FAILURE, clock), Endpoints.of("http://127.0.0.1:1", {}), clock)
    await destinations.keep(failed(1, on_failure=QUEUE))
    clock.jump(jump_s)
    clock.advance(PAUSE_S - 1)
    await destinations.keep(failed(2, on_failure=QUEUE))
    assert (len(sent), destinations.store.counts.failures) == (1, 2)
    clock.advance(1)
    await destinations.keep(failed(3, on_failure=QUEUE))
    assert (len(sent), destinations.store.counts.failures) == (2, 2)
    store.close()
