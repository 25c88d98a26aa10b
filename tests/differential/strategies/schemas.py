"""Tables: hash only or with a range, of all key types, with local and global indexes of all projections.

Making a table costs DynamoDB Local more than all requests of a case, so a run has a fixed number of tables, drawn with
its seed, and each is emptied after a case.
"""

import random

from tests.differential.case import Index, Schema

HASH, RANGE = "pk", "sk"
LOCAL_RANGE, GLOBAL_HASH, GLOBAL_RANGE = "l", "g", "h"
PLAIN = ("a", "b", "c", "d")
"""Attributes that are part of no key, so that they may be of any type, or missing."""

_PROJECTIONS = (("ALL", ()), ("KEYS_ONLY", ()), ("INCLUDE", ("a",)), ("INCLUDE", ("b", "c")))


def schemas(seed: int, count: int) -> list[Schema]:
    """Some schemas; the first ones are the plainest."""
    chance = random.Random(seed)
    plain = [Schema(HASH, None, ((HASH, "S"),)), Schema(HASH, RANGE, ((HASH, "S"), (RANGE, "N")))]
    return plain + [_schema(chance) for _ in range(count - len(plain))]


def _schema(chance: random.Random) -> Schema:
    def key_type() -> str:
        return chance.choice("SSNNB")

    types = {HASH: key_type()}
    range_name = RANGE if chance.random() < 0.75 else None
    if range_name is not None:
        types[RANGE] = key_type()
    indexes: list[Index] = []
    if range_name is not None and chance.random() < 0.6:
        types[LOCAL_RANGE] = key_type()
        projection, includes = chance.choice(_PROJECTIONS)
        indexes.append(Index("local", HASH, LOCAL_RANGE, projection, includes, is_global=False))
    for number in range(chance.choice((0, 1, 1, 2))):
        types.setdefault(GLOBAL_HASH, key_type())
        sort = chance.choice((None, GLOBAL_RANGE, GLOBAL_RANGE, range_name, HASH))
        if sort == GLOBAL_RANGE:
            types.setdefault(GLOBAL_RANGE, key_type())
        projection, includes = chance.choice(_PROJECTIONS)
        indexes.append(Index(f"global{number}", GLOBAL_HASH, sort, projection, includes))
    return Schema(HASH, range_name, tuple(types.items()), tuple(indexes))
