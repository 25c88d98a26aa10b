"""What waits for the writer: a body to run in a transaction, and the future of what comes of it.

A future is one for threads, or one of an event loop. Those of a loop are settled together, in one call of the loop for
a whole commit group: handing them over one by one costs more than many a write.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from everwarm.dynamodb.storage.transaction import Tx

T = TypeVar("T")


@dataclass(slots=True)
class Job(Generic[T]):
    """One write.

    Attributes:
        body: what is to happen in the transaction.
        alone: commit it by itself.
        future: gets what the body returned or raised, once that is durable.
        frees: it gives room back: do it though the disk is nearly full.
    """

    body: Callable[[Tx], T]
    alone: bool
    future: "Future[T] | asyncio.Future[T]"
    frees: bool = False

    def begin(self) -> bool:
        """Whether it is still wanted; one that waits on a thread's future cannot be cancelled from here on."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


class Outcome(NamedTuple):
    """What came of a job: a result, or an error."""

    job: Job[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Put it into the job's future; on the loop's own thread, if it is a loop's."""
        future = self.job.future
        if isinstance(future, asyncio.Future) and future.done():
            return  # cancelled while the writer was at it
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(self.result)


def settle(outcomes: list[Outcome]) -> None:
    """Put the outcomes of a group into their futures, from the writer's thread."""
    on_loops: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        future = outcome.job.future
        if isinstance(future, Future):
            outcome.settle()
        else:
            on_loops.setdefault(future.get_loop(), []).append(outcome)
    for loop, some in on_loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits
            loop.call_soon_threadsafe(_settle_here, some)


def _settle_here(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        outcome.settle()
