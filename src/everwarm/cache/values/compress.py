"""Large values as one binary attribute: the JSON of their wire form, compressed by Zstandard.

The library (`zstandard`) is imported by those caches only that are told to compress, or that meet a compressed value.
"""

from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from typing import Any

import orjson

from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import CacheError, UnreadableValue, ValueTooLarge

MAX_BYTES = 16 * 1024 * 1024
"""How large a value may be before it is compressed, and at the most becomes when it is read: a few compressed bytes,
put into the table by somebody, could else become gigabytes."""

LEVEL = 3
ZSTD = "zstd"
"""The encoding of a compressed value, or a part of it."""


def library() -> Any:
    """The compressor's module.

    Raises:
        CacheError: it is not installed.
    """
    try:
        import zstandard
    except ImportError:
        raise CacheError(
            "compressed values need the package zstandard: pip install 'everwarm[zstd]'; or leave compress_above out"
        ) from None
    return zstandard


def compressed(json: bytes) -> AttributeValue:
    """
    Args:
        json: an attribute's.

    Raises:
        ValueTooLarge: more than could be read again.
    """
    if len(json) > MAX_BYTES:
        raise ValueTooLarge(
            f"a value of {len(json):,} bytes; even compressed ones have {MAX_BYTES:,} at the most before they are"
        )
    small = library().ZstdCompressor(level=LEVEL).compress(json)
    return {"B": b2a_base64(small, newline=False).decode()}


def expanded(attribute: AttributeValue) -> AttributeValue:
    """What `compressed` was given.

    Raises:
        UnreadableValue: it is nothing compressed, or would be too large.
        CacheError: the library is not installed.
    """
    zstd = library()
    try:
        small = a2b_base64(attribute["B"])
        # The frame says how large it will be, and the library believes it: so it is asked before.
        said = zstd.frame_content_size(small)
        if said > MAX_BYTES:
            raise UnreadableValue(f"a compressed value that would have more than {MAX_BYTES:,} bytes")
        json = zstd.ZstdDecompressor().decompress(small, max_output_size=MAX_BYTES)
        found: AttributeValue = orjson.loads(json)
    except (zstd.ZstdError, NotBase64, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnreadableValue(f"a compressed value that cannot be read: {error}") from error
    return found
