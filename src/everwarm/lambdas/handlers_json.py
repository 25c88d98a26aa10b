"""JSON as handlers write it: by their languages' libraries, which take and make more than orjson does.

An answer may have half of a surrogate pair, of a text that was cut within an emoji, or NaN; and orjson makes a float
of an integer beyond 64 bits, such as a sequence number.
"""

import json
from typing import Any

import orjson


def read(text: bytes) -> Any:
    """What a text says; large integers may lose digits.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return read_exactly(text)


def read_exactly(text: bytes) -> Any:
    """What a text says, so that `write` gives it back as it was. Slower than `read`.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def whole(text: str) -> str:
    """A text for logs and records, in which half a surrogate pair has no place."""
    return text.encode("utf-8", "replace").decode()


def write(value: Any) -> bytes:
    """A value that was read, as JSON without blanks.

    Raises:
        ValueError: it is nested too deeply.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
