"""An HTTP port: open, in use, closed."""

import asyncio
import http.client
from asyncio import selector_events

import pytest

from everwarm.listener import AddressInUse, Listener, Receive, Scope, Send


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def get(listener: Listener) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(listener.host, listener.port, timeout=10)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


async def test_it_answers_until_it_is_stopped() -> None:
    listener = Listener(hello, "127.0.0.1")
    assert listener.port > 0
    assert listener.url == f"http://127.0.0.1:{listener.port}"
    await listener.start()
    assert await asyncio.to_thread(get, listener) == (200, b"hello")
    await listener.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(get, listener)


# Refused when it is made, not when it starts: before anything else is set in motion.
async def test_a_port_in_use_is_refused_at_once() -> None:
    first = Listener(hello, "127.0.0.1")
    with pytest.raises(AddressInUse, match=f"127.0.0.1:{first.port}.*--port"):
        Listener(hello, "127.0.0.1", first.port)
    await first.stop()


async def test_a_port_that_was_let_go_is_free() -> None:
    first = Listener(hello, "127.0.0.1")
    await first.start()
    assert await asyncio.to_thread(get, first) == (200, b"hello")
    await first.stop()
    second = Listener(hello, "127.0.0.1", first.port)
    await second.start()
    assert await asyncio.to_thread(get, second) == (200, b"hello")
    await second.stop()


async def test_stopping_what_never_started() -> None:
    listener = Listener(hello, "127.0.0.1")
    await listener.stop()
    Listener(hello, "127.0.0.1", listener.port)._socket.close()


# A request under way gets its answer, though the listener is stopping.
async def test_a_request_under_way_is_finished() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        await go_on.wait()
        await hello(scope, receive, send)

    listener = Listener(slow, "127.0.0.1")
    await listener.start()
    answer = asyncio.create_task(asyncio.to_thread(get, listener))
    async with asyncio.timeout(10):
        await arrived.wait()
        stopping = asyncio.create_task(listener.stop())
        await asyncio.sleep(0)
        go_on.set()
        assert await answer == (200, b"hello")
        await stopping


def test_an_ipv6_address_stands_in_brackets() -> None:
    try:
        listener = Listener(hello, "::1")
    except AddressInUse:
        pytest.skip("no IPv6 on this machine")
    assert listener.url == f"http://[::1]:{listener.port}"
    listener._socket.close()


# In two writes, an answer may wait 40 ms for a delayed acknowledgement between them.
async def test_an_answer_leaves_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    write = selector_events._SelectorSocketTransport.write  # type: ignore[attr-defined]

    def noted(transport: asyncio.Transport, data: bytes) -> None:
        written.append(bytes(data))
        write(transport, data)

    listener = Listener(hello, "127.0.0.1")
    await listener.start()
    monkeypatch.setattr(selector_events._SelectorSocketTransport, "write", noted)  # type: ignore[attr-defined]
    assert await asyncio.to_thread(get, listener) == (200, b"hello")
    await listener.stop()
    [answer] = written
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")
