import asyncio
import json
from collections.abc import Callable, Iterator

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.storage.layout import FAILURE
from everwarm.dynamodb.storage.store import Store
from everwarm.errors import ControlError, FailureNotFound, FunctionError
from everwarm.lambdas.failures.redrive import Redriven, Redriver
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.failures.batches import AT, failed
from tests.unit.lambdas.mappings.fake_stream import ARN, number, places

FAILED = b'{"errorType": "KeyError", "errorMessage": "x"}'


@pytest.fixture
def store() -> Iterator[FailureStore]:
    opened = Store.open(None)
    yield FailureStore(opened, FAILURE, ManualClock(AT + 60))
    opened.close()


class Function:
    """Answers as told, and remembers what it was called with."""

    def __init__(self, answer: Callable[[], Reply]) -> None:
        self.answer = answer
        self.calls: list[tuple[str, bytes]] = []
        self.qualifiers: list[str | None] = []

    async def __call__(self, name: str, event: bytes, *, qualifier: str | None) -> Reply:
        self.calls.append((name, event))
        self.qualifiers.append(qualifier)
        return self.answer()


def replies(payload: bytes, function_error: str | None = None) -> Callable[[], Reply]:
    return lambda: Reply(payload, function_error, "id")


async def test_success(store: FailureStore) -> None:
    function = Function(replies(b"null"))
    await store.keep(failed(1, 2))
    assert await Redriver(store, function).redrive(1) == Redriven(1, done=2, left=0, error=None)
    assert store.page() == []
    ((name, event),) = function.calls
    records = json.loads(event)["Records"]
    assert name == "shop-dev-refresh"
    assert places(records) == [1, 2]
    assert records[0]["eventSourceARN"] == ARN


async def test_the_version_that_the_mapping_names_is_called(store: FailureStore) -> None:
    function = Function(replies(b"null"))
    await store.keep(failed(1, qualifier="live"))
    await Redriver(store, function).redrive(1)
    assert function.qualifiers == ["live"]


async def test_it_fails_again(store: FailureStore) -> None:
    await store.keep(failed(1, 2, attempts=4))
    redriver = Redriver(store, Function(replies(FAILED, "Unhandled")))
    for times in (1, 2):
        assert await redriver.redrive(1) == Redriven(1, done=0, left=2, error="KeyError: x")
        kept = store.get(1)
        assert (kept.attempts, kept.redriven, kept.redriven_at) == (4 + times, times, AT + 60)
        assert kept.error == "KeyError: x"


async def test_the_function_names_what_failed(store: FailureStore) -> None:
    """With ReportBatchItemFailures what comes before the first one named is done."""
    await store.keep(failed(1, 2, 3, partial=True))
    answer = json.dumps({"batchItemFailures": [{"itemIdentifier": number(2)}]}).encode()
    redriven = await Redriver(store, Function(replies(answer))).redrive(1)
    assert (redriven.done, redriven.left) == (1, 2)
    assert places(store.records(1)) == [2, 3]


async def test_what_it_names_without_being_asked_is_not_heard(store: FailureStore) -> None:
    await store.keep(failed(1, 2, 3))
    answer = json.dumps({"batchItemFailures": [{"itemIdentifier": number(2)}]}).encode()
    assert (await Redriver(store, Function(replies(answer))).redrive(1)).left == 0


async def test_a_function_that_is_gone(store: FailureStore) -> None:
    def gone() -> Reply:
        raise FunctionError("Function not found: refresh")

    await store.keep(failed(1, attempts=4))
    redriven = await Redriver(store, Function(gone)).redrive(1)
    assert redriven == Redriven(1, done=0, left=1, error="Function not found: refresh")
    assert store.get(1).attempts == 4, "it was not called"
    assert store.get(1).redriven == 1


async def test_a_failure_that_there_is_not(store: FailureStore) -> None:
    with pytest.raises(FailureNotFound):
        await Redriver(store, Function(replies(b"null"))).redrive(1)


async def test_two_at_once(store: FailureStore) -> None:
    await store.keep(failed(1))
    called, answered = asyncio.Event(), asyncio.Event()

    async def slow(name: str, event: bytes, *, qualifier: str | None) -> Reply:
        called.set()
        await answered.wait()
        return Reply(b"null", None, "id")

    redriver = Redriver(store, slow)
    first = asyncio.ensure_future(redriver.redrive(1))
    await called.wait()
    with pytest.raises(ControlError, match="being redriven already"):
        await redriver.redrive(1)
    answered.set()
    assert (await first).done == 1


async def test_purged_meanwhile(store: FailureStore) -> None:
    await store.keep(failed(1))

    async def purges(name: str, event: bytes, *, qualifier: str | None) -> Reply:
        await store.remove(1)
        return Reply(FAILED, "Unhandled", "id")

    assert await Redriver(store, purges).redrive(1) == Redriven(1, done=0, left=0, error="KeyError: x")
    assert store.page() == []
