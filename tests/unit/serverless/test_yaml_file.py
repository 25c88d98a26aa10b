import contextlib
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from everwarm.errors import ProjectError
from everwarm.serverless.nodes import Node
from everwarm.serverless.yaml_file import load


def plain(text: str) -> Any:
    def strip(node: Node) -> Any:
        if isinstance(node.value, dict):
            return {key: strip(child) for key, child in node.value.items()}
        return [strip(child) for child in node.value] if isinstance(node.value, list) else node.value

    return strip(load(text, "a.yml"))


def failure(text: str) -> ProjectError:
    with pytest.raises(ProjectError) as raised:
        load(text, "a.yml")
    return raised.value


# The types of YAML 1.2's core schema, chapter 10.3 of its specification; underscores are js-yaml's.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("~", None),
        ("null", None),
        ("12", 12),
        ("0o14", 12),
        ("0xC", 12),
        ("010", 10),
        ("1_000", 1000),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
        ("2012-10-17", "2012-10-17"),
        ("!!str 12", "12"),
    ],
)
def test_scalars_have_the_types_of_yaml_1_2(text: str, value: object) -> None:
    found = plain(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_and_infinity() -> None:
    assert math.isnan(plain("a: .nan")["a"])
    assert plain("a: [.inf, -.inf]") == {"a": [math.inf, -math.inf]}


# The long forms are those of the CloudFormation User Guide, "Intrinsic function reference".
@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Table", {"Ref": "Table"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!GetAtt Table.StreamArn", {"Fn::GetAtt": ["Table", "StreamArn"]}),
        ("!GetAtt [Table, Arn]", {"Fn::GetAtt": ["Table", "Arn"]}),
        ("!GetAtt Nested.Outputs.Arn", {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}),
        ("!Sub '${AWS::Region}-x'", {"Fn::Sub": "${AWS::Region}-x"}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
        ("!Select [0, [a]]", {"Fn::Select": [0, ["a"]]}),
        ("!Split ['-', a-b]", {"Fn::Split": ["-", "a-b"]}),
        ("!If [A, b, c]", {"Fn::If": ["A", "b", "c"]}),
        ("!Equals [a, b]", {"Fn::Equals": ["a", "b"]}),
        ("!FindInMap [A, b, c]", {"Fn::FindInMap": ["A", "b", "c"]}),
        ("!ImportValue name", {"Fn::ImportValue": "name"}),
        ("!Transform {Name: x}", {"Fn::Transform": {"Name": "x"}}),
    ],
)
def test_short_tags_become_their_long_form(short: str, long: object) -> None:
    assert plain(f"a: {short}") == {"a": long}


def test_every_value_knows_its_place_and_that_of_its_key() -> None:
    root = load("a:\n  b: [1,\n    two]\n", "a.yml")
    inner = root.mapping("")["a"].mapping("")["b"]
    assert (inner.key_place.line, inner.key_place.column) == (2, 3)
    assert (inner.place.line, inner.place.column) == (2, 6)
    second = inner.sequence("")[1]
    assert (second.place.path, second.place.line, second.place.column) == ("a.yml", 3, 5)


def test_merge_keys_give_way_to_the_map_s_own() -> None:
    # "Merge Key Language-Independent Type for YAML": own keys first, then the earlier map of a list.
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  a: 0\n  <<: [*x, *y]\n"
    assert plain(text)["z"] == {"a": 0, "b": 1, "c": 2}


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "'a' stands twice"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, 3, "'b' stands twice"),
        ("a: b: c\n", 1, 5, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, 1, "not YAML"),
        ("a: *nowhere\n", 1, 4, "nowhere"),
        ("a: 1\n--- \nb: 2\n", 2, 1, "not YAML"),
        ("a: 1\nb: \x01\n", 2, 4, "not YAML"),
        ("a: !Unknown x\n", 1, 4, "!Unknown"),
        ("a: !!int abc\n", 1, 4, "!!int"),
        ("a: !!binary abcd\n", 1, 4, "!!binary"),
        ("? [a]\n: 1\n", 1, 3, "a key has to be text"),
        ("a: &a [*a]\n", 1, 4, "levels"),
        ("a: 1\n<<: 3\n", 2, 5, "<<"),
    ],
)
def test_what_is_malformed_is_told_with_line_and_column(text: str, line: int, column: int, says: str) -> None:
    error = failure(text)
    assert (error.path, error.line, error.column) == ("a.yml", line, column)
    assert says in error.problem


def test_aliases_that_multiply_are_stopped() -> None:
    # "Billion laughs": nine lines that stand for a thousand million values.
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "100,000 values" in failure("\n".join(lines)).problem


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    assert "deep" in failure("[" * 1500).problem
    assert "levels" in failure("[" * 150 + "]" * 150).problem


_PIECES = st.one_of(
    st.sampled_from(["a", "1", "0x", ".inf", "é", "\n", "  ", "\t", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n"]),
    st.sampled_from(["b: ", "- ", "? ", ": ", ",", "[", "]", "{", "}", "'", '"', "|\n", ">", "#", "\\"]),
    st.sampled_from(["&x ", "*x", "<<: ", "!Ref ", "!GetAtt ", "!!int ", "!"]),
)


@given(st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=25).map("".join)))
@example("a: " + "9" * 5000)
@example("%YAML 1.1\n---\na: 1:30")
@example("%YAML 9.9\n---\na")
@example("&x a: &x b")
def test_no_text_raises_anything_but_project_error(text: str) -> None:
    with contextlib.suppress(ProjectError):
        load(text, "a.yml")
