"""`backend`: every kind of backend, one after the other. Servers are shared by all tests, tables are not."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.dynamodb.models.table import StreamRecord
from moto.server import ThreadedMotoServer

from everwarm import Cache
from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.remote import Remote
from everwarm.clock import ManualClock
from everwarm.stack import Stack
from tests.cache.backends import Bench
from tests.cache.caches import Make
from tests.differential import local

KINDS = ("memory", "directory", "endpoint", "moto", "dynamodb-local")


@pytest.fixture(scope="session")
def server_clock() -> ManualClock:
    """The clock of the shared endpoint: other tests have moved it."""
    return ManualClock()


@pytest.fixture(scope="session")
def server(server_clock: ManualClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of our endpoint."""
    with Stack(tmp_path_factory.mktemp("no-project"), memory=True, clock=server_clock) as stack:
        yield stack.endpoint


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The URL of moto's server, in this process."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        # It copies the whole table before each transaction. Records never change, and are nine tenths of that.
        patch.setattr(StreamRecord, "__deepcopy__", lambda record, memo: record, raising=False)
        moto.start()
        host, port = moto.get_host_and_port()
        yield f"http://{host}:{port}"
        moto.stop()


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The URL of DynamoDB Local."""
    if not (local.TOOL / local.VERSION).is_dir():
        pytest.skip("DynamoDB Local is not fetched; 'python -m tests.differential' does it")
    try:
        running = local.DynamoDBLocal()
    except local.NotAvailable as err:
        pytest.skip(str(err))
    with running:
        yield f"http://{running.host}:{running.port}"


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A backend of each kind."""
    bench = _bench(request.param, request, tmp_path)
    yield bench
    bench.close()


def _bench(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if kind in ("memory", "directory"):
        clock = ManualClock()
        embedded = Embedded(tmp_path / "data" if kind == "directory" else None, clock)
        return Bench(kind, embedded, clock, endpoint=None, deletes=True, delivers=True)
    if kind == "endpoint":
        endpoint, clock = request.getfixturevalue("server"), request.getfixturevalue("server_clock")
    else:
        # Theirs is the machine's clock. Ours never stands before it, so what is due to them is due to us as well.
        endpoint, clock = request.getfixturevalue(kind.replace("-", "_")), ManualClock(float(int(time.time())))
    remote = Remote(endpoint, clock)
    return Bench(kind, remote, clock, endpoint=endpoint, deletes=kind == "endpoint", delivers=False)


@pytest.fixture
def make(backend: Bench) -> Iterator[Make]:
    """Makes caches on the backend."""
    table = backend.new_table_name()
    made: list[Cache] = []

    def make(**settings: Any) -> Cache:
        settings = {"table": table, "refresh": "10m", "keep": "1d", "jitter": 0, **settings}
        cache = Cache("rates", backend=backend, clock=backend.clock, **settings)
        made.append(cache)
        return cache

    yield make
    for cache in made:
        cache.close()
