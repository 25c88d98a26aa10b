"""One worker: a process with its Runtime API, warm for many calls of one function, one at a time.

Not here: how many workers there are and which call goes to which (`pool.py`); the process itself (`process.py`).

Timeouts measure real work, so they are the event loop's and not an injected clock's; the deadline that the handler
sees is in the system's time, because `awslambdaric` compares it with just that.
"""

import asyncio
import contextlib
import importlib.util
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from everwarm.clock import SystemClock, monotonic
from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.environment import ANY, Credentials, environment
from everwarm.lambdas.runtime.output import Log, OutputPipe
from everwarm.lambdas.runtime.process import WorkerProcess
from everwarm.lambdas.runtime.replies import UNHANDLED, Fault, Reply, exited, response_too_large, timed_out
from everwarm.lambdas.runtime.runtime_api import (
    Answered,
    AnsweredTooMuch,
    InitFailed,
    Invocation,
    Polled,
    Posted,
    RuntimeApi,
)
from everwarm.listener import Listener

HOST = "127.0.0.1"

# AWS gives the start 10 s and then begins again within the first call's time; here it has the longer of both at once.
INIT_TIMEOUT_S = 10.0

# From one answer to asking for the next event a healthy process takes a millisecond.
READY_TIMEOUT_S = 10.0

# The Runtime API's connection is silent for as long as a handler runs, and AWS knows timeouts of up to 5,400 s.
IDLE_TIMEOUT_S = 6000


class WorkerGone(Exception):
    """A warm process ended before it took the event: nothing has run, so another worker can have it."""


@dataclass(frozen=True, slots=True)
class _Exited:
    return_code: int


class Worker:
    """A process and its calls.

    Attributes:
        function: what it runs.
        retired: no further call may come here: it crashed, overran its time, or the function has changed.
    """

    def __init__(self, function: Function, endpoint_url: str, log: Log, credentials: Credentials = ANY) -> None:
        """
        Args:
            endpoint_url: the local engine's, for the handler's AWS clients.
            log: gets every line of output; one printed during a call comes with that call's request id.
            credentials: for those clients.
        """
        self.function = function
        self.retired = False
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._log = log
        self._request_id: str | None = None
        self._warm = False
        self._started = 0.0
        # What the process does, in order: the only thing that a call waits for.
        self._heard: asyncio.Queue[Posted | _Exited] = asyncio.Queue()
        self._api = RuntimeApi(self._heard.put_nowait)
        self._process: WorkerProcess | None = None
        self._output: OutputPipe | None = None
        self._opened = contextlib.AsyncExitStack()
        self._lifecycle = asyncio.Lock()

    async def start(self) -> None:
        """Start the process. That it loads the handler is a part of the first call.

        Raises:
            FunctionError: it cannot be started at all.
        """
        try:
            _check(self.function)
            async with self._lifecycle, contextlib.AsyncExitStack() as opened:
                await self._start(opened)
                self._opened = opened.pop_all()
        except OSError as err:
            self.retired = True
            raise FunctionError(f"cannot start a process for function {self.function.name}: {err}") from err
        except BaseException:
            self.retired = True
            raise

    async def invoke(self, event: bytes, request_id: str) -> Reply:
        """Run the handler once.

        Args:
            event: JSON.

        Raises:
            WorkerGone: the process has ended since its last call.
        """
        try:
            return await self._invoke(event, request_id)
        except BaseException:
            # Gone, or the caller was cancelled: nobody waits for what the process is doing.
            self._retire()
            raise

    async def stop(self) -> None:
        """End the process and all that it has started. A call under way ends with it. May be called twice."""
        self.retired = True
        async with self._lifecycle:
            await self._opened.aclose()

    async def _start(self, opened: contextlib.AsyncExitStack) -> None:
        self._started = monotonic()
        self._output = OutputPipe(lambda line: self._log(self.function.name, self._request_id, line))
        opened.callback(self._output.close)
        listener = Listener(self._api, HOST, idle_timeout_s=IDLE_TIMEOUT_S)
        opened.push_async_callback(listener.stop)
        await listener.start()
        opened.callback(self._api.close)
        self._process = await WorkerProcess.start(
            self.function.handler,
            code_dir=self.function.code_dir,
            environment=environment(
                self.function,
                runtime_api=f"{HOST}:{listener.port}",
                endpoint_url=self._endpoint_url,
                log_stream=_log_stream(),
                parent=os.environ,
                credentials=self._credentials,
            ),
            output=self._output.write_end,
            on_exit=self._on_exit,
        )
        opened.push_async_callback(self._process.stop)
        self._output.close_write_end()

    def _on_exit(self, return_code: int) -> None:
        self.retired = True
        self._heard.put_nowait(_Exited(return_code))

    async def _invoke(self, event: bytes, request_id: str) -> Reply:
        init_s: float | None = None
        if self._warm:
            # It may have ended after it asked for an event: then that question came first, and both are here.
            if not isinstance(await self._hear(READY_TIMEOUT_S), Polled) or self.retired:
                raise WorkerGone
        else:
            payload = await self._load(request_id)
            if payload is not None:
                return Reply(payload, UNHANDLED, request_id)
            init_s = monotonic() - self._started
        self._end_output()
        self._request_id = request_id
        self._log(self.function.name, request_id, f"START RequestId: {request_id} Version: $LATEST")
        started = monotonic()
        self._api.hand_over(self._invocation(event, request_id))
        heard = await self._hear(self.function.timeout_s)
        duration_s = monotonic() - started
        reply = self._reply(heard, request_id, duration_s)
        self._log(self.function.name, request_id, f"END RequestId: {request_id}")
        self._log(self.function.name, request_id, self._report(reply, init_s))
        return reply

    async def _load(self, request_id: str) -> bytes | None:
        """Wait until the handler is loaded; the payload of the error if it cannot be."""
        limit_s = max(INIT_TIMEOUT_S, self.function.timeout_s)
        match await self._hear(limit_s):
            case Polled():
                self._warm = True
                return None
            case InitFailed(payload):
                self._retire()
                self._end_output()
                return payload
            case _Exited(return_code):
                return self._fail(exited(request_id, return_code), request_id)
            case _:
                return self._fail(timed_out(request_id, limit_s), request_id)

    def _reply(self, heard: Posted | _Exited | None, request_id: str, duration_s: float) -> Reply:
        match heard:
            case Answered(payload, failed):
                self._end_output()
                return Reply(payload, UNHANDLED if failed else None, request_id, duration_s)
            case AnsweredTooMuch():
                fault = response_too_large()
            case _Exited(return_code):
                fault = exited(request_id, return_code)
            case _:
                fault = timed_out(request_id, self.function.timeout_s)
        return Reply(self._fail(fault, request_id), UNHANDLED, request_id, duration_s)

    def _fail(self, fault: Fault, request_id: str) -> bytes:
        self._retire()
        self._end_output()
        self._log(self.function.name, request_id, f"{fault.message} {fault.error_type}")
        return fault.payload

    def _retire(self) -> None:
        self.retired = True
        if self._process is not None:
            self._process.kill()

    def _end_output(self) -> None:
        if self._output is not None:
            self._output.end_call()
        self._request_id = None

    async def _hear(self, timeout_s: float) -> Posted | _Exited | None:
        """What the process does next; None if nothing in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._heard.get()
        except TimeoutError:
            return None

    def _invocation(self, event: bytes, request_id: str) -> Invocation:
        now = SystemClock().now()
        return Invocation(
            request_id=request_id,
            event=event,
            deadline_ms=int((now + self.function.timeout_s) * 1000),
            function_arn=self.function.arn,
            trace_id=f"Root=1-{int(now):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0",
        )

    def _report(self, reply: Reply, init_s: float | None) -> str:
        parts = [
            f"REPORT RequestId: {reply.request_id}",
            f"Duration: {reply.duration_s * 1000:.2f} ms",
            f"Memory Size: {self.function.memory_mb} MB",
        ]
        if init_s is not None:
            parts.append(f"Init Duration: {init_s * 1000:.2f} ms")
        return "\t".join(parts)


def _log_stream() -> str:
    """A name for this process's log, of AWS's form."""
    today = datetime.fromtimestamp(SystemClock().now(), UTC)
    return f"{today:%Y/%m/%d}/[$LATEST]{secrets.token_hex(16)}"


def _check(function: Function) -> None:
    """Raise what a person can do something about before a process is tried."""
    if not function.runtime.startswith("python"):
        raise FunctionError(f"function {function.name} has the runtime {function.runtime}; only Python runs here")
    if not function.code_dir.is_dir():
        raise FunctionError(f"function {function.name}: there is no directory {function.code_dir}")
    if importlib.util.find_spec("awslambdaric") is None:
        raise FunctionError("Python functions need the package awslambdaric: pip install awslambdaric")
