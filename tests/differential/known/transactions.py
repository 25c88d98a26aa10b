"""Transactions, and why they are cancelled."""

from tests.differential.explained import Explained
from tests.differential.known.sources import API, JUDGED, MODEL, RECORDED

TRANSACTIONS: tuple[Explained, ...] = (
    Explained(
        "Two actions on one item in a transaction",
        "refused before anything else that needs the item; Local finds other mistakes first",
        source=f"[TransactWriteItems]({API}/API_TransactWriteItems.html)",
        where="^(error|message)$",
        action="^Transact",
        ours="multiple operations on one item|Key attributes must be scalars",
        local="multiple operations on one item|^(ValidationException|TransactionCanceledException)",
        harmless=True,
    ),
    Explained(
        "The key of an index, of the wrong type, in a transaction",
        "cancels it; Local writes a number or text of the wrong type",
        source=JUDGED,
        where="^error$",
        action="^(TransactWriteItems|ExecuteTransaction)$",
        ours=r"^TransactionCanceledException: .*ValidationError",
        local="^200 ",
        request="UpdateExpression|UPDATE",
    ),
    Explained(
        "The text for an index's key of the wrong type, in a transaction",
        "names the key, its types and the index, as for a single write; Local's text is shorter",
        source=RECORDED,
        where=r"CancellationReasons\[\d+\]\.Message$",
        ours="Type mismatch for Index Key",
        local="Type mismatch for Index Key",
        harmless=True,
    ),
    Explained(
        "A projection of nothing in a transaction",
        "DynamoDB leaves the item out where the projection has nothing of it; Local shows an empty one",
        source=JUDGED,
        where=r"Responses\[\d+\]\.Item$",
        action="^TransactGetItems$",
        ours='^"nothing"$',
        local="^{}$",
        harmless=True,
    ),
    Explained(
        "The full stop of a cancellation reason",
        "DynamoDB gives the text of the error itself; Local adds a full stop",
        source=RECORDED,
        where=r"CancellationReasons\[\d+\]\.Message$",
        ours="The conditional request failed",
        local=r"The conditional request failed\.",
        harmless=True,
    ),
    Explained(
        "Mistakes that a transaction finds late",
        "what is known to be wrong only with the table or the item cancels the transaction, as ValidationError among "
        "its reasons; Local refuses the request",
        source=f"[TransactWriteItems]({API}/API_TransactWriteItems.html)",
        where="^(error|message)$",
        action="^(Transact.*|ExecuteTransaction)$",
        ours=r"^TransactionCanceledException: .*\[.*ValidationError",
        local="^(ValidationException|TransactionCanceledException)",
        harmless=True,
    ),
    Explained(
        "The reason for a duplicate in a transaction",
        "called DuplicateItem, as in a batch; Local calls it a ValidationError",
        source=MODEL,
        action="^ExecuteTransaction$",
        ours="DuplicateItem",
        local="ValidationError",
        harmless=True,
    ),
)
