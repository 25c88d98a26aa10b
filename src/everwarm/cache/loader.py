"""What is known of a loader: the function, how its results are kept, and how it is run from a thread.

Not here: when it is run (`refresh.py`), how a decorated function finds its key (`cached.py`).
"""

import inspect
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from everwarm.cache.policies.limits import Limits
from everwarm.cache.policies.policy import Policy
from everwarm.cache.values.calls import pack_call, unpack_call
from everwarm.cache.values.codec import Codec
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import CacheError

_LOADER = "loader"

Await = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on some event loop, and waits for it in this thread, which is not that loop's."""


class Abandoned(Exception):
    """The cache is being closed while a load is under way."""


Tags = Iterable[str] | Callable[..., Iterable[str]] | None


@dataclass(frozen=True, slots=True, eq=False)
class Loader:
    """A function that loads values.

    Attributes:
        name: by which its entries know it.
        function: sync or async.
        codec: for its results.
        policy: when they are refreshed, and the rest.
        limits: how many of its calls there may be at a time, and in a time.
        tags: of its entries: fixed, or worked out of the arguments of a call.
    """

    name: str
    function: Callable[..., Any]
    codec: Codec
    policy: Policy
    limits: Limits
    tags: Tags = None

    @property
    def is_async(self) -> bool:
        return is_async(self.function)

    def tags_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> frozenset[str]:
        """The tags of a call's entry.

        Raises:
            CacheError: they are no texts.
        """
        return tags_of(self.tags(*args, **kwargs) if callable(self.tags) else self.tags)

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AttributeValue:
        """A call of it, as it is kept with its result, so that it can be made again.

        With its defaults, as its key has them: in a later version of the program they may be others.
        """
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        return {"M": {_LOADER: {"S": self.name}, **pack_call(bound.args, bound.kwargs)["M"]}}

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Await) -> Any:
        """Call it from a thread, and wait for it.

        Args:
            wait_for: for what it returns if it is async.

        Raises:
            BaseException: whatever it raises.
        """
        result = self.function(*args, **kwargs)
        return wait_for(result) if inspect.iscoroutine(result) else result


def is_async(function: Callable[..., Any]) -> bool:
    """Whether a function, or an object that is called like one, has to be awaited."""
    if isinstance(function, staticmethod):
        function = function.__func__
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def tags_of(given: Iterable[str] | None) -> frozenset[str]:
    """Tags as an entry has them. A single text is one tag, not one for each of its letters.

    Raises:
        CacheError: they are no texts.
    """
    tags = frozenset((given,) if isinstance(given, str) else given or ())
    for tag in tags:
        if not isinstance(tag, str):
            raise CacheError(f"a tag is a text, not {tag!r}")
    return tags


def call_of(attribute: AttributeValue) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """The loader's name, and its arguments, of a call that was kept.

    Raises:
        CacheError: it is none, or of a class that this process does not have.
    """
    args, kwargs = unpack_call(attribute)
    return attribute["M"][_LOADER]["S"], args, kwargs
