"""Client request tokens: remembered for ten minutes, then gone from the disk."""

from collections.abc import Iterator

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.storage.layout import TOKEN, after
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.tokens import Tokens
from everwarm.errors import IdempotentParameterMismatchException


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(None)
    yield store
    store.close()


@pytest.fixture
def tokens(clock: ManualClock) -> Tokens:
    return Tokens(clock)


def is_first(store: Store, tokens: Tokens, token: str, parameters: bytes = b"p", operation: str = "one") -> bool:
    def body(tx: Tx) -> bool:
        done = tokens.done(tx, operation, token, parameters)
        if done is None:
            tokens.keep(tx, operation, token, parameters, [7, 400_000])
        assert done in (None, [7, 400_000])
        return done is None

    return store.update(body)


def kept(store: Store) -> int:
    return len(list(store.scan(TOKEN, after(TOKEN))))


def test_a_token_comes_first_once(store: Store, tokens: Tokens) -> None:
    assert is_first(store, tokens, "a")
    assert not is_first(store, tokens, "a")
    assert is_first(store, tokens, "b")


def test_other_parameters_are_refused(store: Store, tokens: Tokens) -> None:
    is_first(store, tokens, "a", b"one")
    with pytest.raises(IdempotentParameterMismatchException):
        is_first(store, tokens, "a", b"two")


def test_operations_have_tokens_of_their_own(store: Store, tokens: Tokens) -> None:
    assert is_first(store, tokens, "a", b"one", "one")
    assert is_first(store, tokens, "a", b"two", "two")
    assert not is_first(store, tokens, "a", b"one", "one")


# Wherever in its ten minutes the token came: the store files it under them.
@pytest.mark.parametrize("begin_s", [0.0, 1.0, 599.0])
def test_it_is_forgotten_after_ten_minutes(store: Store, begin_s: float) -> None:
    clock = ManualClock(1_700_000_400.0 + begin_s)
    tokens = Tokens(clock)
    is_first(store, tokens, "a")
    clock.advance(600)
    assert not is_first(store, tokens, "a")
    clock.advance(0.001)
    assert is_first(store, tokens, "a", b"other")


def test_it_is_remembered_by_the_next_process(store: Store, tokens: Tokens, clock: ManualClock) -> None:
    is_first(store, tokens, "a")
    assert not is_first(store, Tokens(clock), "a")


def test_old_ones_go_from_the_disk(store: Store, tokens: Tokens, clock: ManualClock) -> None:
    for number in range(100):
        is_first(store, tokens, str(number))
    clock.advance(1200)
    is_first(store, tokens, "later")
    assert kept(store) == 1


# A transaction that is cancelled leaves nothing behind, and so not its token.
def test_a_transaction_that_fails_has_not_used_it(store: Store, tokens: Tokens) -> None:
    def body(tx: Tx) -> None:
        tokens.keep(tx, "one", "a", b"p", [])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.update(body)
    assert is_first(store, tokens, "a")
