"""Large values as one compressed attribute, and what somebody else may have put in its place."""

import builtins
import sys
from binascii import b2a_base64
from decimal import Decimal
from typing import Any

import pytest
import zstandard

from everwarm.cache.values import compress
from everwarm.cache.values.codec import Codec, from_attribute
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.errors import CacheError, UnreadableValue, UnstorableValue, ValueTooLarge
from tests.unit.cache.values.ids import case_name

ROWS = [{"day": "2024-05-01", "rate": 1480.25}] * 100


def b(raw: bytes) -> dict[str, Any]:
    return {"B": b2a_base64(raw, newline=False).decode()}


def test_a_large_value_is_compressed_and_comes_back() -> None:
    codec = Codec(list[dict[str, Any]], compress_above=1000)
    encoded = codec.encode(ROWS)
    assert encoded.encoding == "zstd"
    assert list(encoded.attribute) == ["B"]
    assert encoded.size_bytes == attribute_size(encoded.attribute) < 300
    assert codec.decode(encoded.attribute, encoded.encoding) == ROWS
    # Whoever reads it needs no setting for it.
    assert Codec(list[dict[str, Any]]).decode(encoded.attribute, encoded.encoding) == ROWS
    assert from_attribute(encoded.attribute, encoded.encoding) == ROWS


def test_a_small_one_stays_what_it_is() -> None:
    codec = Codec(compress_above=1000)
    assert codec.encode(ROWS[:1]).encoding is None
    assert codec.encode("a" * 1000).encoding == "zstd"
    assert codec.encode("a" * 900).encoding is None


def test_what_does_not_become_smaller_stays_what_it_is() -> None:
    assert Codec(compress_above=0).encode("ab").encoding is None


def test_a_compressed_value_keeps_its_decimals() -> None:
    value = [Decimal("0.1")] * 100
    codec = Codec(compress_above=100)
    encoded = codec.encode(value)
    assert encoded.encoding == "zstd+decimal"
    back = codec.decode(encoded.attribute, encoded.encoding)
    assert back == value
    assert type(back[0]) is Decimal
    assert from_attribute(encoded.attribute, encoded.encoding) == value


def test_more_than_could_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueTooLarge, match="16,777,216"):
        Codec(compress_above=1000).encode("a" * (compress.MAX_BYTES + 1))


# A bomb: few bytes that say truly how much they become.
def test_a_frame_that_is_too_large_is_not_expanded() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(compress.MAX_BYTES + 1))
    assert len(bomb) < 10_000
    with pytest.raises(UnreadableValue, match="more than 16,777,216 bytes"):
        Codec().decode(b(bomb), "zstd")


# Another: it says nothing of its size.
def test_a_frame_without_a_size_is_bounded() -> None:
    compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    bomb = compressor.compress(bytes(compress.MAX_BYTES * 2)) + compressor.flush()
    with pytest.raises(UnreadableValue):
        Codec().decode(b(bomb), "zstd")


@pytest.mark.parametrize(
    "attribute",
    [
        b(b""),
        b(b"no frame"),
        {"S": "a"},
        {"B": "?"},
        b(zstandard.compress(b"{")),
        b(zstandard.compress(b"[]")),
        b(zstandard.compress(b'{"S":"a"}')[:-3]),
    ],
    ids=case_name,
)
def test_what_is_no_compressed_value(attribute: dict[str, Any]) -> None:
    with pytest.raises(UnreadableValue):
        Codec(str).decode(attribute, "zstd")


def test_a_value_that_cannot_be_stored_is_told_as_ever() -> None:
    with pytest.raises(UnstorableValue, match=r"value\[0\]: complex"):
        Codec(compress_above=10).encode([1j])


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "zstandard":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "zstandard")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CacheError, match=r"pip install 'everwarm\[zstd\]'"):
        Codec(compress_above=1000)
    # Not as if the value were broken: it would be loaded again and again.
    with pytest.raises(CacheError) as raised:
        Codec().decode(b(b"any"), "zstd")
    assert not isinstance(raised.value, UnreadableValue)
