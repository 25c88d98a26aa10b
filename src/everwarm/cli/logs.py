"""How log lines look on the command line: to standard error, coloured where a person reads them."""

import logging
import sys

import structlog


def set_up(*, verbose: bool) -> None:
    """Begin to log.

    Args:
        verbose: also what is of interest only while looking for a fault.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f", utc=False),
            # Plain tracebacks: the pretty kind costs a fifth of a second on the event loop, and shows items' data.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        # Looked up for each line: the demo's live view puts another standard error in place, which prints above it.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
