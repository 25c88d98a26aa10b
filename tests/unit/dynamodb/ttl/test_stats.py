"""The sweeper's figures: every deletion counts once, in the bucket of its lateness."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.ttl.stats import LATENESS_BOUNDS_S, SweepStats

Call = Callable[..., dict[str, Any]]

NOW = 1_700_000_000


@pytest.mark.parametrize(
    ("late_s", "bucket"),
    [
        (0.0, 0.001),
        (0.001, 0.001),
        (0.002, 0.005),
        (0.3, 0.5),
        (1.0, 1.0),
        (59.0, 60.0),
        (3600.0, 3600.0),
        (9e9, math.inf),
    ],
)
def test_each_in_its_bucket(late_s: float, bucket: float) -> None:
    stats = SweepStats()
    stats.count([0.0], late_s)
    assert {bound for bound, count in stats.lateness_s.items() if count} == {bucket}
    assert (stats.deleted, stats.lateness_sum_s) == (1, late_s)


def test_a_clock_that_went_back_counts_as_on_time() -> None:
    stats = SweepStats()
    stats.count([10.0], 5.0)
    assert (stats.lateness_s[0.001], stats.lateness_sum_s) == (1, 0.0)


def test_what_a_sweep_has_done(call: Call, create: Call, engine: Engine, clock: ManualClock) -> None:
    create("rates", ttl="ttl")
    for key, due in (("a", NOW + 10), ("b", NOW + 12), ("c", NOW + 500)):
        call("PutItem", TableName="rates", Item={"pk": {"S": key}, "ttl": {"N": str(due)}})
    clock.advance(12)
    engine.sweeper.sweep()
    stats = engine.sweeper.stats
    assert (stats.deleted, stats.lateness_sum_s) == (2, 2.0)
    assert stats.lateness_s == {**dict.fromkeys(LATENESS_BOUNDS_S, 0), 0.001: 1, 5.0: 1}
