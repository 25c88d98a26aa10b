"""Whose turn it is: up to a number of callers at a time, the others in the order in which they came."""

import asyncio
import contextlib
from collections import deque


class Turns:
    """Like `asyncio.Semaphore`, with a limit that may change and a queue that may be looked at."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def full(self) -> bool:
        """Whether the next one would have to wait."""
        return self._taken >= self._limit or bool(self._waiting)

    @property
    def taken(self) -> int:
        """How many have a turn."""
        return self._taken

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def take(self) -> None:
        """Wait for one's turn. It has to be given back."""
        if not self.full:
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()  # it came just then
            else:
                with contextlib.suppress(ValueError):  # it was passed over since it was cancelled
                    self._waiting.remove(turn)
            raise

    def give_back(self) -> None:
        """One's turn is over."""
        self._taken -= 1
        self._serve()

    def change(self, limit: int) -> None:
        """Have another limit from now on; those who have a turn keep it."""
        self._limit = limit
        self._serve()

    def refuse(self, error: Exception) -> None:
        """Nobody who waits now gets a turn: `take` raises the error."""
        waiting, self._waiting = self._waiting, deque()
        for turn in waiting:
            if not turn.done():
                turn.set_exception(error)

    def _serve(self) -> None:
        while self._waiting and self._taken < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
