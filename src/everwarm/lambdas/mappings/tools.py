"""What every part of a running mapping works with: the way to the stream, to the function and to the disk."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from everwarm.client import Client
from everwarm.clock import Clock
from everwarm.lambdas.mappings.checkpoint import Checkpoints
from everwarm.lambdas.mappings.failed import Failures
from everwarm.lambdas.mappings.filters import Filters
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.patience import Nudge
from everwarm.lambdas.mappings.stats import OnBatch, Stats
from everwarm.lambdas.runtime.replies import Invoke


@dataclass(frozen=True, slots=True)
class Tools:
    """One run of a mapping.

    Attributes:
        mapping: what is run.
        filters: which records the function gets.
        client: where the stream is.
        checkpoints: where positions are kept.
        invoke: calls the function.
        failures: takes what is given up.
        clock: for ages, windows and pauses.
        stop: set when the run is to end.
        nudge: ends the pauses between retries, `stop` included.
        stats: counts what happens.
        on_batch: told of every call.
        jitter: a number from 0 to 1 by chance.
    """

    mapping: Mapping
    filters: Filters
    client: Client
    checkpoints: Checkpoints
    invoke: Invoke
    failures: Failures
    clock: Clock
    stop: asyncio.Event
    nudge: Nudge
    stats: Stats
    on_batch: OnBatch
    jitter: Callable[[], float]
