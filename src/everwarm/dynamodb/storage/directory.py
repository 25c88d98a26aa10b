"""The data directory: who has it open, and which format it is in.

.everwarm/
  FORMAT      the version of the layout, readable
  LOCK        held by the process that has it open, with its id
  db/         the storage engine's files
"""

import fcntl
import os
from pathlib import Path
from typing import IO

from everwarm.errors import StorageFormatError, StorageLocked, StorageUnwritable

FORMAT_VERSION = 4


class DataDirectory:
    """An open, locked data directory."""

    def __init__(self, path: Path) -> None:
        """Create it if it is missing, lock it, check its format.

        Raises:
            StorageLocked: another process has it open.
            StorageUnwritable: it cannot be made, or not written to.
            StorageFormatError: it is in another format, or is no data directory at all.
        """
        self.path = path
        try:
            self._open(path)
        except OSError as err:
            raise StorageUnwritable(
                f"{path} cannot be written to ({err.strerror}). Name another directory with --data."
            ) from None

    def _open(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise StorageFormatError(f"{path} is a file, not a data directory. Name another place with --data.")
        path.mkdir(parents=True, exist_ok=True)
        _refuse_strangers(path)
        self._lock = _lock(path)
        try:
            _check_format(path)
        except BaseException:
            self.close()
            raise

    @property
    def database(self) -> Path:
        return self.path / "db"

    def close(self) -> None:
        """Let others open it. The lock file stays: removing it would let two processes lock two files."""
        self._lock.close()


def _refuse_strangers(path: Path) -> None:
    # Before the lock, so that nothing of ours is put among other people's files.
    names = {entry.name for entry in path.iterdir()}
    strangers = sorted(names - {"LOCK", ".gitignore", "FORMAT.new"})
    if strangers and "FORMAT" not in names:
        raise StorageFormatError(
            f"{path} is not an everwarm data directory (it holds {strangers[0]!r} and no FORMAT file). "
            "Name an empty or a new directory with --data."
        )


def _lock(path: Path) -> IO[str]:
    # Advisory, by the kernel: it ends with the process, however that ends, and child processes do not inherit it.
    file = (path / "LOCK").open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise StorageLocked(
            f"{path} is open in another process (process id {owner}). "
            "Stop that one, talk to it over its endpoint, or name another directory with --data."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _check_format(path: Path) -> None:
    file = path / "FORMAT"
    expected = f"everwarm {FORMAT_VERSION}"
    if file.exists():
        found = file.read_text(encoding="utf-8", errors="replace").strip()
        if found != expected:
            raise StorageFormatError(
                f"{path} holds data of format {found!r}; this version of everwarm reads {expected!r}. "
                "Open it with the version that wrote it, or name another directory with --data."
            )
        return
    # Nobody wants a database in the history of their project.
    (path / ".gitignore").write_text("*\n", encoding="ascii")
    _write_synced(path / "FORMAT.new", expected + "\n")
    (path / "FORMAT.new").rename(file)
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
