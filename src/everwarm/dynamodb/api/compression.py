"""gzip, both ways: what comes in is unpacked, up to a limit; what goes out is packed where that was asked."""

import gzip
import zlib
from functools import lru_cache

MIN_PACKED_BYTES = 1024
"""Smaller answers are sent as they are."""

_GZIP = 16 + zlib.MAX_WBITS


class NotGzip(ValueError):
    """The bytes are not what their header says."""


class TooLarge(ValueError):
    """Unpacked, they are larger than is allowed."""


def unpack(body: bytes, max_bytes: int) -> bytes:
    """
    Raises:
        NotGzip, TooLarge
    """
    # No more than the limit is ever in memory, however much a small body would grow to.
    unpacker = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacker.decompress(body, max_bytes + 1)
    except zlib.error as err:
        raise NotGzip(str(err)) from err
    if len(unpacked) > max_bytes:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise NotGzip("cut off, or something follows")
    return unpacked


def pack(body: bytes) -> bytes:
    """The body, packed quickly rather than tightly."""
    return gzip.compress(body, compresslevel=1, mtime=0)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether an `Accept-Encoding` header asks for gzip."""
    for part in accept_encoding.lower().split(b","):
        coding, _, quality = part.strip().partition(b";")
        if coding.strip() == b"gzip":
            return quality.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False
