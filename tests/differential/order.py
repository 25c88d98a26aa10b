"""Two refusals of one request, each for another reason: is it only that the reasons are looked for in another order?

A request may have several things wrong, and which of them is named is a matter of order, in which DynamoDB Local is no
measure: it does some of DynamoDB's checks elsewhere. So each side's reason is looked at alone: things are taken out of
the request until both give that reason. If that is possible for both reasons, both sides know both.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.differential.case import Case, Request, Schema, Step
from tests.differential.compare import Difference, masked
from tests.differential.known import explanation
from tests.differential.runner import Played, Runner
from tests.differential.smaller import with_shorter_texts, without_one

MAX_TRIES = 250

_PLAIN = {
    "ConditionExpression": "attribute_exists(b)",
    "FilterExpression": "attribute_exists(b)",
    "ProjectionExpression": "b",
    "UpdateExpression": "REMOVE b",
}


def only_order(runner: Runner, case: Case, difference: Difference) -> bool:
    """Whether both sides have both reasons."""
    if not difference.both_refused:
        return False
    upto = Case(case.schema, case.steps[: difference.number + 1])
    played = runner.last(upto)
    return played is not None and all(
        _agree(runner, upto, side, masked(getattr(played, side))) for side in ("ours", "local")
    )


def _agree(runner: Runner, case: Case, side: str, reason: str) -> bool:
    """Whether there is a smaller request that both refuse for this reason.

    Args:
        side: whose reason it is; `ours` or `local`.
    """
    *before, step = case.steps
    candidates = _nearer(case.schema, step)
    seen = [step.request]
    for _ in range(MAX_TRIES):
        request = next(candidates, None)
        if request is None:
            return False
        if request in seen:
            continue
        seen.append(request)
        smaller = step._replace(request=request)
        played = runner.last(Case(case.schema, (*before, smaller)))
        if played is None or masked(getattr(played, side)) != reason:
            continue
        if _same(played):
            return True
        candidates = _nearer(case.schema, smaller)
    return False


def _nearer(schema: Schema | None, step: Step) -> Iterator[Request]:
    """The step's request with one thing less that may be wrong."""
    request = step.request
    made = [_with_all_defined(request)]
    if schema is not None:
        on_table = {member: value for member, value in request.items() if member != "IndexName"}
        made += [
            _with_right_keys(schema, request),
            _with_plain_expressions(schema, request),
            _with_plain_key_condition(schema, request),
            _with_plain_key_condition(schema, on_table),
        ]
        if step.action == "Query" and "KeyConditionExpression" not in request:
            made.append(_with_plain_key_condition(schema, {**request, "KeyConditions": {}}))
    yield from (one for one in made if one != request)
    for less in (*without_one(request), *with_shorter_texts(request)):
        yield less
        defined = _with_all_defined(less)
        if defined != less:
            yield defined


def _a_key(schema: Schema, names: tuple[str, ...]) -> Request:
    plain = {"S": "a", "N": "1", "B": "YQ=="}
    return {name: {tag: plain[tag]} for name in names if (tag := schema.type_of(name))}


def _with_right_keys(schema: Schema, value: Any) -> Any:
    """The value with a key of the table wherever there is one."""
    if isinstance(value, list):
        return [_with_right_keys(schema, member) for member in value]
    if not isinstance(value, dict):
        return value
    made = {name: _with_right_keys(schema, member) for name, member in value.items()}
    key = _a_key(schema, schema.keys)
    if "Key" in made:
        made["Key"] = key
    if "Keys" in made:
        made["Keys"] = [key]
    if isinstance(made.get("Item"), dict):
        made["Item"] |= key
    return made


def _with_plain_expressions(schema: Schema, value: Any) -> Any:
    """The value with an expression that has nothing wrong in the place of each."""
    if isinstance(value, list):
        return [_with_plain_expressions(schema, member) for member in value]
    if not isinstance(value, dict):
        return value
    made = {
        name: _PLAIN.get(name, _with_plain_expressions(schema, member))
        for name, member in value.items()
        if not name.startswith("ExpressionAttribute")
    }
    return _with_plain_key_condition(schema, made)


def _with_plain_key_condition(schema: Schema, request: Request) -> Request:
    """The query with a key condition that asks for a partition, no more."""
    index = next((one for one in schema.indexes if one.name == request.get("IndexName")), None)
    [(name, value)] = _a_key(schema, ((index or schema).hash,)).items()
    if "KeyConditions" in request:
        return {**request, "KeyConditions": {name: {"ComparisonOperator": "EQ", "AttributeValueList": [value]}}}
    if "KeyConditionExpression" not in request:
        return request
    given = request.get("ExpressionAttributeValues")
    values = {**(given if isinstance(given, dict) else {}), ":partition": value}
    return {**request, "KeyConditionExpression": f"{name} = :partition", "ExpressionAttributeValues": values}


def _with_all_defined(request: Request) -> Request:
    """The request with a definition for every placeholder that its expressions use, and for no other."""
    texts = " ".join(str(text) for member, text in request.items() if member.endswith("Expression"))
    made = {member: value for member, value in request.items() if not member.startswith("ExpressionAttribute")}
    for member, sign, value in (("Names", "#", "b"), ("Values", ":", {"S": "a"})):
        given = request.get(f"ExpressionAttribute{member}")
        used = dict.fromkeys(re.findall(rf"{sign}\w+", texts))
        if used:
            known = given if isinstance(given, dict) else {}
            made[f"ExpressionAttribute{member}"] = {name: known.get(name, value) for name in used}
    return made


def _same(played: Played) -> bool:
    return played.difference is None or explanation(played.difference) is not None
