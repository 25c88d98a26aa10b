"""A store of each kind: what holds for one has to hold for the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from everwarm.dynamodb.storage.store import Store


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "data" if request.param == "file" else None)
    yield store
    store.close()
