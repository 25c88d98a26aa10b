"""Redis' keyspace notifications: `expired` events, published when Redis deletes a key, to whoever listens just then."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep, time
from typing import Any

import redis

from benchmarks.triggers.everwarm_up import PATIENCE_S, START_S, Tick, free_port
from benchmarks.triggers.figures import Drain, Lateness
from everwarm.clock import monotonic

PIPELINE = 1000
FILL_S = 5.0
CHANNEL = "__keyevent@0__:expired"


def is_there() -> bool:
    """Whether this machine has a redis-server."""
    return shutil.which("redis-server") is not None


class Subscriber:
    """Listens for expirations, in a thread.

    Attributes:
        came: when each key's event came, in epoch seconds.
    """

    def __init__(self, port: int) -> None:
        self.came: dict[str, float] = {}
        self._port = port
        self._over = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._listening.wait(START_S)

    def stop(self) -> None:
        """Disconnect."""
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        with redis.Redis(port=self._port, decode_responses=True) as client, client.pubsub() as events:
            events.subscribe(CHANNEL)
            while not self._over.is_set():
                message = events.get_message(timeout=0.1)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._listening.set()
                elif message["type"] == "message":
                    self.came[message["data"]] = time()


@contextmanager
def redis_up(directory: Path) -> Iterator[int]:
    """A server on an empty directory; gives its port."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--save", ""]
    process = subprocess.Popen(
        [*command, "--notify-keyspace-events", "Ex"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with redis.Redis(port=port) as client:
            _await_start(client)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def lateness(directory: Path, count: int, over_s: float, tick: Tick) -> Lateness:
    """As everwarm's, from the due time to the subscriber."""
    with redis_up(directory) as port:
        subscriber = Subscriber(port)
        due = _put(port, count, over_s, tick)
        _wait(subscriber, count, due["item-0"] + over_s + PATIENCE_S)
        subscriber.stop()
        return Lateness.of((came - due[key] for key, came in subscriber.came.items()), count)


def drain(directory: Path, count: int, tick: Tick) -> Drain:
    """As everwarm's."""
    with redis_up(directory) as port:
        subscriber = Subscriber(port)
        due = _put(port, count, 1.0, tick)
        _wait(subscriber, count, due["item-0"] + PATIENCE_S)
        subscriber.stop()
        return Drain(len(subscriber.came), max(subscriber.came.values()) - due["item-0"], count - len(subscriber.came))


def away(directory: Path, count: int, over_s: float, away_s: float, tick: Tick) -> Lateness:
    """As everwarm's, with the subscriber disconnected."""
    with redis_up(directory) as port:
        first = Subscriber(port)
        due = _put(port, count, over_s, tick)
        begin = due["item-0"]
        sleep(max(0.0, begin + (over_s - away_s) / 2 - time()))
        first.stop()
        sleep(away_s)
        second = Subscriber(port)
        # What has not come so long after the last one was due does not come: an event is published once.
        _wait(second, count - len(first.came), begin + over_s + 5)
        second.stop()
        came = first.came | second.came
        return Lateness.of((moment - due[key] for key, moment in came.items()), count)


def _put(port: int, count: int, over_s: float, tick: Tick) -> dict[str, float]:
    begin = time() + FILL_S + count / 20_000
    due = {f"item-{n}": begin + n * over_s / count for n in range(count)}
    keys = list(due)
    with redis.Redis(port=port) as client:
        for first in range(0, count, PIPELINE):
            pipeline = client.pipeline(transaction=False)
            for key in keys[first : first + PIPELINE]:
                pipeline.set(key, "1.0842", pxat=int(due[key] * 1000))
            pipeline.execute()
            tick(min(PIPELINE, count - first))
    if time() > begin:
        raise RuntimeError("the machine was too slow to put the keys before the first one was due")
    return due


def _wait(subscriber: Subscriber, count: int, until: float) -> None:
    while len(subscriber.came) < count and time() < until:
        sleep(0.05)


def _await_start(client: Any) -> None:
    until = monotonic() + START_S
    while True:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            if monotonic() > until:
                raise
            sleep(0.05)
