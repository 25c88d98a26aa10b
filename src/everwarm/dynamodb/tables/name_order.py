"""The order in which AWS's messages list names: that of Java's hash tables.

Recorded on AWS for the attributes ProductId, ProductName, ProductDescription, CreatedTime:
`AttributeDefinitions: [ProductId, CreatedTime, ProductDescription, ProductName], keys used: [CreatedTime, ProductName,
ProductId]`. The first is the order of a table made for four entries, the second that of one of the usual size.

Source: `String.hashCode` and `HashMap` in the documentation and source of Java 8.
"""

from collections.abc import Iterable

_USUAL_BUCKETS = 16


def as_set(names: Iterable[str]) -> str:
    """Names as a set that grows as it is filled."""
    distinct = list(dict.fromkeys(names))
    return _listed(distinct, max(_USUAL_BUCKETS, _power_of_two(len(distinct) * 4 / 3)))


def as_map(names: Iterable[str]) -> str:
    """Names as the keys of a map whose size was known."""
    distinct = list(dict.fromkeys(names))
    count = len(distinct)
    return _listed(distinct, _power_of_two(count + 1 if count < 3 else int(count / 0.75 + 1)))


def _listed(names: list[str], buckets: int) -> str:
    return f"[{', '.join(sorted(names, key=lambda name: _spread(name) & (buckets - 1)))}]"


def _spread(name: str) -> int:
    code = 0
    units = name.encode("utf-16-be")
    for at in range(0, len(units), 2):
        code = (code * 31 + int.from_bytes(units[at : at + 2], "big")) & 0xFFFFFFFF
    return code ^ (code >> 16)


def _power_of_two(at_least: float) -> int:
    power = 1
    while power < at_least:
        power *= 2
    return power
