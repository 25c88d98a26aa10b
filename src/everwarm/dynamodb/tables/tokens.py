"""The client request tokens of the last ten minutes: a transaction that comes again with its token is done once.

A token is kept in the transaction that it names, so one that was cancelled has not used it up. It lies under the number
of the ten minutes in which it came: looking one up takes two gets, and the old ones go all at once, in one deletion of
a range.

Source: `ClientRequestToken` in the API reference of TransactWriteItems.
"""

from collections.abc import Iterable
from hashlib import blake2b

from everwarm.clock import Clock
from everwarm.dynamodb.storage.layout import TOKEN, number32, number64
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.errors import IdempotentParameterMismatchException

VALID_S = 600


class Tokens:
    """The tokens of one store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # On the writer's thread only. None: nothing was cleared since the start.
        self._cleared_before: int | None = None

    def done(self, tx: Tx, operation: str, token: str, parameters: bytes) -> list[int] | None:
        """The sizes of the items of a transaction that was done before and must not be again; None for a new token.

        Args:
            operation: each has tokens of its own.
            parameters: what must be the same in both requests.

        Raises:
            IdempotentParameterMismatchException: it was done with other parameters.
        """
        now = self._clock.now()
        period = int(now) // VALID_S
        for one in (period, period - 1):
            found = tx.get(_place(one, operation, token))
            if found is not None and now * 1000 <= int.from_bytes(found[:8], "big") + VALID_S * 1000:
                if found[8:24] != _digest(parameters):
                    raise IdempotentParameterMismatchException(
                        "Specified idempotent token was used with different request parameters within the idempotency "
                        "window"
                    )
                return [int.from_bytes(found[at : at + 4], "big") for at in range(24, len(found), 4)]
        return None

    def keep(self, tx: Tx, operation: str, token: str, parameters: bytes, sizes_bytes: Iterable[int]) -> None:
        """Keep the token of a transaction that is done now.

        Args:
            sizes_bytes: what `done` shall say of its items.
        """
        now = self._clock.now()
        period = int(now) // VALID_S
        sizes = b"".join(number32(size_bytes) for size_bytes in sizes_bytes)
        tx.put(_place(period, operation, token), number64(int(now * 1000)) + _digest(parameters) + sizes)
        self._clear(tx, period - 1)

    def _clear(self, tx: Tx, period: int) -> None:
        if self._cleared_before != period:
            tx.delete_range(TOKEN, TOKEN + number64(period))
            tx.on_commit(lambda: setattr(self, "_cleared_before", period))


def _digest(parameters: bytes) -> bytes:
    return blake2b(parameters, digest_size=16).digest()


def _place(period: int, operation: str, token: str) -> bytes:
    return TOKEN + number64(period) + operation.encode() + b"\x00" + token.encode()
