"""Functions made of a few lines of source, run in real worker processes, which are gone when the test ends."""

import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.pool import FunctionPool

ENDPOINT_URL = "http://127.0.0.1:8000"

Lines = list[tuple[str, str | None, str]]
PoolOf = Callable[..., FunctionPool]


@pytest.fixture
def lines() -> Lines:
    """Every line that was logged: function name, request id, text."""
    return []


@pytest.fixture
def function_of(tmp_path: Path) -> Callable[..., Function]:
    """Write `main.py`, and describe the function `main.handler` in it."""

    def make(source: str, **settings: Any) -> Function:
        (tmp_path / "main.py").write_text(textwrap.dedent(source))
        return Function(**{"name": "demo-dev-main", "handler": "main.handler", "code_dir": tmp_path, **settings})

    return make


@pytest.fixture
async def pool_of(function_of: Callable[..., Function], lines: Lines) -> AsyncIterator[PoolOf]:
    """A pool for the function of some source; further settings are the function's, except `concurrency`."""
    pools: list[FunctionPool] = []

    def make(source: str, concurrency: int = 10, **settings: Any) -> FunctionPool:
        function = function_of(source, **settings)
        pools.append(
            FunctionPool(
                function,
                endpoint_url=ENDPOINT_URL,
                log=lambda *line: lines.append(line),
                concurrency=concurrency,
            )
        )
        return pools[-1]

    yield make
    for pool in pools:
        await pool.stop()
