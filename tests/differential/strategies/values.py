"""Attribute values: few and small, so that conditions hold about as often as not, and the odd ones at the edges."""

import base64
from typing import Any

from hypothesis import strategies as st

Value = dict[str, Any]


def _binary(*contents: bytes) -> list[str]:
    return [base64.b64encode(content).decode() for content in contents]


STRINGS = ["a", "ab", "b", "abc", "", "1", "ü", "€ab", "A"]
NUMBERS = ["0", "1", "2", "-1", "10", "1.5", "3", "100", "-2.50", "1e2", "007", "-0", "0.1"]
EDGE_NUMBERS = ["9" * 38, "1E+125", "1E-130", "-9.9999999999999999999999999999999999999E+125", "1." + "0" * 36 + "1"]
BAD_NUMBERS = ["1E+126", "1" * 39, "abc", "", " 1", "NaN", "1E-131", "0x1", "+1", ".5", "1.", "1_0"]
BINARIES = _binary(b"a", b"ab", b"b", b"", b"\x00\xff", b"\x00")

KEY_STRINGS = ["a", "b", "ab", "ü", "a" * 40]
KEY_NUMBERS = ["1", "2", "10", "-1", "0", "1.5", "-0.001", "1e3"]
KEY_BINARIES = _binary(b"a", b"ab", b"b", b"\x00", b"\xff")

strings = st.sampled_from(STRINGS).map(lambda text: {"S": text})
numbers = st.sampled_from(NUMBERS * 3 + EDGE_NUMBERS).map(lambda text: {"N": text})
binaries = st.sampled_from(BINARIES).map(lambda text: {"B": text})
booleans = st.sampled_from([{"BOOL": True}, {"BOOL": False}])
nulls = st.just({"NULL": True})
scalars = st.one_of(strings, strings, numbers, numbers, binaries, booleans, nulls)

string_sets = st.lists(st.sampled_from(STRINGS[:4]), min_size=1, max_size=3, unique=True).map(lambda some: {"SS": some})
number_sets = st.lists(st.sampled_from(NUMBERS[:7]), min_size=1, max_size=3, unique=True).map(lambda some: {"NS": some})
binary_sets = st.lists(st.sampled_from(BINARIES[:3]), min_size=1, max_size=3, unique=True).map(
    lambda some: {"BS": some}
)
sets = st.one_of(string_sets, number_sets, binary_sets)

_leaves = st.one_of(scalars, scalars, sets)


def _nested(children: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.one_of(
        st.lists(children, max_size=3).map(lambda some: {"L": some}),
        st.dictionaries(st.sampled_from(["x", "y", "z"]), children, max_size=3).map(lambda some: {"M": some}),
    )


documents = _nested(st.one_of(_leaves, _nested(_leaves)))
values = st.one_of(scalars, scalars, scalars, sets, documents)

bad_values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(BAD_NUMBERS).map(lambda text: {"N": text}),
    st.sampled_from(
        [
            {},
            {"SS": []},
            {"NS": []},
            {"BS": []},
            {"SS": ["a", "a"]},
            {"NS": ["1", "1.0"]},
            {"BS": ["YQ==", "YQ=="]},
            {"SS": [""]},
            {"NULL": False},
            {"S": "a", "N": "1"},
            {"N": 1},
            {"S": 1},
            {"BOOL": "true"},
            {"L": {}},
            {"M": []},
            {"B": "not base64!"},
            {"B": "YQ"},
            {"X": "a"},
            {"SS": "a"},
            {"M": {"": {"S": "a"}}},
            {"M": {"x": {"N": "abc"}}},
            {"L": [{"SS": []}]},
            "a",
            1,
            None,
            [],
        ]
    ),
)


def key_values(tag: str) -> st.SearchStrategy[Value]:
    """Values that a key attribute of this type may have."""
    pool = {"S": KEY_STRINGS, "N": KEY_NUMBERS, "B": KEY_BINARIES}[tag]
    return st.sampled_from(pool).map(lambda text: {tag: text})


def bad_key_values(tag: str) -> st.SearchStrategy[Value]:
    """Values that it may not have: empty, or of another type."""
    return st.sampled_from(
        [{tag: ""}, {"BOOL": True}, {"S" if tag == "N" else "N": "1"}, {"SS": ["a"]}, {"NULL": True}]
    )
