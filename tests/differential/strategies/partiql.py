"""PartiQL: statements as text with parameters, alone, in batches and in transactions."""

from itertools import combinations
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Request, Schema, Step
from tests.differential.strategies import values
from tests.differential.strategies.items import CAPACITY, items, keys, maybe
from tests.differential.strategies.schemas import PLAIN

_COMPARATORS = ["=", "<>", "<", "<=", ">", ">="]


@st.composite
def statements(draw: DrawFn, schema: Schema) -> Step:
    """ExecuteStatement."""
    request: Request = draw(_statements(schema))
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    maybe(draw, request, "ConsistentRead", st.sampled_from([None, None, None, True]))
    return Step("ExecuteStatement", request)


@st.composite
def batches(draw: DrawFn, schema: Schema) -> Step:
    """BatchExecuteStatement."""
    # Local refuses a batch that writes an item twice, and has written it once all the same.
    members = st.lists(_statements(schema), min_size=1, max_size=3).filter(_writes_nothing_twice)
    request: Request = {"Statements": draw(members)}
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step("BatchExecuteStatement", request)


@st.composite
def transactions(draw: DrawFn, schema: Schema) -> Step:
    """ExecuteTransaction."""
    request: Request = {"TransactStatements": [draw(_statements(schema)) for _ in range(draw(st.integers(1, 3)))]}
    maybe(draw, request, "ReturnConsumedCapacity", CAPACITY)
    return Step("ExecuteTransaction", request)


@st.composite
def _statements(draw: DrawFn, schema: Schema) -> Request:
    parameters: list[Any] = []
    kind = draw(st.sampled_from(["SELECT", "SELECT", "INSERT", "UPDATE", "DELETE"]))
    if kind == "SELECT":
        text = draw(_selects(schema, parameters))
    elif kind == "INSERT":
        item: Request = draw(items(schema))
        members = [f"'{name}': {_parameter(parameters, value)}" for name, value in item.items()]
        text = f'INSERT INTO "{TABLE}" VALUE {{{", ".join(members)}}}'
    elif kind == "UPDATE":
        text = f'UPDATE "{TABLE}" {draw(_changes(parameters))} WHERE {draw(_key(schema, parameters))}'
        if draw(st.booleans()):
            text += f" AND {draw(_conditions(parameters))}"
        text += draw(_returning())
    else:
        text = f'DELETE FROM "{TABLE}" WHERE {draw(_key(schema, parameters))}'
        if draw(st.integers(0, 2)) == 0:
            text += f" AND {draw(_conditions(parameters))}"
        text += draw(st.sampled_from(["", "", " RETURNING ALL OLD *", " RETURNING ALL NEW *"]))
    request: Request = {"Statement": text}
    if parameters:
        request["Parameters"] = parameters
    return request


@st.composite
def _selects(draw: DrawFn, schema: Schema, parameters: list[Any]) -> str:
    names = ", ".join(draw(st.lists(st.sampled_from([*PLAIN, "pk"]), min_size=1, max_size=2, unique=True)))
    text = f'SELECT {draw(st.sampled_from(["*", names]))} FROM "{TABLE}"'
    index = draw(st.sampled_from([None, None, None, *schema.indexes]))
    if index is not None:
        text += f'."{index.name}"'
    if draw(st.integers(0, 9)) == 0:
        return text
    if index is None and draw(st.booleans()):
        return f"{text} WHERE {draw(_where(schema, parameters))}"
    keys_of = schema.keys if index is None else index.keys
    count = draw(st.integers(1, len(keys_of)))
    asked = [draw(_about_key(schema, name, parameters, alone=count == 1)) for name in keys_of[:count]]
    text += f" WHERE {' AND '.join(asked)}"
    if draw(st.integers(0, 4)) == 0:
        text += f" {draw(st.sampled_from(['AND', 'AND NOT', 'OR']))} {draw(_conditions(parameters))}"
    if index is None and draw(st.integers(0, 3)) == 0:
        text += f" ORDER BY {keys_of[-1]} {draw(st.sampled_from(['ASC', 'DESC', '']))}"
    return text


@st.composite
def _about_key(draw: DrawFn, schema: Schema, name: str, parameters: list[Any], *, alone: bool) -> str:
    """A condition on a key attribute; Local loses the others behind an OR."""

    def value() -> str:
        return _parameter(parameters, draw(values.key_values(schema.type_of(name) or "S")))

    kind = draw(st.sampled_from(["=", "=", "=", *_COMPARATORS, "BETWEEN", "IN", "OR" if alone else "IN"]))
    if kind == "IN":
        # Local gives a partition that is named twice twice.
        choices = st.lists(values.key_values(schema.type_of(name) or "S"), min_size=1, max_size=3, unique_by=str)
        return f"{name} IN [{', '.join(_parameter(parameters, one) for one in draw(choices))}]"
    if kind == "OR":
        return f"({name} = {value()} OR {name} = {value()})"
    if kind == "BETWEEN":
        return f"{name} BETWEEN {value()} AND {value()}"
    return f"{name} {kind} {value()}"


def _writes_nothing_twice(statements: list[Request]) -> bool:
    writes = [one.get("Parameters", ()) for one in statements if not one["Statement"].startswith("SELECT")]
    return all(value not in other for one, other in combinations(writes, 2) for value in one)


def _parameter(parameters: list[Any], value: Any) -> str:
    parameters.append(value)
    return "?"


def _returning() -> st.SearchStrategy[str]:
    what = [f" RETURNING {which} {age} *" for which in ("ALL", "MODIFIED") for age in ("OLD", "NEW")]
    return st.sampled_from(["", "", "", *what])


@st.composite
def _key(draw: DrawFn, schema: Schema, parameters: list[Any]) -> str:
    key: Request = draw(keys(schema))
    parts = [f"{name} = {_parameter(parameters, value)}" for name, value in key.items()]
    if len(parts) > 1 and draw(st.integers(0, 19)) == 0:
        parts.pop()
        parameters.pop()
    return " AND ".join(parts)


@st.composite
def _where(draw: DrawFn, schema: Schema, parameters: list[Any]) -> str:
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return str(draw(_conditions(parameters)))
    if kind == 1:
        hash_value = draw(values.key_values(schema.type_of(schema.hash) or "S"))
        return f"{schema.hash} = {_parameter(parameters, hash_value)}"
    text = str(draw(_key(schema, parameters)))
    return text if kind <= 3 else f"{text} AND {draw(_conditions(parameters))}"


@st.composite
def _conditions(draw: DrawFn, parameters: list[Any]) -> str:
    name = draw(st.sampled_from([*PLAIN, "a.x", "b[0]"]))
    kind = draw(st.integers(0, 8))

    def value(of: st.SearchStrategy[Any] = values.scalars) -> str:
        return _parameter(parameters, draw(of))

    if kind <= 2:
        return f"{name} {draw(st.sampled_from(_COMPARATORS))} {value()}"
    if kind == 3:
        return f"{name} IS {draw(st.sampled_from(['', 'NOT ']))}{draw(st.sampled_from(['MISSING', 'NULL']))}"
    if kind == 4:
        return f"{name} BETWEEN {value()} AND {value()}"
    if kind == 5:
        return f"{name} IN [{value()}, {value()}]"
    if kind == 6:
        return f"{draw(st.sampled_from(['begins_with', 'contains']))}({name}, {value()})"
    if kind == 7:
        return f"NOT {name} = {value()}"
    return f"{name} = {draw(st.sampled_from(['1', 'true', 'null', chr(39) + 'a' + chr(39), '-1.5', '[1]']))}"


@st.composite
def _changes(draw: DrawFn, parameters: list[Any]) -> str:
    made = []
    for name in draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=2, unique=True)):
        kind = draw(st.integers(0, 5))
        if kind <= 2:
            made.append(f"SET {name} = {_parameter(parameters, draw(values.values))}")
        elif kind == 3:
            made.append(f"REMOVE {name}")
        elif kind == 4:
            made.append(f"SET {name} = {name} + {_parameter(parameters, draw(values.numbers))}")
        else:
            made.append(f"SET {name} = list_append({name}, {_parameter(parameters, {'L': [draw(values.scalars)]})})")
    return " ".join(made)
