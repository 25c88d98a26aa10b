"""`with refused("ValidationException", "..."):` asserts AWS's error, its whole text unless a beginning is enough."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

COUNTED = "1 validation error detected: "
"""How writes of single items begin what they say of expressions, sets and parameters."""


@contextmanager
def refused(
    code: str, message: str | None = None, *, begins: str = "", has: str = ""
) -> Iterator[pytest.ExceptionInfo[ClientError]]:
    """
    Args:
        message: the whole text; or
        begins, has: how it begins and what it contains.
    """
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response["Error"]
    assert error["Code"] == code
    if message is not None:
        assert error["Message"] == message
    assert error["Message"].startswith(begins)
    assert has in error["Message"]
