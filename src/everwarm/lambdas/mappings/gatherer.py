"""Makes batches of what waits in a lane: full ones while there is plenty, and none later than its window allows.

Source: "Polling and batching streams" in the Lambda developer guide: a batch is sent when its window ends, when it
has BatchSize records, or when the event reaches 6 MB. The window of batching is not the tumbling one: that is a stretch
of the records' own time, and no batch reaches across its end.
"""

import asyncio
from math import inf

from everwarm.clock import Clock
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.checkpoint import OpenWindow
from everwarm.lambdas.mappings.intake import Intake
from everwarm.lambdas.mappings.lanes import Lane
from everwarm.lambdas.mappings.ledger import Ledger
from everwarm.lambdas.mappings.patience import first_of
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.windows import EMPTY_STATE, GRACE_S, Window
from everwarm.stream_record import StreamRecord

# What an event of a tumbling window holds beside records and state.
_WINDOW_BYTES = 1024


class Gatherer:
    """Gathers the batches of one lane, one after the other."""

    def __init__(
        self, settings: MappingSettings, lane: Lane, intake: Intake, ledger: Ledger, clock: Clock, stop: asyncio.Event
    ) -> None:
        self._batch_size = settings.batch_size
        self._window_s = settings.batching_window_s
        self._tumbling_s = settings.tumbling_window_s
        self._lane = lane
        self._intake = intake
        self._ledger = ledger
        self._clock = clock
        self._stop = stop

    async def gather(self) -> Batch | None:
        """Wait for the next batch. None when the shard has no more for ever, or `stop` came first.

        The window opens with the batch's first record, at the earliest when this is called.
        """
        lane, intake = self._lane, self._intake
        window_ends = inf
        lane.free = True
        intake.look()
        intake.want()
        try:
            while not self._stop.is_set():
                lane.changed.clear()
                if lane and window_ends == inf:
                    window_ends = self._clock.elapsed() + self._window_s
                if lane.pending:
                    batch = self._failed_before()
                elif self._tumbling_s:
                    batch = self._of_window(window_ends)
                else:
                    batch = self._next(window_ends)
                if batch is not None:
                    return batch
                if intake.ended and not lane and not lane.pending and self._ledger.window is None:
                    return None
                await self._wait(window_ends)
            return None
        finally:
            lane.free = False
            intake.want()

    def _next(self, window_ends: float) -> Batch | None:
        if not self._due(window_ends):
            return None
        return Batch.of(self._lane.take(self._batch_size))

    def _due(self, window_ends: float, spare_bytes: int = 0) -> bool:
        """Whether what waits is to be sent now."""
        lane, intake = self._lane, self._intake
        if not lane:
            return False
        if lane.full(self._batch_size, spare_bytes) or intake.full or intake.ended:
            return True
        return not intake.more_at_hand and self._clock.elapsed() >= window_ends

    def _failed_before(self) -> Batch | None:
        """The batch that was being sent again when an earlier run ended, as soon as all of it has been read."""
        lane = self._lane
        while lane.pending:
            pending = lane.pending[0]
            last = int(pending.last)
            if not self._intake.has_read_past(last) and not self._intake.full:
                return None
            lane.pending.popleft()
            # Its records may have left the stream, and other filters may have left some out.
            if entries := lane.take(len(lane), up_to=last):
                window = _window(self._open_window(entries[0])) if self._tumbling_s else None
                return Batch.of(entries, pending.attempts, window)
        lane.changed.set()  # there are none: on with those behind them
        return None

    def _of_window(self, window_ends: float) -> Batch | None:
        """The next batch of the tumbling window, or the call that ends it."""
        lane, intake, ledger = self._lane, self._intake, self._ledger
        first = lane.first
        if ledger.window is None and first is None:
            return None
        window = self._open_window(first)
        if window.over:
            return Batch((), window=_window(window).ending(early=True))
        if first is not None and first.created_s < window.end_s:
            spare_bytes = len(window.state) + _WINDOW_BYTES
            if not (self._due(window_ends, spare_bytes) or self._has_later(window)):
                return None
            entries = lane.take(self._batch_size, spare_bytes=spare_bytes, before_s=window.end_s)
            return Batch.of(entries, window=_window(window))
        now = self._clock.now()
        intake.look()
        if first is not None or (now >= window.end_s + GRACE_S and not intake.more_at_hand):
            return Batch((), window=_window(window).ending(early=False))
        if intake.ended:
            return Batch((), window=_window(window).ending(early=True))
        return None

    def _open_window(self, first: StreamRecord | None) -> OpenWindow:
        """The window that is open, or the one that the next record opens."""
        if self._ledger.window is None:
            assert first is not None
            opened = Window.of(first.created_s, self._tumbling_s)
            self._ledger.window = OpenWindow(opened.start_s, opened.end_s, EMPTY_STATE)
        return self._ledger.window

    def _has_later(self, window: OpenWindow) -> bool:
        """Whether a record waits that is of a later window, so that no more of this one is to come."""
        last = self._lane.last
        return last is not None and last.created_s >= window.end_s

    async def _wait(self, window_ends: float) -> None:
        """Until there is something new in the lane, or one of the windows ends.

        One that has ended is waited for no longer; then it is more to read that is missing.
        """
        clock, changed, window = self._clock, self._lane.changed, self._ledger.window
        left_s = window_ends - clock.elapsed()
        if window is not None:
            ends = window.end_s + GRACE_S
            await first_of(
                clock.pause(left_s if left_s > 0 else inf, changed),
                clock.sleep_until(ends if ends > clock.now() else inf, changed),
            )
        elif 0 < left_s < inf:
            await clock.pause(left_s, changed)
        else:
            await changed.wait()


def _window(window: OpenWindow) -> Window:
    return Window(window.start_s, window.end_s)
