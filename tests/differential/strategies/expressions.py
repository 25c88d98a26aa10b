"""Expressions as text, with the names and values that they use. Most are right; the rest is wrong in some usual way."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import Request, Schema
from tests.differential.strategies import values
from tests.differential.strategies.schemas import PLAIN

_SUFFIXES = [""] * 10 + [".x", ".x", ".y", "[0]", "[0]", "[1]", ".x.y", ".x[0]", "[0].x", "[7]"]
_COMPARATORS = ["=", "=", "<>", "<", "<=", ">", ">="]
_TYPES = ["S", "N", "B", "SS", "NS", "BS", "BOOL", "NULL", "L", "M"]


@dataclass(slots=True)
class Scope:
    """The placeholders that a request's expressions have used so far."""

    names: dict[str, str] = field(default_factory=dict)
    values: Request = field(default_factory=dict)

    def name(self, attribute: str) -> str:
        for placeholder, known in self.names.items():
            if known == attribute:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = attribute
        return placeholder

    def value(self, value: Any) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def into(self, request: Request) -> Request:
        """The request with the placeholders in it."""
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


def attribute_names(schema: Schema) -> st.SearchStrategy[str]:
    """Names that items of this table have, plain ones more often."""
    return st.sampled_from([*PLAIN, *PLAIN, *PLAIN, *dict(schema.types), "name", "missing"])


@st.composite
def paths(draw: DrawFn, schema: Schema, scope: Scope, *, updatable: bool = False) -> str:
    """A document path. `name` is a reserved word, so it mostly hides behind a placeholder."""
    names = st.sampled_from([*PLAIN, *PLAIN, "l", "g", "h", "name"]) if updatable else attribute_names(schema)
    name = draw(names)
    hidden = draw(st.integers(0, 9)) < (9 if name == "name" else 3)
    return (scope.name(name) if hidden else name) + draw(st.sampled_from(_SUFFIXES))


@st.composite
def operands(draw: DrawFn, schema: Schema, scope: Scope) -> str:
    kind = draw(st.integers(0, 9))
    if kind < 4:
        return draw(paths(schema, scope))
    if kind < 9:
        return scope.value(draw(values.values))
    return f"size({draw(paths(schema, scope))})"


@st.composite
def conditions(draw: DrawFn, schema: Schema, scope: Scope, depth: int = 2) -> str:
    """A condition or filter."""
    kind = draw(st.integers(0, 11 if depth else 8))

    def path() -> str:
        return draw(paths(schema, scope))

    def operand() -> str:
        return draw(operands(schema, scope))

    def smaller() -> str:
        return draw(conditions(schema, scope, depth - 1))

    if kind <= 2:
        return f"{path()} {draw(st.sampled_from(_COMPARATORS))} {operand()}"
    if kind == 3:
        return f"{draw(st.sampled_from(['attribute_exists', 'attribute_not_exists']))}({path()})"
    if kind == 4:
        return f"{path()} BETWEEN {operand()} AND {operand()}"
    if kind == 5:
        some = [operand() for _ in range(draw(st.integers(1, 3)))]
        return f"{path()} IN ({', '.join(some)})"
    if kind == 6:
        return f"{draw(st.sampled_from(['begins_with', 'contains']))}({path()}, {operand()})"
    if kind == 7:
        tag = draw(st.sampled_from([*_TYPES, *_TYPES, "X"]))
        return f"attribute_type({path()}, {scope.value({'S': tag})})"
    if kind == 8:
        return f"size({path()}) {draw(st.sampled_from(_COMPARATORS))} {scope.value(draw(values.numbers))}"
    if kind == 9:
        return f"NOT {smaller()}"
    if kind == 10:
        return f"({smaller()})"
    return f"{smaller()} {draw(st.sampled_from(['AND', 'OR']))} {smaller()}"


@st.composite
def updates(draw: DrawFn, schema: Schema, scope: Scope) -> str:
    """An update expression, its clauses in any order; overlapping paths come up by themselves."""
    clauses = draw(st.lists(st.sampled_from(["SET", "SET", "REMOVE", "ADD", "DELETE"]), min_size=1, max_size=2))
    clauses = list(dict.fromkeys(clauses)) if draw(st.integers(0, 19)) else clauses
    if not {"SET", "ADD"}.intersection(clauses):
        clauses.append("SET")  # removals alone create no item, but Local creates one
    return " ".join(f"{clause} {draw(_actions(schema, scope, clause))}" for clause in clauses)


@st.composite
def _actions(draw: DrawFn, schema: Schema, scope: Scope, clause: str) -> str:
    made = []
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        path = draw(paths(schema, scope, updatable=True))
        if clause == "SET":
            made.append(f"{path} = {draw(_set_values(schema, scope))}")
        elif clause == "REMOVE":
            made.append(path)
        elif clause == "ADD":
            added = draw(st.one_of(values.numbers, values.numbers, values.sets, values.values))
            made.append(f"{path} {scope.value(added)}")
        else:
            made.append(f"{path} {scope.value(draw(st.one_of(values.sets, values.sets, values.values)))}")
    return ", ".join(made)


@st.composite
def _set_values(draw: DrawFn, schema: Schema, scope: Scope) -> str:
    def simple(of: st.SearchStrategy[Any] = values.values) -> str:
        if draw(st.booleans()):
            return scope.value(draw(of))
        return draw(paths(schema, scope))

    kind = draw(st.integers(0, 6))
    if kind <= 2:
        return simple()
    if kind <= 4:
        second = simple(values.numbers)
        first = (
            f"if_not_exists({draw(paths(schema, scope))}, {second})" if draw(st.booleans()) else simple(values.numbers)
        )
        return f"{first} {draw(st.sampled_from('+-'))} {second}"
    if kind == 5:
        return f"if_not_exists({draw(paths(schema, scope))}, {simple()})"
    lists = st.lists(values.scalars, max_size=2).map(lambda some: {"L": some})
    return f"list_append({simple(lists)}, {simple(lists)})"


@st.composite
def projections(draw: DrawFn, schema: Schema, scope: Scope) -> str:
    return ", ".join(draw(paths(schema, scope)) for _ in range(draw(st.sampled_from([1, 1, 2, 3]))))


@st.composite
def key_conditions(draw: DrawFn, schema: Schema, keys: tuple[str, ...], scope: Scope) -> str:
    """A key condition on a table or an index."""
    parts = []
    for number, key in enumerate(keys):
        of = values.key_values(schema.type_of(key) or "S")
        shown = scope.name(key) if draw(st.booleans()) else key
        if number == 0:
            parts.append(f"{shown} = {scope.value(draw(of))}")
        elif draw(st.integers(0, 3)):
            parts.append(draw(_sort_conditions(shown, of, scope)))
    if draw(st.integers(0, 9)) == 0:
        parts.reverse()
    return " AND ".join(f"({part})" if draw(st.integers(0, 9)) == 0 else part for part in parts)


@st.composite
def _sort_conditions(draw: DrawFn, shown: str, of: st.SearchStrategy[Any], scope: Scope) -> str:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return f"{shown} BETWEEN {scope.value(draw(of))} AND {scope.value(draw(of))}"
    if kind == 1:
        return f"begins_with({shown}, {scope.value(draw(of))})"
    comparator = draw(st.sampled_from(["=", "<", "<=", ">", ">=", "<", ">", "<>"] if kind == 5 else ["=", "<", ">="]))
    return f"{shown} {comparator} {scope.value(draw(of))}"
