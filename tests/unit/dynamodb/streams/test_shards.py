"""Shards: which keys they have, how they are continued, and what is said of them."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.streams.sequence import sequence_text
from everwarm.dynamodb.streams.shards import (
    HASHES,
    OpenShards,
    Shard,
    parts,
    record_place,
    sequence_of_place,
    shard_prefix,
)

NOW_MS = 1_700_000_000_123


def shard(number: int = 1, low: int = 0, high: int = HASHES, **more: Any) -> Shard:
    return Shard(number, low, high, NOW_MS << 21, **more)


@given(st.integers(0, HASHES - 1000), st.integers(1, 1000), st.integers(1, 1000))
def test_parts_cover_the_whole_and_do_not_meet(low: int, width: int, count: int) -> None:
    cut = parts(low, low + width, count)
    assert (cut[0][0], cut[-1][1]) == (low, low + width)
    assert all(one[1] == other[0] for one, other in pairwise(cut))
    widths = [high - low for low, high in cut]
    assert max(widths) - min(widths) <= 1


def test_the_form_of_an_id() -> None:
    made = shard(0xABC)
    assert made.shard_id == "shardId-00000001700000000123-00000abc"
    assert re.fullmatch(r"shardId-\d{20}-[0-9a-f]{8}", made.shard_id)
    assert 28 <= len(made.shard_id) <= 65


# KCL relies on it: parents stand before their children, also when both were made within a millisecond.
def test_ids_sort_as_their_shards_were_made() -> None:
    made = [shard(9)]
    for number in (10, 12, 14):
        made += made[-1].children([number, number + 1], made[-1].first + 1)
    ids = [one.shard_id for one in made]
    assert ids == sorted(ids)


def test_children_share_the_keys_of_their_parent() -> None:
    parent = shard(1, 100, 201).closed(NOW_MS << 21)
    children = parent.children([2, 3], parent.first + 1)
    assert [(child.low, child.high) for child in children] == [(100, 150), (150, 201)]
    assert {child.parent_id for child in children} == {parent.shard_id}
    assert all(child.open and child.first == parent.first + 1 for child in children)


def test_what_describe_stream_says() -> None:
    parent = shard(1)
    assert parent.to_wire() == {
        "ShardId": parent.shard_id,
        "SequenceNumberRange": {"StartingSequenceNumber": sequence_text(parent.first)},
    }
    [child] = parent.children([2], parent.first + 9)
    assert child.closed(child.first + 1).to_wire() == {
        "ShardId": child.shard_id,
        "ParentShardId": parent.shard_id,
        "SequenceNumberRange": {
            "StartingSequenceNumber": sequence_text(parent.first + 9),
            "EndingSequenceNumber": sequence_text(parent.first + 10),
        },
    }


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_key_goes_to_the_shard_that_has_its_hash(count: int) -> None:
    shards = [shard(number, *part) for number, part in enumerate(parts(0, HASHES, count), start=1)]
    closed = shard(99).closed(NOW_MS << 21)
    where = OpenShards(5, [closed, *reversed(shards)])
    for key_hash in (0, 1, HASHES // 2, HASHES - 1):
        line = where.line(key_hash.to_bytes(2, "big") + b"the key")
        [owner] = [one for one in shards if one.low <= key_hash < one.high]
        assert line == (owner.shard_id, shard_prefix(5, owner.number))


def test_a_place_on_disk_has_its_number() -> None:
    place = record_place(5, 6, 77)
    assert place.startswith(shard_prefix(5, 6))
    assert sequence_of_place(place) == 77


# An open shard stays, a closed one for as long as it may have a record to read.
def test_how_long_a_shard_is_kept() -> None:
    assert shard().kept(2**62)
    closed = shard().closed(1000)
    assert closed.kept(1000)
    assert not closed.kept(1001)
