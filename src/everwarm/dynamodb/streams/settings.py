"""How streams are kept. Plain data."""

from dataclasses import dataclass

from everwarm.durations import seconds
from everwarm.errors import SettingError

RETENTION_S = 24 * 3600.0
SHARD_AGE = "4h"
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
    shard_age_s: float | None = 4 * 3600.0
    retention_s: float = RETENTION_S

    def __post_init__(self) -> None:
        if not 1 <= self.shards <= MAX_SHARDS:
            raise SettingError(f"a stream begins with 1 to {MAX_SHARDS} shards, not with {self.shards}")
        if self.retention_s <= 0 or (self.shard_age_s is not None and self.shard_age_s <= 0):
            raise SettingError("the age of shards and the retention of records have to be more than no time at all")

    @classmethod
    def parse(cls, shards: int, shard_age: str, retention_s: float = RETENTION_S) -> "StreamSettings":
        """
        Args:
            shard_age: `4h`, say, or `off`.

        Raises:
            SettingError: it cannot be understood, or makes no sense.
        """
        return cls(shards, None if shard_age in ("off", "0") else seconds(shard_age), retention_s)
