"""The differences that are known and right: where DynamoDB Local does not do what DynamoDB does, or promises less.

docs/differences.md lists them, under "Kept on purpose against DynamoDB Local": `make docs` brings it up to date.
"""

from tests.differential.compare import Difference
from tests.differential.explained import Explained
from tests.differential.known.capacity import CAPACITY
from tests.differential.known.order import ORDER
from tests.differential.known.partiql import PARTIQL
from tests.differential.known.reading import READING
from tests.differential.known.requests import REQUESTS
from tests.differential.known.tables import TABLES
from tests.differential.known.texts import TEXTS
from tests.differential.known.transactions import TRANSACTIONS

EXPLAINED: tuple[Explained, ...] = (
    *REQUESTS,
    *TEXTS,
    *ORDER,
    *READING,
    *CAPACITY,
    *TABLES,
    *TRANSACTIONS,
    *PARTIQL,
)


def explanation(difference: Difference) -> Explained | None:
    """The entry that covers a difference; None if nothing does."""
    return next((known for known in EXPLAINED if known.covers(difference)), None)
