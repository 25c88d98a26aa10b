"""A function's package: a zip file, checked and unpacked into a directory of its own.

<name>-<random>/
  package.zip   as it came
  code/         what was in it
"""

import os
import shutil
import stat
import uuid
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

from everwarm.errors import InvalidParameterValueException
from everwarm.lambdas.registry.deployed import Code

PACKAGE = "package.zip"
CODE = "code"

MAX_PACKAGE_BYTES = 52_428_800
MAX_UNPACKED_BYTES = 262_144_000

_UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."
_EMPTY = "Uploaded file must be a non-empty zip"
_TOO_LARGE = f"Unzipped size must be smaller than {MAX_UNPACKED_BYTES} bytes"

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError, ValueError)


def check(package: bytes) -> None:
    """
    Raises:
        InvalidParameterValueException: it is no zip file, empty, too large, or has a name that leads out of it.
    """
    try:
        with zipfile.ZipFile(BytesIO(package)) as archive:
            members = archive.infolist()
    except _BROKEN:
        raise InvalidParameterValueException(_UNREADABLE) from None
    if not any(not member.is_dir() for member in members):
        raise InvalidParameterValueException(_EMPTY)
    if sum(member.file_size for member in members) >= MAX_UNPACKED_BYTES:
        raise InvalidParameterValueException(_TOO_LARGE)
    for member in members:
        _inside(member.filename)


def unpack(package: bytes, root: Path, name: str) -> Code:
    """Unpack a package into a directory of its own, and have it safe on the disk.

    Args:
        root: where the directories of all functions are.
        name: the function's.

    Raises:
        InvalidParameterValueException: as `check`, and if a file in it is damaged.
    """
    check(package)
    directory = root / f"{name}-{uuid.uuid4().hex}"
    code = directory / CODE
    code.mkdir(parents=True)
    try:
        _write(directory / PACKAGE, package)
        with zipfile.ZipFile(BytesIO(package)) as archive:
            _unpack(archive, code)
    except _BROKEN:
        shutil.rmtree(directory, ignore_errors=True)
        raise InvalidParameterValueException(_UNREADABLE) from None
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    _sync_directories(root, directory)
    return Code.of_package(package, directory)


def _unpack(archive: zipfile.ZipFile, code: Path) -> None:
    links: list[tuple[Path, str]] = []
    for member in archive.infolist():
        place = code / _inside(member.filename)
        mode = member.external_attr >> 16
        if member.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif stat.S_ISLNK(mode):
            links.append((place, archive.read(member).decode()))
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, archive.read(member))
            place.chmod(0o644 | mode & 0o111)
    # Last, so that nothing is written through one.
    for place, target in links:
        _inside(os.path.normpath(place.relative_to(code).parent / target))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


def _inside(name: str) -> PurePosixPath:
    """A member's name as a path that cannot lead out of the package."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise InvalidParameterValueException(_UNREADABLE)
    return path


def _write(place: Path, content: bytes) -> None:
    with place.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directories(*roots: Path) -> None:
    """What a directory lists is safe only when it was synced itself."""
    directories = [
        roots[0],
        *(path for path in roots[1].rglob("*") if path.is_dir() and not path.is_symlink()),
        roots[1],
    ]
    for directory in directories:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
