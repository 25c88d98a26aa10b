"""Keys on disk: numbers sort, and a prefix has an end."""

from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.storage.layout import after, number32, number64


@given(st.binary(min_size=1, max_size=4).filter(lambda prefix: prefix.strip(b"\xff") != b""), st.binary(max_size=4))
def test_after_is_behind_every_key_of_the_prefix_and_before_all_others(prefix: bytes, rest: bytes) -> None:
    end = after(prefix)
    assert prefix <= prefix + rest < end
    assert prefix + b"\xff" * 8 < end
    assert not (rest.startswith(prefix)) or rest < end
    # Nothing else lies between: what sorts from the prefix to its end begins with it.
    assert not prefix <= rest < end or rest.startswith(prefix)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_numbers_sort(a: int, b: int) -> None:
    assert (number32(a) < number32(b)) == (a < b)
    assert (number64(a) < number64(b)) == (a < b)
    assert (len(number32(a)), len(number64(a))) == (4, 8)
