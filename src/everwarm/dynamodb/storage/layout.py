"""What is on the disk: every key begins with the byte of its space.

    space        rest of the key                                   value
    ----------   -----------------------------------------------   ---------------------------------
    META         name                                              counters and settings of the engine
    TABLE        table name                                        the table's record, JSON
    ITEM         table no., hash of the partition key, key parts   the item, JSON as on the wire
    EXPIRY       table no., time of deletion, the item's key       nothing
    BACKFILL     table no.                                         how far TTL has looked at old items
    STREAM       stream no.                                        the stream's record, JSON
    CHANGE       stream no., shard no., sequence no.               the stream record, JSON as on the wire
    CHECKPOINT   mapping and shard                                 a mapping's position, JSON
    INDEX        index no., hash of its partition key, key parts,  the projected part of the item, JSON
                 hash of the item's key (global), the item's key
    COUNTS       table no. or index no.                            how many items, how many bytes
    COLLECTION   table no., the partition key's part               bytes of an item collection (tables with an LSI)
    BUILDING     index no.                                         how far a new index has come with the old items
    TOKEN        ten minutes' number, client request token         which transaction it named, and when
    FUNCTION     function name                                     a function made through the Lambda API, JSON
    MAPPING      mapping UUID                                      an event source mapping, JSON
    FAILURE      see lambdas/failures/store.py                     batches that were given up
    SHARD        stream no., shard no.                             a shard of a stream, JSON
    INVOCATION   request id                                        an asynchronous call that is not done, JSON

Numbers are big-endian, so that bytes sort as they do. A space's byte is never given to another purpose: a change of
the layout is a new `FORMAT_VERSION` in `directory.py`.
"""

META = b"\x00"
TABLE = b"\x01"
ITEM = b"\x02"
EXPIRY = b"\x03"
BACKFILL = b"\x04"
STREAM = b"\x05"
CHANGE = b"\x06"
CHECKPOINT = b"\x07"
INDEX = b"\x08"
COUNTS = b"\x09"
COLLECTION = b"\x0a"
BUILDING = b"\x0b"
TOKEN = b"\x0c"
FUNCTION = b"\x0d"
MAPPING = b"\x0e"
FAILURE = b"\x0f"
SHARD = b"\x10"
INVOCATION = b"\x11"


def number32(number: int) -> bytes:
    """A table's, stream's or shard's number as it stands in keys."""
    return number.to_bytes(4, "big")


def number64(number: int) -> bytes:
    """A sequence number or a time as it stands in keys."""
    return number.to_bytes(8, "big")


def after(prefix: bytes) -> bytes:
    """The first key behind all keys that begin with `prefix`, which must not consist of FF bytes alone."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1])
