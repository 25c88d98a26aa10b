"""The stack that is watched, in a process of its own; as `everwarm up`, with a shorter life for stream records."""

import sys
from pathlib import Path

from everwarm.cli import logs, process
from everwarm.stack import Stack

PROJECT = Path(__file__).parent / "project"


def main(data: Path, retention_s: float) -> None:
    """Run until standard input ends; the endpoint is the only line on standard output."""
    logs.set_up(verbose=False)  # to standard error; what is printed is read no further than to the endpoint
    with Stack(PROJECT, data=data, stream_retention_s=retention_s) as stack:
        process.settle()
        print(stack.endpoint, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
