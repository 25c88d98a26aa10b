"""Ctrl-C, SIGTERM and a closed terminal: the first one asks for a clean end, a later one ends the process at once."""

import contextlib
import os
import queue
import signal
from types import FrameType

from everwarm.clock import monotonic

# A wrapper such as a process runner passes Ctrl-C on to a process that the terminal has told already.
SAME_REQUEST_S = 1.0


class Stopping:
    """Whether the process has been asked to end."""

    def __init__(self) -> None:
        """Take over the signals. From the main thread only (`ValueError`)."""
        # Not a threading.Event: set() takes a lock, which the code that the signal interrupts may be holding.
        self._requests: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._first_at: float | None = None
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Ignored is what nohup makes of a SIGHUP.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def wait(self, timeout_s: float) -> bool:
        """Wait for a request, until one came or the time is over; True from the first one on."""
        if not self._asked:
            with contextlib.suppress(queue.Empty):
                self._requests.get(timeout=timeout_s)
                self._asked = True
        return self._asked

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = monotonic()
        if self._first_at is None:
            self._first_at = now
            self._requests.put(number)
        elif now - self._first_at > SAME_REQUEST_S:
            # As if we had never taken it over. Nothing acknowledged is lost, and worker processes end with us.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
