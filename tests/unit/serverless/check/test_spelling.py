from collections.abc import Callable

import pytest

from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("    timeout: 30\n", "    timeout: 30\n    memorysize: 512\n", "memorySize"),
        ("    timeout: 30\n", "    timeout: 30\n    enviroment: {A1: b}\n", "environment"),
        ("    timeout: 30\n", "    timeout: 30\n    reservedConcurency: 1\n", "reservedConcurrency"),
        ("  iam:\n", "  memorysize: 512\n  iam:\n", "memorySize"),
        # May be a plugin's.
        ("    timeout: 30\n", "    timeout: 30\n    alarms: [errors]\n", None),
        ("    timeout: 30\n", "    timeout: 30\n    memorysize: null\n", None),
    ],
)
def test_a_slip_of_the_pen(found: Find, old: str, new: str, meant: str | None) -> None:
    result = found((old, new))
    assert result.codes == (["misspelt-setting"] if meant else [])
    if meant:
        assert result.only("misspelt-setting").fix == f"{meant}: ..."
