"""What is refused for the names and values of a request, in the service's words."""

import pytest

from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.condition import holds
from everwarm.dynamodb.expressions.update import apply
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException

VALUES: dict[str, AttributeValue] = {
    ":s": {"S": "s"},
    ":one": {"N": "1"},
    ":two": {"N": "2"},
    ":yes": {"BOOL": True},
    ":l": {"L": []},
    ":m": {"M": {}},
    ":ss": {"SS": ["a"]},
    ":nil": {"NULL": True},
}


def test_names_and_values_are_put_in() -> None:
    binder = Binder({"#s": "status", "#n": "n"}, {":new": {"S": "new"}, ":old": {"S": "old"}})
    update = binder.update("SET #s = :new, m.#n = :new REMOVE x.#n")
    condition = binder.condition("#s = :old")
    binder.finish()
    item: Item = {"status": {"S": "old"}, "m": {"M": {}}, "x": {"M": {"n": {"S": "x"}}}}
    assert holds(condition, item)
    assert apply(update, item) == {
        "status": {"S": "new"},
        "m": {"M": {"n": {"S": "new"}}},
        "x": {"M": {}},
    }


# One expression's unused name may be another's: only what all of them leave is refused.
def test_unused_over_all_expressions() -> None:
    binder = Binder({"#a": "a", "#b": "b", "#c": "c"}, {":v": {"S": "v"}})
    binder.condition("attribute_exists(#b)")
    binder.projection("d")
    with pytest.raises(ValidationException) as caught:
        binder.finish()
    assert caught.value.message == "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #c}"
    binder.projection("#a, #c")
    with pytest.raises(ValidationException) as caught:
        binder.finish()
    assert caught.value.message == "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"
    binder.update("SET x = :v")
    binder.finish()


def test_a_request_without_anything() -> None:
    Binder(None, None).finish()


@pytest.mark.parametrize(
    ("names", "values", "problem"),
    [
        ({}, None, "ExpressionAttributeNames must not be empty"),
        (None, {}, "ExpressionAttributeValues must not be empty"),
        ({"a": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
        ({"#a-b": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"'),
        (None, {"a": {"S": "x"}}, 'ExpressionAttributeValues contains invalid key: Syntax error; key: "a"'),
        (None, {":": {"S": "x"}}, 'ExpressionAttributeValues contains invalid key: Syntax error; key: ":"'),
        ({"#a": ""}, None, "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a"),
        (
            {"#" + "a" * 255: "a"},
            None,
            (
                "ExpressionAttributeNames contains invalid key: "
                "The expression attribute map contains a key that is too long; size of key: 256"
            ),
        ),
        (
            None,
            {":" + "a" * 255: {"S": "x"}},
            (
                "ExpressionAttributeValues contains invalid key: "
                "The expression attribute map contains a key that is too long;"
            ),
        ),
        (
            None,
            {":v": {}},
            (
                "ExpressionAttributeValues contains invalid value: "
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v"
            ),
        ),
        (
            None,
            {":v": {"N": "abc"}},
            (
                "ExpressionAttributeValues contains invalid value: "
                "The parameter cannot be converted to a numeric value: abc for key :v"
            ),
        ),
        ({f"#{at}": "x" * 65_535 for at in range(33)}, None, "ExpressionAttributeNames exceeds max size"),
        (None, {":v": {"S": "x" * 2**21}}, "ExpressionAttributeValues exceeds max size"),
    ],
)
def test_placeholders_of_a_wrong_form(
    names: dict[str, str] | None, values: dict[str, AttributeValue] | None, problem: str
) -> None:
    with pytest.raises(ValidationException) as caught:
        Binder(names, values).condition("attribute_exists(a)")
    assert caught.value.message == problem


def test_a_path_of_32_elements_passes_and_of_33_does_not() -> None:
    [path] = Binder(None, None).projection(".".join("a" * 32))
    assert len(path) == 32
    with pytest.raises(ValidationException) as caught:
        Binder({"#a": "a"}, None).projection("#a" + "[0]" * 32)
    assert caught.value.message == (
        "Invalid ProjectionExpression: The document path has too many nesting levels; nesting levels: 33"
    )


UNDEFINED = "An expression attribute value used in expression is not defined; attribute value: :undefined"
DISTINCT = (
    "The first operand must be distinct from the remaining operands for this operator or function; "
    "operator: =, first operand: [a]"
)


# What is wrong with operands is found on the way through the expression: the first fault is named.
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = a AND b = :undefined", DISTINCT),
        ("b = :undefined AND a = a", UNDEFINED),
        ("a BETWEEN :undefined AND a", UNDEFINED),
        ("(b = :s OR NOT c < :undefined) AND a = a", UNDEFINED),
    ],
)
def test_the_first_fault_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        Binder(None, VALUES).condition(text)
    assert caught.value.message == f"Invalid ConditionExpression: {problem}"


def test_undefined_placeholders() -> None:
    with pytest.raises(ValidationException) as caught:
        Binder({"#a": "a"}, VALUES).update("SET #n = :s")
    assert caught.value.message == (
        "Invalid UpdateExpression: An expression attribute name used in the document path is not defined; "
        "attribute name: #n"
    )
    with pytest.raises(ValidationException) as caught:
        Binder(None, None).condition("a = :v", "FilterExpression")
    assert caught.value.message == (
        "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :v"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("begins_with(a, :one)", "{type} or function: begins_with, operand type: N"),
        ("begins_with(a, size(b))", "{type} or function: begins_with, operand type: N"),
        ("size(:one) = :one", "{type} or function: size, operand type: N"),
        ("a < :yes", "{type} or function: <, operand type: BOOL"),
        ("a BETWEEN :l AND :l", "{type} or function: BETWEEN, operand type: L"),
        ("a BETWEEN b AND a", "{distinct}; operator: BETWEEN, first operand: [a]"),
        ("a IN (:s, a)", "{distinct}; operator: IN, first operand: [a]"),
        ("a BETWEEN :s AND :yes", "{type} or function: BETWEEN, operand type: BOOL"),
        (
            f"a IN ({', '.join([':s'] * 101)})",
            "The IN operator is provided with too many operands; number of operands: 101",
        ),
        ("attribute_type(a, :one)", "{type} or function: attribute_type, operand type: N"),
        (
            "attribute_type(a, b)",
            "{type} or function: attribute_type, operand type: {{NS,SS,L,BS,N,M,B,BOOL,NULL,S}}",
        ),
        (
            "attribute_type(a, :s)",
            "Invalid attribute type name found; type: s, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}",
        ),
        ("size(a, b) = :one", "{count} or function: size, number of operands: 2"),
        ("contains(a)", "{count} or function: contains, number of operands: 1"),
        (
            "attribute_exists(:s)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "a BETWEEN :two AND :one",
            (
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                "lower bound operand: AttributeValue: {{N:2}}, upper bound operand: AttributeValue: {{N:1}}"
            ),
        ),
        (
            "a BETWEEN :one AND :s",
            (
                "The BETWEEN operator requires same data type for lower and upper bounds; "
                "lower bound operand: AttributeValue: {{N:1}}, upper bound operand: AttributeValue: {{S:s}}"
            ),
        ),
        ("a = a", "{distinct}; operator: =, first operand: [a]"),
        ("contains(a[0].b, a[0].b)", "{distinct}; operator: contains, first operand: [a, [0], b]"),
    ],
)
def test_operands_of_a_condition(text: str, problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        Binder(None, VALUES).condition(text)
    assert caught.value.message == "Invalid ConditionExpression: " + problem.format(
        type="Incorrect operand type for operator or function; operator",
        count="Incorrect number of operands for operator or function; operator",
        distinct="The first operand must be distinct from the remaining operands for this operator or function",
    )


def test_binary_bounds_are_shown_as_the_service_shows_them() -> None:
    with pytest.raises(ValidationException) as caught:
        Binder(None, {":x": {"B": "YmI="}, ":y": {"B": "YQ=="}}).condition("a BETWEEN :x AND :y")
    assert caught.value.message.endswith(
        "lower bound operand: AttributeValue: {B:java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]}, "
        "upper bound operand: AttributeValue: {B:java.nio.HeapByteBuffer[pos=0 lim=1 cap=1]}"
    )


@pytest.mark.parametrize(
    ("text", "action", "found"),
    [
        ("ADD a :s", "ADD", "STRING"),
        ("ADD a :m", "ADD", "MAP"),
        ("ADD a :nil", "ADD", "NULL"),
        ("DELETE a :one", "DELETE", "NUMBER"),
        ("DELETE a :l", "DELETE", "LIST"),
    ],
)
def test_what_add_and_delete_do_not_take(text: str, action: str, found: str) -> None:
    with pytest.raises(ValidationException) as caught:
        Binder(None, VALUES).update(text)
    assert caught.value.message == (
        "Invalid UpdateExpression: Incorrect operand type for operator or function; "
        f"operator: {action}, operand type: {found}, typeSet: ALLOWED_FOR_{action}_OPERAND"
    )


# Two placeholders may stand for the same name.
def test_distinct_is_about_names_not_placeholders() -> None:
    with pytest.raises(ValidationException, match=r"must be distinct .* first operand: \[a\]"):
        Binder({"#x": "a", "#y": "a"}, None).condition("#x = #y")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SET a = b + :s", "Incorrect operand type for operator or function; operator or function: +, operand type: S"),
        (
            "SET a = list_append(b, :ss)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: SS",
        ),
        (
            "SET a = list_append(b)",
            (
                "Incorrect number of operands for operator or function; "
                "operator or function: list_append, number of operands: 1"
            ),
        ),
        (
            "SET a = if_not_exists(:s, :s)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        (
            "SET a = if_not_exists(b, b)",
            (
                "The first operand must be distinct from the remaining operands for this operator or function; "
                "operator: if_not_exists, first operand: [b]"
            ),
        ),
        (
            "SET a = :s REMOVE a.b",
            (
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                "path one: [a], path two: [a, b]"
            ),
        ),
        (
            "SET a.b = :s REMOVE a[0]",
            (
                "Two document paths conflict with each other; must remove or rewrite one of these paths; "
                "path one: [a, b], path two: [a, [0]]"
            ),
        ),
    ],
)
def test_operands_and_paths_of_an_update(text: str, problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        Binder(None, VALUES).update(text)
    assert caught.value.message == f"Invalid UpdateExpression: {problem}"
