"""The disk space of trimmed records: which files of the store are worth to be written anew.

RocksDB drops what was deleted when it next merges what lies around it, which a busy store has it do all the time. One
that has gone quiet would keep it: so whoever looks twice and finds a file here both times should have it reclaimed.
"""

from collections.abc import Iterable

from everwarm.dynamodb.storage.layout import CHANGE
from everwarm.dynamodb.storage.store import File
from everwarm.dynamodb.streams.catalog import Stream
from everwarm.dynamodb.streams.shards import sequence_of_place, shard_prefix

_PREFIX_BYTES = len(shard_prefix(0, 0))


def dead_files(files: Iterable[File], streams: Iterable[Stream]) -> list[File]:
    """Files whose last record is trimmed, or of a shard that is no more: then most of what is in them is.

    A file with a living record at its end waits until that is trimmed, so that none is written anew twice.
    """
    trimmed = {
        shard_prefix(stream.number, shard.number): shard.trimmed for stream in streams for shard in stream.shards
    }

    def is_dead(place: bytes) -> bool:
        if not place.startswith(CHANGE):
            return False
        up_to = trimmed.get(place[:_PREFIX_BYTES])
        return up_to is None or sequence_of_place(place) <= up_to

    return [file for file in files if is_dead(file.last)]
