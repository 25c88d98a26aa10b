"""What an operation is, how it looks at its parameters, and what both sides know of the way to it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from everwarm.errors import ControlError
from everwarm.version import __version__

PREFIX = "_everwarm"
"""The first part of the paths."""

JSON = "application/json"

STACK_HEADER = "x-everwarm-stack"
"""Names the stack that is meant, where its caller knows (`whereabouts.py`)."""

Parameters = Mapping[str, Any]
"""The JSON object of a request."""

Operation = Callable[[Parameters], Awaitable[Any]]
"""Does something and answers with what can be written as JSON. An EverwarmError is told to the caller."""


def optional_number(parameters: Parameters, name: str) -> float | None:
    """A number, or None where there is none.

    Raises:
        ControlError: it is something else.
    """
    value = parameters.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ControlError(f"{name} has to be a number")
    return value


def whole_number(parameters: Parameters, name: str, default: int | None = None) -> int:
    """A whole number.

    Raises:
        ControlError: it is something else, or missing and has no default.
    """
    value = parameters.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ControlError(f"{name} has to be a whole number")
    return value


async def ping(parameters: Parameters) -> dict[str, str]:
    """Whether anybody is there, and of which version."""
    return {"version": __version__}
