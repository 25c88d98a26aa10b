"""Which application answers which path."""

import pytest

from everwarm.endpoint import route
from everwarm.listener import AsgiApp, Message, Receive, Scope, Send


def named(name: str) -> AsgiApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": name})

    return app


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/", "dynamodb"),
        ("/ping", "dynamodb"),
        ("/metrics", "metrics"),
        ("/metricsandmore", "dynamodb"),
        ("/2015-03-31/functions/", "lambda"),
        ("//2015-03-31", "dynamodb"),
        ("*", "dynamodb"),
    ],
)
async def test_the_first_part_of_a_path_says_who_answers(path: str, answers: str) -> None:
    app = route(named("dynamodb"), {"metrics": named("metrics"), "2015-03-31": named("lambda")})
    sent: list[str] = []

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await app({"path": path}, receive, send)
    assert sent == [answers]
