"""Tumbling windows: stretches of time, one after the other, through which a function carries its state. Pure.

Not here: when a window's batches are sent and when it ends (`gatherer.py`), how its state survives (`ledger.py`).

Source: "Using tumbling windows" in "Stateful processing for DynamoDB streams", Lambda developer guide.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

EMPTY_STATE = b"{}"

# A larger state ends the window early.
STATE_LIMIT_BYTES = 1024 * 1024

# A record's time is taken a moment before it can be read. A window that has no later record is held open this long.
GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """A window, and how a call belongs to it.

    Attributes:
        start_s, end_s: epoch seconds; the end is the start of the next window.
        final: the call that ends the window.
        early: it ends before its time: the shard is closed, or the state became too large.
    """

    start_s: int
    end_s: int
    final: bool = False
    early: bool = False

    @classmethod
    def of(cls, created_s: float, length_s: int) -> "Window":
        """The window that a record falls into, by the time of its change in epoch seconds."""
        start_s = int(created_s) // length_s * length_s
        return cls(start_s, start_s + length_s)

    def ending(self, *, early: bool) -> "Window":
        """For the call that ends it."""
        return replace(self, final=True, early=early)


def members(window: Window, state: bytes, shard_id: str, stream_arn: str) -> bytes:
    """What an event has beside its records: JSON without the braces.

    Args:
        state: the JSON that the last call of the window returned.
    """
    told = {
        "window": {"start": _text(window.start_s), "end": _text(window.end_s)},
        "state": orjson.Fragment(state),
        "shardId": shard_id,
        "eventSourceARN": stream_arn,
        "isFinalInvokeForWindow": window.final,
        "isWindowTerminatedEarly": window.early,
    }
    return orjson.dumps(told)[1:-1]


def _text(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
