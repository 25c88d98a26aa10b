"""One HTTP connection: answers of all kinds, whole on the wire."""

import asyncio
from collections.abc import Iterable

import pytest

from everwarm.listener import AsgiApp, Listener, Receive, Scope, Send


def answering(headers: Iterable[tuple[bytes, bytes]], *pieces: bytes) -> AsgiApp:
    """Answers with these headers and a body in these pieces."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        for piece in pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": pieces[-1]})

    return app


async def exchange(app: AsgiApp, *requests: bytes) -> bytes:
    """What comes back on one connection, until it is closed."""
    listener = Listener(app, "127.0.0.1")
    await listener.start()
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(b"".join(requests))
            found = await reader.read()
            writer.close()
            return found
    finally:
        await listener.stop()


GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
FIVE = [(b"content-length", b"5"), (b"x-kind", b"plain")]


# The first answer leaves the connection open, the second one closes it; both are whole.
@pytest.mark.parametrize("pieces", [(b"hello",), (b"he", b"llo"), (b"hello", b"")])
async def test_a_body_of_known_length(pieces: tuple[bytes, ...]) -> None:
    first, second = (await exchange(answering(FIVE, *pieces), GET, LAST)).split(b"hello")[:2]
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nx-kind: plain\r\n" in first
    assert b"\r\ndate: " in first
    assert b"connection:" not in first
    assert first.endswith(b"\r\n\r\n")
    assert b"\r\nconnection: close\r\n" in second


async def test_a_body_of_unknown_length_is_sent_in_chunks() -> None:
    answer = await exchange(answering([], b"he", b"llo"), LAST)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\ntransfer-encoding: chunked" in head
    assert body == b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"


async def test_a_head_has_no_body() -> None:
    answer = await exchange(answering(FIVE, b"hello"), GET.replace(b"GET", b"HEAD"), LAST.replace(b"GET", b"HEAD"))
    assert answer.count(b"\r\ncontent-length: 5\r\n") == 2
    assert b"hello" not in answer


async def test_an_answer_that_closes_the_connection() -> None:
    answer = await exchange(answering([*FIVE, (b"connection", b"close")], b"hello"), GET)
    assert answer.count(b"connection: close") == 1
    assert answer.endswith(b"\r\n\r\nhello")


# One header must never become two: nothing is sent, and the connection is closed.
@pytest.mark.parametrize("value", [b"a\r\nx-other: b", b"a\nx-other: b", b"a\rx-other: b"])
async def test_a_line_break_in_a_header_is_refused(value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    answer = await exchange(answering([*FIVE, (b"x-given", value)], b"hello"), GET)
    assert answer == b""
    assert "Invalid HTTP header value." in caplog.text


# What was said of the length is what the client goes by.
@pytest.mark.parametrize("body", [b"hell", b"hello!"])
async def test_a_body_of_another_length_than_was_said(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    answer = await exchange(answering(FIVE, body), GET)
    assert not answer.endswith(b"hello")
    assert "Exception in ASGI application" in caplog.text


async def test_requests_that_do_not_wait_are_answered_in_order() -> None:
    async def path(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        await answering([(b"content-length", b"4")], scope["path"].encode())(scope, receive, send)

    paths = (b"/1%20a", b"/2%20b", b"/3%20c")
    requests = [GET.replace(b"/ ", b"%b " % one) for one in paths[:2]] + [LAST.replace(b"/ ", b"%b " % paths[2])]
    answer = await exchange(path, *requests)
    assert [part[:4] for part in answer.split(b"\r\n\r\n")[1:]] == [b"/1 a", b"/2 b", b"/3 c"]
