"""What the pools of all functions share: the clock, the watch over memory, and the room for worker processes.

A function that needs a process when there are as many as there may be gets the place of the one that has been idle for
longest. If none is idle, it waits, and who has many processes gives one up for who has few.
"""

import asyncio
import contextlib
import os
from collections import Counter, deque
from typing import Protocol

from everwarm.clock import Clock, SystemClock
from everwarm.lambdas.runtime.memory import MemoryWatch

PROCESSES_PER_CPU = 16
LEAST_PROCESSES = 32


class Tenant(Protocol):
    """Who has processes here: a pool."""

    @property
    def idle_since(self) -> float | None:
        """Since when the longest idle of its processes is idle; None if all are busy."""
        ...

    def end_idle(self) -> None:
        """End that one. It leaves when it is gone."""
        ...


class Room:
    """Places for processes."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken: Counter[Tenant] = Counter()
        self._waiting: deque[tuple[Tenant, asyncio.Future[bool]]] = deque()

    @property
    def taken(self) -> int:
        """How many processes there are."""
        return self._taken.total()

    async def enter(self, tenant: Tenant) -> bool:
        """Wait for a place.

        Returns:
            Whether there is one, for a process that has to `leave`; else look again for an idle process of your own.
        """
        if self.taken < self._places and not self._waiting:
            self._taken[tenant] += 1
            return True
        self._make_room(tenant)
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((tenant, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.done() or turn.cancelled():
                with contextlib.suppress(ValueError):  # it was passed over since it was cancelled
                    self._waiting.remove((tenant, turn))
            elif turn.result():
                self.leave(tenant)
            else:
                self._wake_one_of(tenant)
            raise

    def leave(self, tenant: Tenant) -> None:
        """A process is gone."""
        self._taken[tenant] -= 1
        if not self._taken[tenant]:
            del self._taken[tenant]
        while self._waiting and self.taken < self._places:
            first, turn = self._waiting.popleft()
            if not turn.done():
                self._taken[first] += 1
                turn.set_result(True)

    def must_go(self, tenant: Tenant) -> bool:
        """A process has nothing to do: whether it has to end, because others need its place more than its own do."""
        if not self._waiting:
            return False
        first, _ = self._waiting[0]
        if first is tenant or (
            self._taken[tenant] <= self._taken[first] + 1 and any(other is tenant for other, _ in self._waiting)
        ):
            self._wake_one_of(tenant)
            return False
        return True

    def _make_room(self, tenant: Tenant) -> None:
        others = [(since, other) for other in self._taken if (since := other.idle_since) is not None]
        if others:
            min(others, key=lambda pair: pair[0])[1].end_idle()

    def _wake_one_of(self, tenant: Tenant) -> None:
        for n, (other, turn) in enumerate(self._waiting):
            if other is tenant and not turn.done():
                del self._waiting[n]
                turn.set_result(False)
                return


class Machine:
    """The machine that functions run on.

    Attributes:
        clock: by which idle processes are retired.
        watch: over the memory of calls under way.
        room: for processes.
    """

    def __init__(self, clock: Clock | None = None, *, processes: int | None = None) -> None:
        """
        Args:
            clock: the system's unless given.
            processes: how many there may be at once; by the number of processors unless given.
        """
        self.clock = clock or SystemClock()
        self.watch = MemoryWatch()
        self.room = Room(processes or max(LEAST_PROCESSES, PROCESSES_PER_CPU * (os.cpu_count() or 1)))

    async def stop(self) -> None:
        """When all pools have stopped."""
        await self.watch.stop()
