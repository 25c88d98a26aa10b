"""Where log lines go: to structlog if the program has set it up, else to `logging`.

A library that is imported prints nothing by itself: structlog, unless somebody sets it up, prints every line, while
`logging` shows warnings, and the rest when a program asks for it. `everwarm`'s own commands set structlog up.

Not here: how lines look on the command line (`cli/logs.py`), and what functions print (`lambdas/logs`).
"""

import logging
from typing import Any

import structlog

_logfmt = structlog.processors.LogfmtRenderer(bool_as_flag=False)


class Logger:
    """Log lines of one module: an event in words, and fields. Those that are None are left out."""

    __slots__ = ("_fields", "_name", "_plain", "_structured")

    def __init__(self, name: str, **fields: Any) -> None:
        self._name = name
        self._fields = fields
        self._plain = logging.getLogger(name)
        self._structured = structlog.get_logger(name)

    def bind(self, **fields: Any) -> "Logger":
        """A logger whose every line has these fields, too."""
        return Logger(self._name, **{**self._fields, **fields})

    def debug(self, event: str, **fields: Any) -> None:
        self.log(logging.DEBUG, event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        self.log(logging.INFO, event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        self.log(logging.WARNING, event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        self.log(logging.ERROR, event, **fields)

    def exception(self, event: str, **fields: Any) -> None:
        """With the exception that is being handled."""
        self.log(logging.ERROR, event, **{"exc_info": True, **fields})

    def log(self, level: int, event: str, *, exc_info: Any = None, **fields: Any) -> None:
        """Log a line. As things stand now: a program may set its logs up after it has made its cache.

        Args:
            level: one of `logging`'s.
            exc_info: an exception, or True for the one that is being handled.
        """
        configured = structlog.is_configured()
        if not configured and not self._plain.isEnabledFor(level):
            return
        told = {name: value for name, value in {**self._fields, **fields}.items() if value is not None}
        if configured:
            self._structured.log(level, event, **told, **({"exc_info": exc_info} if exc_info else {}))
        else:
            self._plain.log(level, "%s %s", event, _logfmt(None, "", told), exc_info=exc_info)


def get_logger(name: str) -> Logger:
    """The logger of a module."""
    return Logger(name)
