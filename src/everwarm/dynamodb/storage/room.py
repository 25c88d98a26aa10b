"""Room on the disk: some of it is kept in reserve, so that RocksDB never meets a full one if we can help it.

Writes stop before the disk is full. What is left is for what RocksDB does in the background, for opening the data
again, and for what gives room back, such as DeleteTable.
"""

import os
import tempfile
from pathlib import Path

from everwarm.clock import monotonic
from everwarm.log import get_logger

RESERVE_BYTES = 128 * 1024 * 1024
"""Free bytes that are not written into; a tenth of the disk at the most."""

LOOK_EVERY_S = 0.25

RECOVERY_BYTES = 8 * 1024 * 1024
"""What opening the data takes besides the log's own size."""

_CHUNK = bytes(1024 * 1024)

_log = get_logger(__name__)


class Room:
    """Watches the free bytes of one directory's file system. For the writer's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        disk = os.statvfs(path)
        self._reserve_bytes = min(RESERVE_BYTES, disk.f_blocks * disk.f_frsize // 10)
        self._look_at = 0.0
        self._refusal: str | None = None

    def refusal(self) -> str | None:
        """Why nothing should be written now; None where there is room. Looks at the disk four times a second."""
        # The look gives up the interpreter's lock, and to have it back may take milliseconds. So not at each commit.
        now = monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._look()
        return self._refusal

    @property
    def low(self) -> bool:
        """Whether writes are refused, by the last look."""
        return self._refusal is not None

    def free_bytes(self) -> int:
        """What this process may still write."""
        disk = os.statvfs(self._path)
        return disk.f_bavail * disk.f_frsize

    def _look(self) -> None:
        free_bytes = self.free_bytes()
        if self._refusal is None and free_bytes < self._reserve_bytes:
            self._refusal = (
                f"The disk is nearly full: less than {_mib(self._reserve_bytes)} MiB are left for {self._path}. "
                "Writes are refused until there is more room; reads go on."
            )
            _log.error("the disk is nearly full: writes are refused until there is room", free_mib=_mib(free_bytes))
        # A little more than what made it stop, so that it does not stop and go with every write.
        elif self._refusal is not None and free_bytes >= self._reserve_bytes * 5 // 4:
            self._refusal = None
            _log.warning("there is room on the disk again: writes go on", free_mib=_mib(free_bytes))

    def for_recovery(self, database: Path) -> bool:
        """Whether the disk takes as much as opening the data may write. Tried, since quotas are seen in no figure."""
        wanted_bytes = RECOVERY_BYTES + sum(log.stat().st_size for log in database.glob("*.log"))
        try:
            with tempfile.TemporaryFile(dir=self._path) as file:
                for _ in range(-(-wanted_bytes // len(_CHUNK))):
                    file.write(_CHUNK)
        except OSError:
            return False
        return True


def _mib(size_bytes: int) -> int:
    return size_bytes // 2**20
