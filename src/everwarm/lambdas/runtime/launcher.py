"""The first thing that runs in a worker process: binds its life to its parent's, then becomes AWS's runtime client.

Run as a script, `launcher.py PARENT_PID HANDLER`, so that nothing of everwarm is imported into the author's process.

On Linux the kernel kills the process when its parent dies, however busy the handler is. Elsewhere `awslambdaric` ends
by itself as soon as it finds its Runtime API gone: at once between calls, after the call during one.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    # It may have died before we asked.
    if os.getppid() != parent_pid:
        sys.exit("the parent of this worker has ended")


def main() -> None:
    """Run `awslambdaric` with the author's code directory first on the path, as AWS has it."""
    parent_pid, handler = int(sys.argv[1]), sys.argv[2]
    _die_with(parent_pid)
    # The runtime client first: a module of the author's by the same name must not take its place.
    from awslambdaric.__main__ import main as run

    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    sys.argv = ["awslambdaric", handler]
    run(sys.argv)


if __name__ == "__main__":
    main()
