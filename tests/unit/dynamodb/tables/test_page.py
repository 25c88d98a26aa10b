"""A page ends at its limit or with the item that reaches 1 MB, and what is not needed is not parsed."""

import orjson
import pytest

from everwarm.dynamodb.tables.page import MAX_PAGE_BYTES, read_page


def items(count: int, size_bytes: int) -> list[tuple[bytes, bytes]]:
    """Items of a size as AWS counts it: 1 for the name, the rest for the text."""
    item = orjson.dumps({"a": {"S": "x" * (size_bytes - 1)}})
    return [(bytes([number]), item) for number in range(count)]


@pytest.mark.parametrize(
    ("size_bytes", "count"),
    [
        (MAX_PAGE_BYTES // 4, 4),  # 1 MB to the byte
        (MAX_PAGE_BYTES // 4 - 1, 5),
        (MAX_PAGE_BYTES // 4 + 1, 4),
        (400 * 1024, 3),
    ],
)
def test_the_item_that_reaches_1_mb_is_the_last(size_bytes: int, count: int) -> None:
    page = read_page(iter(items(9, size_bytes)), None, lambda item: item)
    assert page.scanned == page.count == len(page.shown) == count
    assert page.last is not None
    assert page.size_bytes == count * size_bytes


def test_limit() -> None:
    page = read_page(iter(items(3, 10)), 2, lambda item: item)
    assert (page.count, page.last) == (2, items(1, 10)[0][1])
    assert read_page(iter(items(3, 10)), 4, lambda item: item).last is None


# As on AWS: the reader is told that there may be more, and finds nothing.
def test_a_page_that_ends_with_the_last_item_says_that_there_may_be_more() -> None:
    assert read_page(iter(items(3, 10)), 3, lambda item: item).last is not None


def test_what_is_left_out_counts_as_looked_at() -> None:
    page = read_page(iter(items(5, 10)), 4, lambda item: None)
    assert (page.shown, page.count, page.scanned, page.size_bytes) == ([], 0, 4, 40)


def test_a_small_page_is_not_parsed() -> None:
    page = read_page(iter([(b"k", b"no JSON at all")]), None, lambda item: item)
    assert page.shown == [b"no JSON at all"]


def test_count_only() -> None:
    page = read_page(iter(items(5, 10)), None, lambda item: item, count_only=True)
    assert (page.shown, page.count) == ([], 5)
