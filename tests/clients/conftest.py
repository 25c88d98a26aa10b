"""An endpoint for other people's clients: a stack of its own, in memory."""

from collections.abc import Iterator

import pytest

from everwarm import Stack


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Stack(tmp_path_factory.mktemp("no-project"), memory=True) as stack:
        yield stack.endpoint
