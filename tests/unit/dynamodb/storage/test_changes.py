"""Transactions against a model: a sorted dict that does the same things must see the same things."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.dynamodb.storage.changes import Changes, pack, unpack
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx

END = b"\xff"

Model = dict[bytes, bytes]

short_keys = st.text("abc", min_size=1, max_size=2).map(str.encode)
ranges = st.tuples(short_keys, short_keys).map(lambda pair: (min(pair), max(pair)))


@dataclass(frozen=True)
class Put:
    key: bytes
    value: bytes

    def apply(self, tx: Tx, model: Model) -> None:
        tx.put(self.key, self.value)
        model[self.key] = self.value


@dataclass(frozen=True)
class Delete:
    key: bytes

    def apply(self, tx: Tx, model: Model) -> None:
        tx.delete(self.key)
        model.pop(self.key, None)


@dataclass(frozen=True)
class DeleteRange:
    bounds: tuple[bytes, bytes]

    def apply(self, tx: Tx, model: Model) -> None:
        start, end = self.bounds
        tx.delete_range(start, end)
        for key in [key for key in model if start <= key < end]:
            del model[key]


@dataclass(frozen=True)
class Look:
    bounds: tuple[bytes, bytes]

    def apply(self, tx: Tx, model: Model) -> None:
        start, end = self.bounds
        expected = sorted((key, value) for key, value in model.items() if start <= key < end)
        assert list(tx.scan(start, end)) == expected
        assert list(tx.scan(start, end, reverse=True)) == expected[::-1]
        assert tx.get(start) == model.get(start)


Step = Put | Delete | DeleteRange | Look

steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Put, short_keys, st.binary(max_size=2)),
    st.builds(Delete, short_keys),
    st.builds(DeleteRange, ranges),
    st.builds(Look, ranges),
)


class RolledBack(Exception):
    """Raised by a transaction of the model on purpose."""


@dataclass(frozen=True)
class Transaction:
    steps: list[Step]
    fails: bool

    def body(self, model: Model) -> Callable[[Tx], None]:
        def run(tx: Tx) -> None:
            mine = dict(model)
            for step in self.steps:
                step.apply(tx, mine)
            Look((b"", END)).apply(tx, mine)
            if self.fails:
                raise RolledBack
            model.clear()
            model.update(mine)

        return run


groups = st.lists(st.builds(Transaction, st.lists(steps, max_size=8), st.booleans()), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    store = Store.open(None)
    yield store
    store.close()


@given(st.lists(groups, min_size=1, max_size=3))
@settings(max_examples=150)
def test_groups_of_transactions_do_what_a_dict_does(memory: Store, all_groups: list[list[Transaction]]) -> None:
    memory.update(lambda tx: tx.delete_range(b"", END))
    model: Model = {}
    for group in all_groups:
        snapshot, before = memory.snapshot(), sorted(model.items())
        # While the first body waits, the others line up behind it and become one group.
        busy, go_on = threading.Event(), threading.Event()
        memory.submit(lambda tx, busy=busy, go_on=go_on: (busy.set(), go_on.wait()))  # type: ignore[misc]
        busy.wait()
        futures = [memory.submit(transaction.body(model)) for transaction in group]
        go_on.set()
        for future, transaction in zip(futures, group, strict=True):
            error = future.exception()
            if error is not None and not isinstance(error, RolledBack):
                raise error
            assert transaction.fails == (error is not None)
        assert list(memory.scan(b"", END)) == sorted(model.items())
        assert list(memory.scan(b"", END, reverse=True)) == sorted(model.items(), reverse=True)
        assert list(snapshot.scan(b"", END)) == before


def test_additions_to_a_counter_become_one_write() -> None:
    changes = Changes()
    changes.add(b"k", (1, -10))
    changes.add(b"k", (1, 4))
    changes.settle({b"k": pack((2**40, 5))}.get)
    assert unpack(changes.writes[b"k"] or b"") == (2**40 + 2, -1)


def test_a_counter_that_was_deleted_begins_again() -> None:
    changes = Changes()
    changes.writes[b"k"] = None
    changes.add(b"k", (3,))
    changes.settle({b"k": pack((100,))}.get)
    assert changes.writes == {b"k": pack((3,))}


def test_additions_of_a_later_transaction_come_on_top() -> None:
    changes, later = Changes(), Changes()
    changes.add(b"k", (1, 2))
    later.add(b"k", (10, 20))
    later.add(b"l", (5, 0))
    changes.absorb(later)
    changes.settle(lambda key: None)
    assert changes.writes == {b"k": pack((11, 22)), b"l": pack((5, 0))}
