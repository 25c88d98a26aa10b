"""What a contestant offers to be measured. Only the standard library, for it runs in the peers' environment, too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cache.waiting import SlowLoader


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What has been made ready for a contestant.

    Attributes:
        directory: its own, empty.
        redis_port: of a Redis on 127.0.0.1; empty, and shared by those that use one.
        endpoint: of an `everwarm up`.
    """

    directory: Path
    redis_port: int
    endpoint: str


class Contestant:
    """A cache as somebody would set it up. What it cannot do it does not define.

    Attributes:
        awaits: its calls are awaited, on an event loop; those of the others block.
    """

    awaits = False

    def __init__(self, surroundings: Surroundings) -> None:
        """Set it up; an event loop runs where it awaits."""

    def set(self, key: str, value: Any) -> Any:
        """Put a value, to stay for as long as the benchmark takes."""
        raise NotImplementedError

    def reader(self) -> Callable[[str], Any]:
        """Its `get`."""
        raise NotImplementedError

    def decorated(self) -> Callable[[str], Any]:
        """A function of one argument, `values.load`, with the library's decorator around it."""
        raise NotImplementedError

    def loading(self, loader: SlowLoader) -> Callable[[str], Any]:
        """A function that loads once however many call it, as the library has it done."""
        raise NotImplementedError

    def close(self) -> Any:
        """Give everything back."""


Contestants = Mapping[str, type[Contestant]]
