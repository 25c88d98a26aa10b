"""An engine as a process of its own, so that its memory can be told from the test's.

Says its endpoint in a line when it is up, then stays up until its standard input ends.
"""

import sys
import tempfile

import structlog

from everwarm import Stack


def main() -> None:
    # Logs go to standard output by default, where the test reads one line and no more.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory() as empty, Stack(empty, memory=True) as stack:
        print(stack.endpoint, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
