"""Running Python handlers: worker processes with AWS's `awslambdaric`, and the Lambda Runtime API that they speak.

`FunctionPool` (`pool.py`) is the way in; `replies.py` says what comes out. Below: `worker.py` (one process and its
calls), `process.py`, `launcher.py` (inside the process), `runtime_api.py`, `environment.py`, `output.py`.
"""
