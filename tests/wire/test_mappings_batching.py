"""Sections 1 and 3 of what is known of event source mappings: when a batch is sent, and what is in it."""

from collections.abc import Iterator

import pytest

from tests.stack.support import eventually
from tests.wire.mapped import Mapped, Triggered, running

FUNCTIONS = {
    "sized": Triggered("batchSize: 3"),
    "default": Triggered(""),
    "windowed": Triggered("batchSize: 3, batchWindow: 10"),
    "beside": Triggered("batchSize: 100", table="windowed"),
    "large": Triggered("batchSize: 10000, batchWindow: 300", "return None"),
    "slow": Triggered(
        "batchSize: 100, batchWindow: 10",
        "while call == 0 and not os.path.exists('go'): time.sleep(0.01)",
    ),
    "observer": Triggered("batchSize: 100", table="slow"),
    "parallel": Triggered(
        "batchSize: 1, parallelizationFactor: 2",
        "while keys(event)[0] in ('a', 'b') and sum(1 for _ in open('parallel.calls')) < 2: time.sleep(0.01)",
    ),
    "filtered": Triggered('batchSize: 2, filterPatterns: [{dynamodb: {NewImage: {kind: {S: ["wanted"]}}}}]'),
    "off": Triggered("enabled: false"),
    "on": Triggered("batchSize: 100", table="off"),
    "one": Triggered("batchSize: 100"),
    "two": Triggered("batchSize: 2", table="one"),
    "three": Triggered("batchSize: 3, batchWindow: 1", table="one"),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        yield mapped


def test_a_batch_has_batch_size_records_at_the_most(mapped: Mapped) -> None:
    """Section 1, row "BatchSize"; section 3, row "Order is per shard"."""
    mapped.put("sized", *"abcdefg")
    assert mapped.wait("sized", 3) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_the_frameworks_default_batch_is_ten(mapped: Mapped) -> None:
    """Section 1, row "BatchSize", default; the framework's is 10 where AWS's is 100."""
    mapped.put("default", *"abcdefghijkl")
    assert [len(batch) for batch in mapped.wait("default", 2)] == [10, 2]


def test_without_a_window_a_record_is_sent_at_once(mapped: Mapped) -> None:
    """Section 3, rows "Window 0" and "Each shard is polled": the clock stands still, and it is called."""
    now = mapped.clock.now()
    mapped.put("windowed", "at-once")
    assert ["at-once"] in mapped.wait("beside", 1)
    assert mapped.clock.now() == now
    mapped.clock.advance(10)
    mapped.wait("windowed", 1)


def test_a_window_gathers_until_it_ends(mapped: Mapped) -> None:
    """Section 1, row "MaximumBatchingWindowInSeconds"; section 3, row "A batch is sent when the window ends"."""
    before, beside = len(mapped.sent("windowed")), len(mapped.sent("beside"))
    mapped.put("windowed", "one")
    mapped.wait("beside", beside + 1)
    mapped.clock.advance(5)
    mapped.put("windowed", "two")
    mapped.wait("beside", beside + 2)
    assert len(mapped.sent("windowed")) == before
    mapped.clock.advance(5)
    assert mapped.wait("windowed", before + 1)[before:] == [["one", "two"]]


def test_a_full_batch_does_not_wait_for_the_window(mapped: Mapped) -> None:
    """Section 3, row "A batch is sent when ... BatchSize is reached"."""
    before, now = len(mapped.sent("windowed")), mapped.clock.now()
    mapped.put("windowed", "x", "y", "z")
    assert mapped.wait("windowed", before + 1)[before:] == [["x", "y", "z"]]
    assert mapped.clock.now() == now


def test_a_payload_of_6_mb_does_not_wait_for_the_window(mapped: Mapped) -> None:
    """Section 3, row "A batch is sent when ... the payload reaches 6 MB"."""
    now = mapped.clock.now()
    for place in range(17):
        mapped.put("large", f"item-{place:02}", text={"S": "x" * 390_000})
    assert mapped.wait("large", 1) == [[f"item-{place:02}" for place in range(16)]]
    assert mapped.clock.now() == now
    # Its window opens once the call before has ended, which is not seen from here: so the clock is moved on and on.
    assert mapped.wait("large", 2, step_s=30)[1] == ["item-16"]


def test_the_next_window_starts_when_the_previous_invocation_ends(mapped: Mapped) -> None:
    """Section 3, row of that name."""
    mapped.put("slow", "first")
    mapped.wait("observer", 1)
    mapped.clock.advance(10)
    mapped.wait("slow", 1)
    mapped.put("slow", "second")
    mapped.wait("observer", 2)
    mapped.clock.advance(20)  # twice the window, while the function still runs
    mapped.allow("go")
    seen = len(mapped.sent("observer"))
    eventually(lambda: mapped.ended["shop-dev-slow"])
    mapped.put("slow", "third")
    mapped.wait("observer", seen + 1)
    assert len(mapped.sent("slow")) == 1
    assert mapped.wait("slow", 2, step_s=0.5)[1] == ["second", "third"]


def test_a_shard_has_as_many_batches_at_a_time_as_the_factor_says(mapped: Mapped) -> None:
    """Section 1, row "ParallelizationFactor": each of the two calls ends when both have begun."""
    mapped.put("parallel", *[chr(ord("a") + place) for place in range(8)])
    assert sorted(key for batch in mapped.wait("parallel", 8) for key in batch) == list("abcdefgh")


def test_filters_run_before_a_record_joins_a_batch(mapped: Mapped) -> None:
    """Section 1, row "FilterCriteria"; section 3, row "Filters run per record"."""
    mapped.put("filtered", "a", "b", kind={"S": "other"})
    mapped.put("filtered", "c", kind={"S": "wanted"})
    assert mapped.wait("filtered", 1)[0] == ["c"]
    mapped.put("filtered", "d", "e", "f", kind={"S": "wanted"})
    assert mapped.wait("filtered", 3)[1:] == [["d", "e"], ["f"]]


def test_a_mapping_that_is_off_calls_nothing(mapped: Mapped) -> None:
    """Section 1, row "Enabled"."""
    for turn in (1, 2, 3):
        mapped.put("off", str(turn))
        mapped.wait("on", turn)
    assert mapped.sent("off") == []


def test_every_reader_of_a_stream_gets_every_record(mapped: Mapped) -> None:
    """Section 3, row "At most two readers per shard": none is throttled here."""
    for key in "abcdefgh":
        mapped.put("one", key)
    for reader in ("one", "two", "three"):
        read = eventually(
            lambda reader=reader: (  # type: ignore[misc]
                found if len(found := [key for batch in mapped.sent(reader) for key in batch]) == 8 else None
            ),
            meanwhile=lambda: mapped.clock.advance(1),
        )
        assert read == list("abcdefgh")
