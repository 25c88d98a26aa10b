"""The books of a shard against the plainest way to keep them."""

from hypothesis import given
from hypothesis import strategies as st

from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.checkpoint import LanePosition, Pending, Position
from everwarm.lambdas.mappings.ledger import Ledger
from tests.unit.lambdas.mappings.fake_stream import number, record

# A record read into a lane, one that nobody wants (None), or a lane whose oldest record is done (its negative).
moves = st.lists(st.one_of(st.integers(0, 2), st.none(), st.integers(-3, -1)), max_size=60)


@given(moves)
def test_the_position_is_before_the_oldest_record_that_is_not_done(moves: list[int | None]) -> None:
    ledger = Ledger(Position(number(100)), 3)
    read: list[int] = []
    open_in: dict[int, list[int]] = {0: [], 1: [], 2: []}
    done_in: dict[int, str | None] = {0: None, 1: None, 2: None}
    for move in moves:
        place = 101 + len(read)
        if move is None:
            ledger.passed_over(number(place))
            read.append(place)
        elif move >= 0:
            ledger.read(move, number(place), float(place))
            read.append(place)
            open_in[move].append(place)
        elif open_in[lane := -move - 1]:
            done_in[lane] = number(open_in[lane].pop(0))
            ledger.done(lane, 1)
        oldest = min((places[0] for places in open_in.values() if places), default=None)
        position = ledger.position()
        assert position.after == number(oldest - 1 if oldest else read[-1] if read else 100)
        assert [lane.after for lane in position.lanes] == list(done_in.values())
        assert ledger.oldest_s == (None if oldest is None else float(oldest))


def test_a_failed_batch_is_told_until_it_is_done() -> None:
    ledger = Ledger(Position(None), 1)
    for place in (1, 2, 3):
        ledger.read(0, number(place), 0.0)
    later = Pending(number(5), number(6), 0)
    ledger.failed(0, [Batch((record(2), record(3)), attempts=2)], [later])
    pending = (Pending(number(2), number(3), 2), later)
    assert ledger.position() == Position(None, lanes=(LanePosition(None, pending),))
    ledger.done(0, 3)
    ledger.failed(0, [])
    assert ledger.position() == Position(number(3))


def test_what_was_said_of_lanes_counts_for_as_many_lanes_only() -> None:
    lanes = (LanePosition(number(7), (Pending(number(8), number(9), 1),)), LanePosition(number(5)))
    same, other = (Ledger(Position(number(4), lanes=lanes), count) for count in (2, 3))
    assert (same.done_up_to(0), same.pending(0)) == (number(7), lanes[0].pending)
    assert (other.done_up_to(0), other.pending(0)) == (None, ())
    assert same.position().after == other.position().after == number(4)
