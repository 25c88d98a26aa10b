"""Running handlers: worker processes for Python and Node.js, and the Lambda Runtime API that they speak.

`FunctionPool` (`pool.py`) is the way in; `replies.py` says what comes out. What all pools share: `machine.py`,
`memory.py`. Below: `worker.py` (one process and its calls), `process.py`, `runtimes.py` (which program),
`launcher.py` and `bootstrap.mjs` (inside the process), `runtime_api.py`, `environment.py`, `output.py`, `call_log.py`,
`counters.py`.
"""
