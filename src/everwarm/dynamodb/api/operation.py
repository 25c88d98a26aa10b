"""What an operation is: a name, the check of its request's shape, and a function that runs it.

A read answers at once. A write answers with what is to happen in its transaction, and its response is what that
returns; so everything that can be checked without the table's data is checked before the writer is bothered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from everwarm.dynamodb.api.shapes import RequestCheck
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx

Request = dict[str, Any]
Response = dict[str, Any]


class Transaction(NamedTuple):
    """The part of a write that needs the store.

    Attributes:
        body: what is to happen; its result is the response.
        alone: commit it by itself, as changes of tables must be.
        frees: it gives room back: do it though the disk is nearly full.
    """

    body: Callable[[Tx], Response]
    alone: bool = False
    frees: bool = False


Run = Callable[[Engine, Request], Response | Transaction]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    check: RequestCheck
    run: Run
