"""The first thing that runs in a worker process: binds its life to its parent's, then becomes the runtime.

Run as a script, so that nothing of everwarm is imported into the author's process: `launcher.py PARENT_PID HANDLER`
becomes AWS's runtime client for Python, `launcher.py PARENT_PID -- PROGRAM ARGUMENTS` any other program.

On Linux the kernel kills the process when its parent dies, however busy the handler is. Elsewhere `awslambdaric` ends
by itself as soon as it finds its Runtime API gone: at once between calls, after the call during one.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

MOST_DESCRIPTORS = 1024
"""Lambda's quota: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    # It may have died before we asked.
    if os.getppid() != parent_pid:
        sys.exit("the parent of this worker has ended")


def _limit_descriptors() -> None:
    with contextlib.suppress(OSError, ValueError):  # a system that has set a lower one keeps it
        resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_DESCRIPTORS, MOST_DESCRIPTORS))


def main() -> None:
    """Become the runtime. For Python, the author's code directory is first on the path, as AWS has it."""
    parent_pid, handler, *program = sys.argv[1:]
    _die_with(int(parent_pid))
    _limit_descriptors()
    if program:
        os.execv(program[0], program)  # noqa: S606 - what the kernel does on the parent's death stays so
    # The runtime client first: a module of the author's by the same name must not take its place.
    from awslambdaric.__main__ import main as run

    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    sys.argv = ["awslambdaric", handler]
    run(sys.argv)


if __name__ == "__main__":
    main()
