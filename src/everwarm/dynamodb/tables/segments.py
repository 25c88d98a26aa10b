"""Segments: a Scan cut into parts that can be read side by side, by the hash of the partition key."""

from everwarm.dynamodb.storage.layout import after
from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.key_hash import LENGTH

_HASHES = 1 << 8 * LENGTH


def segment_range(path: AccessPath, segment: int, total: int) -> tuple[bytes, bytes]:
    """What a segment of a table or an index holds on disk, as `start <= key < end`; the whole is segment 0 of 1."""
    start, end = (_HASHES * number // total for number in (segment, segment + 1))
    return path.prefix + start.to_bytes(LENGTH, "big"), _end(path, end)


def _end(path: AccessPath, hash_end: int) -> bytes:
    return after(path.prefix) if hash_end == _HASHES else path.prefix + hash_end.to_bytes(LENGTH, "big")
