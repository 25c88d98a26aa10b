"""One HTTP connection: uvicorn's protocol, with less work for each request.

Requests and answers are uvicorn's in every case that is not the usual one. Not here: the port (`listener.py`), what is
answered (the application).
"""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

MAX_HEAD_BYTES = 1024 * 1024
"""How large a request's line and headers may be, about."""


class _OneWrite(asyncio.Transport):
    """A connection that sends together what is written within one turn of the event loop.

    uvicorn writes an answer's headers and its body apart. Sent apart, they cost two system calls and two packets, and
    the second one may wait 40 ms for the first one's acknowledgement.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._unsent: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def abort(self) -> None:
        self._transport.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        if unsent:
            self._transport.write(b"".join(unsent))


class _Cycle(RequestResponseCycle):
    """A request and its answer; uvicorn's, with a short way for the usual answer.

    That is one of known length, in one piece, after which the connection stays open. uvicorn searches each header for
    characters that do not belong there; here, where names are the applications' own, all of them are searched at once
    for line breaks, which would make one header two.
    """

    _due_bytes = -1  # of the body that is to come on the short way

    async def send(self, message: Any) -> None:
        if self.disconnected or self.flow.write_paused:
            await super().send(message)
        elif message["type"] == "http.response.start":
            if not self._begin(message["status"], message.get("headers", ())):
                await super().send(message)
        elif len(body := message.get("body", b"")) == self._due_bytes and not message.get("more_body"):
            self._finish(body)
        else:
            await super().send(message)

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Send the head of the usual answer; whether it is one."""
        if self.response_started or not self.keep_alive or self.scope["method"] == "HEAD":
            return False
        length: bytes | None = None
        parts = [STATUS_LINE[status]]
        for name, value in (*self.default_headers, *headers):
            if name == b"content-length":
                length = value
            elif name == b"connection":
                return False
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        head = b"".join(parts)
        lines = len(parts) // 4 + 2
        if length is None or not head.count(b"\n") == head.count(b"\r") == lines:
            return False
        self.response_started = True
        self.waiting_for_100_continue = False
        self.chunked_encoding = False
        self._due_bytes = self.expected_content_length = int(length)
        self.transport.write(head)
        return True

    def _finish(self, body: bytes) -> None:
        self._due_bytes = -1
        self.response_complete = True
        self.transport.write(body)
        self.message_event.set()
        self.on_response()


class Connection(HttpToolsProtocol):
    """uvicorn's, with a limit to what comes before a body, and cheaper housekeeping.

    The body's limit is the application's. uvicorn starts and cancels a timer for each request, to close silent
    connections, and has its task reported by a callback; both cost more than many a request itself. Here a connection
    notes since when it has been silent, which the listener looks at now and then, and knows its one task.
    """

    _head_bytes = 0
    _silent_since: float | None = None
    _task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_OneWrite(transport, self.loop))
        self._silent_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        self._silent_since = None
        # Every request comes by here, so a head is told by what it leaves behind: a cycle.
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._head_bytes = 0
        elif before is None or not before.more_body:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The request line and headers are too large.")

    def on_headers_complete(self) -> None:
        """uvicorn's, for our own kind of cycle, and without what no listener has: web sockets, a root path, a limit to
        concurrency."""
        parser, scope = self.parser, self.scope
        version = parser.get_http_version()
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["http_version"] = version
        scope["method"] = parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""
        before = self.cycle
        self.cycle = _Cycle(
            scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:  # pipelined: its turn comes when the ones before it are answered
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._silent_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._task is not None:
            self._task.add_done_callback(self.tasks.discard)

    def close_if_silent(self, since: float) -> None:
        """Close a kept-alive connection on which nothing has come since that moment of the event loop."""
        if self._silent_since is not None and self._silent_since <= since:
            self.timeout_keep_alive_handler()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # One at a time: the next one starts when the one before has answered.
        if self._task is not None:
            self.tasks.discard(self._task)
        self._task = self.loop.create_task(cycle.run_asgi(app))
        self.tasks.add(self._task)
