from everwarm.lambdas.runtime.counters import DURATION_BOUNDS_S, Counters
from everwarm.lambdas.runtime.replies import UNHANDLED, Reply


def test_what_is_counted() -> None:
    counters = Counters()
    for reply in (
        Reply(b"", None, "1", duration_s=0.001, init_s=0.2),
        Reply(b"", UNHANDLED, "2", duration_s=0.3),
        Reply(b"", UNHANDLED, "3", duration_s=1000.0, timed_out=True),
    ):
        counters.count(reply)
    assert (counters.invocations, counters.errors, counters.timeouts, counters.cold_starts) == (3, 2, 1, 1)
    assert counters.duration_s == 1000.301
    found = {bound: n for bound, n in zip([*DURATION_BOUNDS_S, None], counters.durations, strict=True) if n}
    assert found == {0.001: 1, 0.5: 1, None: 1}
