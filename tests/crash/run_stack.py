"""A whole stack as a process of its own, to be killed: `python run_stack.py DIRECTORY [SHARDS SHARD_AGE]`.

Says its endpoint in a line when it is up, then stays up until its standard input ends.
"""

import sys

import structlog

from everwarm import Observer, Stack


class Silent(Observer):
    """Nobody reads what the functions print."""

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        pass


def main() -> None:
    # Logs go to standard output by default, where the test reads one line and no more.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    directory, shards, shard_age = [*sys.argv[1:], "1", "off"][:3]
    with Stack(directory, observer=Silent(), stream_shards=int(shards), shard_age=shard_age) as stack:
        stream_arn = stack.tables[0].stream_arn if stack.tables else None
        print(stack.endpoint, stream_arn, flush=True)  # noqa: T201 - for the test
        sys.stdin.read()


if __name__ == "__main__":
    main()
