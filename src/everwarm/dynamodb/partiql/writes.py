"""INSERT, UPDATE and DELETE as planned writes: the same road as PutItem, UpdateItem and DeleteItem take.

An INSERT wants that there is no item, an UPDATE that there is one. A DELETE of an item that is not there is no error,
whatever else it asks for.

Source: "PartiQL insert statements", "update statements" and "delete statements" in the developer guide.
"""

from collections.abc import Sequence as Values

from everwarm.dynamodb.expressions.condition import Condition, holds
from everwarm.dynamodb.expressions.update import apply, top_level_names, touched
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.binding import Where, bind_assignments, bind_where
from everwarm.dynamodb.partiql.keys import names_key, names_key_alone, one_key
from everwarm.dynamodb.partiql.literals import members
from everwarm.dynamodb.partiql.tree import Delete, Exists, Expression, Insert, Returning, Update
from everwarm.dynamodb.tables.index_keys import check_index_keys
from everwarm.dynamodb.tables.keys import key_in_item, refuse_updates
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import UPDATE_TOO_LARGE, Plan, PlannedWrite, condition_failed, encode
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import (
    DuplicateItemException,
    ValidationException,
)

Writing = Insert | Update | Delete | Exists


def plan(statement: Writing, parameters: Values[AttributeValue], *, failed_item: bool = False) -> Plan:
    """What is left to do of a statement that writes, once its table is found.

    Args:
        parameters: the request's, checked; as many as the statement has.
        failed_item: whether a condition that does not hold shows the item.

    Raises:
        ValidationException: what the statement says means nothing, whatever its table is.
    """
    match statement:
        case Insert():
            return _insert(statement, parameters)
        case Update():
            return _update(statement, parameters, failed_item)
        case Delete():
            return _delete(statement, parameters, failed_item)
        case Exists():
            return _exists(statement, parameters, failed_item)


def table_name(statement: Writing) -> str:
    """The table that a statement writes."""
    return statement.select.table if isinstance(statement, Exists) else statement.table


def _insert(statement: Insert, parameters: Values[AttributeValue]) -> Plan:
    item = members(statement.item, parameters)

    def decide(old: Item | None) -> Item:
        if old is not None:
            raise DuplicateItemException("Duplicate primary key exists in table")
        return item

    def planned(table: Table) -> PlannedWrite:
        for part in table.key_schema.parts:
            if part.name not in item:
                raise ValidationException(messages.key_missing(part.name))
            if part.tag not in item[part.name]:
                raise ValidationException(messages.key_type(part.name))
        key = key_in_item(table, item)
        check_index_keys(table, item)
        return PlannedWrite(table, key, decide, new_json=encode(item))

    return planned


def _update(statement: Update, parameters: Values[AttributeValue], failed_item: bool) -> Plan:
    update = bind_assignments(statement.assignments, parameters)
    where = _where(statement.where, parameters)

    def planned(table: Table) -> PlannedWrite:
        key = one_key(table, where)
        refuse_updates(table, top_level_names(update))

        def decide(old: Item | None) -> Item:
            new = apply(update, _required(old, where.condition, failed_item))
            if table.indexes:
                check_index_keys(table, new)
            return new

        return PlannedWrite(table, key, decide, UPDATE_TOO_LARGE, touched=touched(update))

    return planned


def _delete(statement: Delete, parameters: Values[AttributeValue], failed_item: bool) -> Plan:
    where = _where(statement.where, parameters)

    def decide(old: Item | None) -> None:
        if old is not None:
            _required(old, where.condition, failed_item)

    def planned(table: Table) -> PlannedWrite:
        key = one_key(table, where)
        check_returning(statement)
        return PlannedWrite(table, key, decide)

    return planned


def check_returning(statement: Delete) -> None:
    """
    Raises:
        ValidationException: a DELETE is to show something else than what it deleted.
    """
    if statement.returning not in (None, Returning.ALL_OLD):
        raise ValidationException(messages.delete_returning(statement.returning.value))


def _exists(statement: Exists, parameters: Values[AttributeValue], failed_item: bool) -> Plan:
    if statement.select.where is None:
        raise ValidationException(messages.EXISTS_OPERAND)
    where = bind_where(statement.select.where, parameters)

    def decide(old: Item | None) -> Item:
        return _required(old, where.condition, failed_item)

    def planned(table: Table) -> PlannedWrite:
        if not names_key(table.key_schema, where) or names_key_alone(table.key_schema, where):
            raise ValidationException(messages.EXISTS_OPERAND)
        return PlannedWrite(table, one_key(table, where), decide)

    return planned


def _where(where: Expression | None, parameters: Values[AttributeValue]) -> Where:
    if where is None:
        raise ValidationException(messages.INCOMPLETE_KEY)
    return bind_where(where, parameters)


def _required(old: Item | None, condition: Condition, failed_item: bool) -> Item:
    if old is None or not holds(condition, old):
        raise condition_failed(old if failed_item else None)
    return old
