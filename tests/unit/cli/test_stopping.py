"""Requests to end, sent to this very process."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from everwarm.cli.stopping import Stopping

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    yield Stopping()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nobody_has_asked(stopping: Stopping) -> None:
    assert not stopping.wait(0)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_asks_for_the_end_for_good(stopping: Stopping, number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    assert stopping.wait(0)
    assert stopping.wait(0)


def test_a_signal_ends_the_waiting(stopping: Stopping) -> None:
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    assert stopping.wait(30)
    timer.join()


# Process runners pass on what the terminal has sent to the whole group.
def test_a_doubled_signal_is_one_request(stopping: Stopping) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    assert stopping.wait(0)


# nohup everwarm up: the terminal may be closed.
def test_an_ignored_hangup_stays_ignored(stopping: Stopping) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    later = Stopping()
    os.kill(os.getpid(), signal.SIGHUP)
    assert not later.wait(0)
