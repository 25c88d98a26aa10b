"""Paths of expressions that lead into keys. A key is a string, a number or binary, so nothing lies within it."""

from collections.abc import Iterable

from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.tables.schema import Table
from everwarm.errors import RefusedRequest


def refuse_paths_into_keys(table: Table, paths: Iterable[Path]) -> None:
    """
    Raises:
        ValidationException: a path leads into a key attribute of the table or of one of its indexes.
    """
    nested = {path[0] for path in paths if len(path) > 1}
    if not nested:
        return
    for name in table.key_schema.names:
        if name in nested:
            raise _no_scalar("Key", name)
    for index in table.indexes:
        for name in index.key_schema.names:
            if name in nested:
                raise _no_scalar("IndexKey", name)


def _no_scalar(kind: str, name: str) -> RefusedRequest:
    return RefusedRequest(
        f"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {kind}: {name}"
    )
