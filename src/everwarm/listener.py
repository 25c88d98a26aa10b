"""One way to open an HTTP port: an ASGI application behind uvicorn, on the running event loop.

The DynamoDB endpoint and the Lambda Runtime API both listen through here. What is answered is the application's
business; keep-alive, pipelining, chunked bodies and `Expect` are uvicorn's, with a few turns of our own
(`connection.py`).
"""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from everwarm.clock import monotonic
from everwarm.connection import Connection
from everwarm.errors import EverwarmError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

BACKLOG = 2048
"""Connections that may wait to be accepted."""


STOP_GRACE_S = 2.0
"""How long requests under way may take to finish when the server is stopped."""

IDLE_LOOK_S = 5.0
"""How often silent connections are looked for."""


async def read_body(receive: Receive, max_bytes: int, max_discarded_bytes: int) -> bytes | None:
    """The whole body of a request; None if it is too large, or does not come.

    One that is too large is read on and thrown away, up to a limit: a client that is still sending when the
    connection is closed may find it reset, and never see the answer.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= max_bytes and message["type"] != "http.disconnect" else None
    parts = [body]
    size_bytes = len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return None  # hung up in the middle: what came so far may look whole, and is not what was meant
        part: bytes = message.get("body", b"")
        parts.append(part)
        size_bytes += len(part)
        if size_bytes > max_bytes:
            parts.clear()
        if size_bytes > max_discarded_bytes:
            return None
    return b"".join(parts) if size_bytes <= max_bytes else None


class CannotListen(EverwarmError):
    """An address that cannot be opened: no such host, a port that only root may have."""


class AddressInUse(CannotListen):
    """Somebody else listens on that address."""


class Listener:
    """An HTTP server for one application on one address."""

    def __init__(self, app: AsgiApp, host: str, port: int = 0, *, idle_timeout_s: int = 75) -> None:
        """Bind the address at once, so that `port` is known and a second process is refused before anything starts.

        Args:
            app: an ASGI application; only `http` scopes reach it.
            host: name or address of the interface.
            port: 0 takes any free one.
            idle_timeout_s: how long a kept-alive connection may stay silent.

        Raises:
            AddressInUse: the port is taken.
            CannotListen: the address cannot be had for another reason.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # The protocol is named because asyncio sets TCP_NODELAY only where it sees it; without, each answer may
        # wait 40 ms for a delayed acknowledgement.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
            # Two sockets may be bound to one port as long as neither listens.
            self._socket.listen(BACKLOG)
        except OSError as err:
            self._socket.close()
            if err.errno == errno.EADDRINUSE:
                raise AddressInUse(
                    f"cannot listen on {host}:{port}: another server runs there. Choose another port with --port."
                ) from err
            raise CannotListen(f"cannot listen on {host}:{port}: {err.strerror or err}") from err
        self.host = host
        self._idle_timeout_s = idle_timeout_s
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            interface="asgi3",
            loop="none",
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._ticking: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Begin to accept connections."""
        # Not Server.serve(): that one takes over the process's signal handlers, which are the command line's.
        await self._server.startup(sockets=[self._socket])
        self._ticking = [
            asyncio.create_task(self._server.main_loop(), name=f"listener {self.url}"),
            asyncio.create_task(self._close_silent(), name=f"idle connections of {self.url}"),
        ]

    async def stop(self) -> None:
        """Refuse new connections, let the requests under way finish for a moment, close."""
        if not self._ticking:
            self._socket.close()
            return
        self._server.should_exit = True
        main_loop, closing = self._ticking
        self._ticking = []
        closing.cancel()
        await main_loop
        # Not Server.shutdown(): it waits for those that never finish their request and then shouts about them.
        for server in self._server.servers:
            server.close()
        self._socket.close()
        state = self._server.server_state
        for connection in list(state.connections):
            connection.shutdown()  # at once, or after the answer that is under way
        await self._until_left(STOP_GRACE_S)
        for connection in list(state.connections):
            connection.transport.abort()
        await self._until_left(STOP_GRACE_S)
        for task in list(state.tasks):
            task.cancel()

    async def _until_left(self, at_most_s: float) -> None:
        """Wait until all have hung up and been answered."""
        state = self._server.server_state
        give_up_at = monotonic() + at_most_s
        while (state.connections or state.tasks) and monotonic() < give_up_at:
            await asyncio.sleep(0.01)

    async def _close_silent(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(IDLE_LOOK_S, self._idle_timeout_s))
            for connection in list(self._server.server_state.connections):
                if isinstance(connection, Connection):
                    connection.close_if_silent(loop.time() - self._idle_timeout_s)
