"""How streams are kept. Plain data."""

from dataclasses import dataclass

from everwarm.errors import EverwarmError

RETENTION_S = 24 * 3600.0
SHARD_AGE_S = 4 * 3600.0
MAX_SHARDS = 1000


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """
    Attributes:
        shards: how many a new stream begins with, from 1 to 1,000.
        shard_age_s: at which age a shard is closed and goes on in a child; None for never. AWS does it after about
            four hours, whether there was anything to write or not.
        retention_s: how long records are kept. 24 hours, as on AWS; tests may take less.
    """

    shards: int = 1
    shard_age_s: float | None = SHARD_AGE_S
    retention_s: float = RETENTION_S

    def __post_init__(self) -> None:
        if not 1 <= self.shards <= MAX_SHARDS:
            raise EverwarmError(f"a stream begins with 1 to {MAX_SHARDS} shards, not with {self.shards}")
        if self.retention_s <= 0 or (self.shard_age_s is not None and self.shard_age_s <= 0):
            raise EverwarmError("the age of shards and the retention of records are longer than no time at all")
