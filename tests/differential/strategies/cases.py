"""Whole cases: some items to begin with, then a few requests of every kind, now and then a spoiled one."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import Case, Schema, Step
from tests.differential.strategies import items, legacy, limits, partiql, reading, several
from tests.differential.strategies.spoiling import spoiled
from tests.differential.strategies.tables import table_cases

Steps = Callable[[Schema], st.SearchStrategy[Step]]

_MIX: tuple[tuple[int, Steps], ...] = (
    (8, items.writes),
    (3, items.reads),
    (8, reading.queries),
    (5, reading.scans),
    (3, several.batch_writes),
    (3, several.batch_reads),
    (4, several.transact_writes),
    (2, several.transact_reads),
    (3, legacy.writes),
    (3, legacy.reads),
    (3, partiql.statements),
    (1, partiql.batches),
    (1, partiql.transactions),
    (1, limits.writes),
)
_KINDS = [kind for weight, kind in _MIX for _ in range(weight)]


def cases(schemas: Sequence[Schema]) -> st.SearchStrategy[Case]:
    """A case on one of these tables, or, one in ten, on a table that it makes itself."""
    return st.integers(0, 9).flatmap(lambda n: table_cases() if n == 0 else _item_cases(schemas))


@st.composite
def _item_cases(draw: DrawFn, schemas: Sequence[Schema]) -> Case:
    schema = draw(st.sampled_from(schemas))
    steps = []
    if draw(st.integers(0, 99)) == 0:
        steps.append(draw(limits.large_fillings(schema)))
    elif draw(st.integers(0, 3)):
        steps.append(draw(several.fillings(schema)))
    for _ in range(draw(st.integers(1, 5))):
        step = draw(draw(st.sampled_from(_KINDS))(schema))
        if draw(st.integers(0, 9)) == 0:
            step = draw(spoiled(step))
        steps.append(step)
    return Case(schema, tuple(steps))
