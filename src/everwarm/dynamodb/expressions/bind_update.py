"""Binding of updates: the parsed actions to ones that can be applied, their paths and operands checked on the way."""

from operator import attrgetter

from everwarm.dynamodb.expressions import messages, nodes
from everwarm.dynamodb.expressions.nodes import Call, DocumentPath, Node, Placeholder, Section
from everwarm.dynamodb.expressions.paths import Clash, Path, keep_apart
from everwarm.dynamodb.expressions.scope import Scope
from everwarm.dynamodb.expressions.update import (
    Action,
    Add,
    Arithmetic,
    Delete,
    Existing,
    Given,
    IfNotExists,
    ListAppend,
    Remove,
    Set,
    SetValue,
    Update,
)
from everwarm.dynamodb.values import numbers
from everwarm.dynamodb.values.types import SET_TAGS, AttributeValue, type_of

_ARITHMETIC = {"+": numbers.add, "-": numbers.subtract}


def bind_update(parsed: nodes.ParsedUpdate, scope: Scope) -> Update:
    """A parsed update with its names and values.

    Raises:
        ValidationException: paths that overlap or conflict, operands that do not go with their operator.
    """
    paths = bind_paths([action.path for action in parsed.actions], scope)
    # AWS begins at the last action, so its fault is the one that is told.
    actions = [_action(action, path, scope) for action, path in zip(parsed.actions[::-1], paths[::-1], strict=True)]
    if len(actions) > 1:
        actions.sort(key=attrgetter("path"))
    return Update(tuple(actions))


def bind_paths(written: list[DocumentPath], scope: Scope) -> list[Path]:
    """Paths with their names, none within another.

    Raises:
        ValidationException: paths that overlap or conflict, names that are not defined.
    """
    if len(written) == 1:
        return [scope.path(written[0])]
    paths: list[Path] = []
    try:
        # AWS begins at the last path.
        for path in reversed(written):
            paths.append(scope.path(path))
    finally:
        paths.reverse()
        _check_apart(paths, scope)
    return paths


def _check_apart(paths: list[Path], scope: Scope) -> None:
    try:
        keep_apart(paths)
    except Clash as clash:
        say = messages.paths_overlap if clash.overlap else messages.paths_conflict
        raise scope.error(say(clash.one, clash.two)) from None


def _action(action: nodes.Action, path: Path, scope: Scope) -> Action:
    operand = action.operand
    if operand is None:
        return Remove(path)
    if action.section is Section.SET:
        return Set(path, _set_value(operand, scope))
    assert isinstance(operand, Placeholder), "ADD and DELETE take a value"
    given = scope.value(operand)
    if action.section is Section.ADD:
        _check_action("ADD", given, ("N", *SET_TAGS), scope)
        return Add(path, given)
    _check_action("DELETE", given, SET_TAGS, scope)
    return Delete(path, given)


def _check_action(section: str, given: AttributeValue, allowed: tuple[str, ...], scope: Scope) -> None:
    tag = type_of(given)
    if tag not in allowed:
        raise scope.error(messages.action_operand_type(section, tag))


def _set_value(node: Node, scope: Scope) -> SetValue:
    if isinstance(node, Placeholder):
        return Given(scope.value(node))
    if isinstance(node, DocumentPath):
        return Existing(scope.path(node))
    name = node.operator
    operands = [_set_value(operand, scope) for operand in node.operands]
    if len(operands) != 2:
        raise scope.error(messages.operand_count(name, len(operands)))
    left, right = operands
    if name == "if_not_exists":
        if not isinstance(left, Existing):
            raise scope.error(messages.path_wanted(name))
        if right == left:
            raise scope.error(messages.not_distinct(name, left.path))
        return IfNotExists(left.path, right)
    _check_operands(node, operands, "L" if name == "list_append" else "N", scope)
    return ListAppend(left, right) if name == "list_append" else Arithmetic(_ARITHMETIC[name], left, right)


def _check_operands(call: Call, operands: list[SetValue], tag: str, scope: Scope) -> None:
    for operand in operands:
        if isinstance(operand, Given) and tag not in operand.given:
            raise scope.error(messages.operand_type(call.operator, type_of(operand.given)))
