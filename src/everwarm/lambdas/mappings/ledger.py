"""What of a shard has been read and what of that is done: from it follows the position. Pure.

With several lanes records are done out of order. The shard's position is before the oldest one that is not, so that a
crash loses nothing; how far each lane is stands beside it, so that little is repeated.

Not here: when the position is saved (`saver.py`).
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.checkpoint import LanePosition, Pending, Position


class _Open(NamedTuple):
    """A record that was read and is not done.

    Attributes:
        turn: counts up through all lanes.
        number, before: its sequence number, and the one that was read before it in the shard.
        created_s: epoch seconds.
    """

    turn: int
    number: str
    before: str | None
    created_s: float


class Ledger:
    """The books of one shard. They grow with what is open, not with what was done behind it.

    Attributes:
        window: the tumbling window that is open, with its state.
    """

    def __init__(self, position: Position, lanes: int) -> None:
        """Go on from a saved position, with so many lanes."""
        self.window = position.window
        # With another number of lanes each record may be in another one: what was said of lanes means nothing then.
        known = position.lanes if len(position.lanes) == lanes else (LanePosition(),) * lanes
        self._done = [lane.after for lane in known]
        self._pending = [lane.pending for lane in known]
        self._open: list[deque[_Open]] = [deque() for _ in known]
        self._read = position.after
        self._turns = 0

    @property
    def oldest_s(self) -> float | None:
        """When the oldest record that was read and is not done was made, in epoch seconds."""
        oldest = self._oldest()
        return None if oldest is None else oldest.created_s

    def position(self) -> Position:
        """What is to be remembered now."""
        oldest = self._oldest()
        lanes: tuple[LanePosition, ...] = ()
        if len(self._pending) > 1 or any(self._pending):
            lanes = tuple(map(LanePosition, self._done, self._pending))
        return Position(self._read if oldest is None else oldest.before, lanes=lanes, window=self.window)

    def pending(self, lane: int) -> tuple[Pending, ...]:
        """The batches of a lane that have failed."""
        return self._pending[lane]

    def done_up_to(self, lane: int) -> str | None:
        """The sequence number of a lane's last record that is done."""
        return self._done[lane]

    def read(self, lane: int, number: str, created_s: float) -> None:
        """A record of a lane was read: the next one of the shard."""
        self._turns += 1
        self._open[lane].append(_Open(self._turns, number, self._read, created_s))
        self._read = number

    def passed_over(self, number: str) -> None:
        """A record was read that nobody has to do anything with: the next one of the shard."""
        self._read = number

    def done(self, lane: int, count: int) -> None:
        """So many records of a lane, from its oldest on, are done or given up."""
        if count:
            for _ in range(count - 1):
                self._open[lane].popleft()
            self._done[lane] = self._open[lane].popleft().number

    def failed(self, lane: int, batches: Iterable[Batch], later: Iterable[Pending] = ()) -> None:
        """These batches of a lane are to be sent again, in this order; none if there are none.

        Args:
            later: those of an earlier run that follow them.
        """
        tried = (Pending(batch.first, batch.last, batch.attempts) for batch in batches if batch.records)
        self._pending[lane] = (*tried, *later)

    def _oldest(self) -> _Open | None:
        return min((records[0] for records in self._open if records), default=None)
