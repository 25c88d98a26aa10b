"""One worker: a process with its Runtime API, warm for many calls of one function, one at a time.

Not here: how many workers there are and which call goes to which (`pool.py`); the process itself (`process.py`).

Timeouts measure real work, so they are the event loop's and not an injected clock's; the deadline that the handler
sees is in the system's time, because `awslambdaric` compares it with just that.
"""

import asyncio
import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from everwarm.clock import SystemClock, monotonic
from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.call_log import Tail, end_line, report_line, start_line
from everwarm.lambdas.runtime.environment import ANY, Credentials, environment
from everwarm.lambdas.runtime.memory import MemoryWatch, Watched, peak_bytes
from everwarm.lambdas.runtime.output import Log, OutputPipe
from everwarm.lambdas.runtime.process import WorkerProcess
from everwarm.lambdas.runtime.replies import (
    TIMED_OUT,
    UNHANDLED,
    Call,
    Fault,
    Reply,
    error_type_of,
    exited,
    out_of_memory,
    response_too_large,
    timed_out,
)
from everwarm.lambdas.runtime.runtime_api import (
    Answered,
    AnsweredTooMuch,
    InitFailed,
    Invocation,
    Polled,
    Posted,
    RuntimeApi,
)
from everwarm.lambdas.runtime.runtimes import command
from everwarm.listener import Listener

HOST = "127.0.0.1"

# AWS gives the start 10 s and then begins again within the first call's time; here it has the longer of both at once.
INIT_TIMEOUT_S = 10.0

# From one answer to asking for the next event a healthy process takes a millisecond.
READY_TIMEOUT_S = 10.0

# The Runtime API's connection is silent for as long as a handler runs, and AWS knows timeouts of up to 5,400 s.
IDLE_TIMEOUT_S = 6000

# The memory of quick calls is read no more often than this.
SAMPLE_S = 1.0

_MIB = 1024 * 1024


class WorkerGone(Exception):
    """A warm process ended before it took the event: nothing has run, so another worker can have it."""


@dataclass(frozen=True, slots=True)
class _Exited:
    return_code: int


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a call ended.

    Attributes:
        error_type: where it failed.
        told: by the handler itself.
    """

    payload: bytes
    duration_s: float
    error_type: str | None = None
    told: bool = False


class Worker:
    """A process and its calls.

    Attributes:
        function: what it runs.
        retired: no further call may come here: it crashed, overran its time, or the function has changed.
        ready: whether the handler was ever loaded.
        forked: whether a process was started, or tried to be.
        idle_since: when its last call ended, by the `elapsed()` of the pool's clock.
    """

    def __init__(
        self,
        function: Function,
        endpoint_url: str,
        log: Log,
        credentials: Credentials = ANY,
        watch: MemoryWatch | None = None,
    ) -> None:
        """
        Args:
            endpoint_url: the local engine's, for the handler's AWS clients.
            log: gets every line of output; one printed during a call comes with that call's request id.
            credentials: for those clients.
            watch: over its memory; without one, the limit is not enforced.
        """
        self.function = function
        self.retired = False
        self.ready = False
        self.forked = False
        self.idle_since = 0.0
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._log = log
        self._tail = Tail()
        self._request_id: str | None = None
        self._started = 0.0
        # What the process does, in order: the only thing that a call waits for.
        self._heard: asyncio.Queue[Posted | _Exited] = asyncio.Queue()
        self._api = RuntimeApi(self._heard.put_nowait)
        self._process: WorkerProcess | None = None
        self._output: OutputPipe | None = None
        self._watch = watch
        self._watched: Watched | None = None
        self._used_too_much = False
        self._sampled_at = -SAMPLE_S
        self._opened = contextlib.AsyncExitStack()
        self._lifecycle = asyncio.Lock()

    async def start(self) -> None:
        """Start the process. That it loads the handler is a part of the first call.

        Raises:
            FunctionError: it cannot be started at all.
        """
        try:
            async with self._lifecycle, contextlib.AsyncExitStack() as opened:
                await self._start(opened)
                self._opened = opened.pop_all()
        except OSError as err:
            self.retired = True
            raise FunctionError(f"cannot start a process for function {self.function.name}: {err}") from err
        except BaseException:
            self.retired = True
            raise

    async def invoke(self, call: Call) -> Reply:
        """Run the handler once.

        Raises:
            WorkerGone: the process has ended since its last call.
        """
        try:
            return await self._invoke(call)
        except BaseException:
            # Gone, or the caller was cancelled: nobody waits for what the process is doing.
            self._retire()
            raise
        finally:
            if self._watch is not None and self._watched is not None:
                self._watch.end(self._watched)

    async def stop(self) -> None:
        """End the process and all that it has started. A call under way ends with it. May be called twice."""
        self.retired = True
        async with self._lifecycle:
            await self._opened.aclose()

    async def _start(self, opened: contextlib.AsyncExitStack) -> None:
        self._started = monotonic()
        arguments = command(self.function, os.environ)
        self._output = OutputPipe(self._write)
        opened.callback(self._output.close)
        listener = Listener(self._api, HOST, idle_timeout_s=IDLE_TIMEOUT_S)
        opened.push_async_callback(listener.stop)
        await listener.start()
        opened.callback(self._api.close)
        self.forked = True
        self._process = WorkerProcess.start(
            arguments,
            code_dir=self.function.code_dir,
            environment=environment(
                self.function,
                runtime_api=f"{HOST}:{listener.port}",
                endpoint_url=self._endpoint_url,
                log_stream=_log_stream(self.function.version),
                parent=os.environ,
                credentials=self._credentials,
            ),
            output=self._output.write_end,
            on_exit=self._on_exit,
        )
        opened.push_async_callback(self._process.stop)
        self._output.close_write_end()
        self._watched = Watched(self._process.pid, self.function.memory_mb * _MIB, self._on_too_much)

    def _on_exit(self, return_code: int) -> None:
        self.retired = True
        self._heard.put_nowait(_Exited(return_code))

    def _on_too_much(self) -> None:
        self._used_too_much = True
        self._retire()

    async def _invoke(self, call: Call) -> Reply:
        init_s: float | None = None
        if self.ready:
            # It may have ended after it asked for an event: then that question came first, and both are here.
            if not isinstance(await self._hear(READY_TIMEOUT_S), Polled) or self.retired:
                raise WorkerGone
            self._tail = Tail()  # until then it has what the start of the process printed
        if self._watch is not None and self._watched is not None:
            self._watch.begin(self._watched)
        ending = None if self.ready else await self._load(call.request_id)
        if ending is None:
            if not self.ready:
                self.ready = True
                init_s = monotonic() - self._started
            await self._begin(call.request_id)
            ending = await self._run(call)
        self._write(end_line(call.request_id))
        self._write(self._report(call.request_id, ending, init_s))
        reply = Reply(
            ending.payload,
            None if ending.error_type is None else UNHANDLED,
            call.request_id,
            ending.duration_s,
            bytes(self._tail),
            timed_out=ending.error_type == TIMED_OUT and not ending.told,
            init_s=init_s,
        )
        self._request_id = None
        return reply

    async def _load(self, request_id: str) -> _Ending | None:
        """Wait until the handler is loaded; if it cannot be, that is how the call ends."""
        limit_s = max(INIT_TIMEOUT_S, self.function.timeout_s)
        heard = await self._hear(limit_s)
        if isinstance(heard, Polled):
            return None
        await self._begin(request_id)
        duration_s = monotonic() - self._started
        if isinstance(heard, InitFailed):
            self._retire()
            return _Ending(heard.payload, duration_s, error_type_of(heard.payload))
        return await self._fail(self._fault(heard, request_id, limit_s), duration_s)

    async def _run(self, call: Call) -> _Ending:
        """Have the handler called, and wait for what comes of it."""
        started = monotonic()
        self._api.hand_over(self._invocation(call))
        heard = await self._hear(self.function.timeout_s)
        duration_s = monotonic() - started
        if isinstance(heard, Answered):
            await self._end_output()
            error_type = error_type_of(heard.payload) if heard.failed else None
            return _Ending(heard.payload, duration_s, error_type, told=True)
        if heard is None:
            duration_s = max(duration_s, self.function.timeout_s)  # timers come a little early
        return await self._fail(self._fault(heard, call.request_id, self.function.timeout_s), duration_s)

    def _fault(self, heard: Posted | _Exited | None, request_id: str, limit_s: float) -> Fault:
        match heard:
            case AnsweredTooMuch():
                return response_too_large()
            case _Exited() if self._used_too_much:
                return out_of_memory(request_id)
            case _Exited(return_code):
                return exited(request_id, return_code)
            case _:
                return timed_out(request_id, limit_s, SystemClock().now())

    async def _fail(self, fault: Fault, duration_s: float) -> _Ending:
        self._sample()
        self._retire()
        await self._end_output()
        self._write(fault.log_line)
        return _Ending(fault.payload, duration_s, fault.error_type)

    async def _begin(self, request_id: str) -> None:
        """What was printed until now is not the call's."""
        await self._end_output()
        self._request_id = request_id
        self._write(start_line(request_id, self.function.version))

    def _retire(self) -> None:
        self.retired = True
        if self._process is not None:
            self._process.kill()

    async def _end_output(self) -> None:
        if self._output is not None:
            await self._output.end_call()

    def _write(self, line: str) -> None:
        self._tail.add(line)
        self._log(self.function.name, self._request_id, line)

    async def _hear(self, timeout_s: float) -> Posted | _Exited | None:
        """What the process does next; None if nothing in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._heard.get()
        except TimeoutError:
            return None

    def _invocation(self, call: Call) -> Invocation:
        now = SystemClock().now()
        return Invocation(
            request_id=call.request_id,
            event=call.event,
            deadline_ms=int((now + self.function.timeout_s) * 1000),
            function_arn=self.function.invoked_arn,
            trace_id=f"Root=1-{int(now):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0",
            client_context=call.client_context,
        )

    def _sample(self) -> None:
        """See how much memory the process has used; the watch may not have come by during a quick call."""
        now = monotonic()
        if self._process is not None and self._watched is not None and now - self._sampled_at >= SAMPLE_S:
            self._sampled_at = now
            self._watched.peak_bytes = max(self._watched.peak_bytes, peak_bytes(self._process.pid))

    def _report(self, request_id: str, ending: _Ending, init_s: float | None) -> str:
        self._sample()
        return report_line(
            request_id,
            duration_s=ending.duration_s,
            init_s=init_s,
            memory_mb=self.function.memory_mb,
            used_bytes=0 if self._watched is None else self._watched.peak_bytes,
            error_type=None if ending.told else ending.error_type,
        )


def _log_stream(version: str) -> str:
    """A name for this process's log, of AWS's form."""
    today = datetime.fromtimestamp(SystemClock().now(), UTC)
    return f"{today:%Y/%m/%d}/[{version}]{secrets.token_hex(16)}"
