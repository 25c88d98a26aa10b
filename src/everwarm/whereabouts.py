"""Where a stack can be reached: a file in its data directory, there for as long as it runs.

A stack that was killed leaves its file behind. So the file has the stack's id, and whoever comes with another one is
sent away (`control/server.py`); where nobody answers, nothing runs.
"""

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

DATA_DIRECTORY = ".everwarm"
"""In a project's directory, unless a person names another place."""

FILE = "endpoint"
"""Its name in the data directory."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the file says.

    Attributes:
        url: of the endpoint.
        stack: the id of the stack; another one after each start.
        access_key, secret, token: of a key that is let in, where credentials are checked: who may read the data
            directory may do anything with it in any case.
    """

    url: str
    stack: str = field(default_factory=lambda: str(uuid.uuid4()))
    access_key: str | None = None
    secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, data: Path) -> "Whereabouts | None":
        """What the file in a data directory says; None if there is none that can be read."""
        try:
            return cls(**json.loads((data / FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @contextlib.contextmanager
    def published(self, data: Path | None) -> Iterator[None]:
        """Have the file in a data directory for as long as this lasts; without a directory there is none."""
        if data is None:
            yield
            return
        path = data / FILE
        written = path.with_suffix(".new")
        # For its owner alone, from its first byte on.
        with contextlib.suppress(FileNotFoundError):
            written.unlink()
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        written.replace(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
