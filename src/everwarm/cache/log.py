"""Where the cache's log lines go: to structlog if the program has set it up, else to `logging`, as `everwarm.cache`.

A library that is imported prints nothing by itself. structlog, unless somebody sets it up, prints every line; `logging`
shows warnings, and the rest when a program asks for it.
"""

import logging
from typing import Any

import structlog

NAME = "everwarm.cache"

_plain = logging.getLogger(NAME)
_structured = structlog.get_logger(NAME)
_fields = structlog.processors.LogfmtRenderer(bool_as_flag=False)


def say(level: int, event: str, *, exc_info: bool = False, **fields: Any) -> None:
    """Log a line. As things stand now: a program may set its logs up after it has made its cache.

    Args:
        level: one of `logging`'s.
        exc_info: with the exception that is being handled.
        fields: what belongs to it; those that are None are left out.
    """
    if structlog.is_configured():
        told = {name: value for name, value in fields.items() if value is not None}
        _structured.log(level, event, **told, **({"exc_info": True} if exc_info else {}))
    elif _plain.isEnabledFor(level):
        told = {name: value for name, value in fields.items() if value is not None}
        _plain.log(level, "%s %s", event, _fields(None, "", told), exc_info=exc_info)
