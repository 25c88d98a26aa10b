import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from everwarm.errors import ProjectError
from everwarm.serverless.nodes import Node, Place
from everwarm.serverless.variables import Outside, Variables

Resolved = Callable[..., Any]


def failure(resolved: Resolved, *args: Any, **kwargs: Any) -> ProjectError:
    with pytest.raises(ProjectError) as raised:
        resolved(*args, **kwargs)
    return raised.value


# One value, written in the way the framework's documentation shows; the sources are in `FILE` and `OUTSIDE`.
FILE = """
service: shop
provider: {{stage: test, region: eu-west-1}}
params:
  test: {{color: red}}
  default: {{color: blue, size: 7}}
stages:
  default: {{params: {{shape: round}}}}
names: {{test: a-table, list: [x, y], on: true, none: null}}
custom: {value}
"""
OUTSIDE: dict[str, Any] = {
    "options": {"owner": "ann"},
    "params": {"size": "9"},
    "environ": {"HOME_TOWN": "Seoul", "FLAG": "TRUE", "TRICKY": "${self:service}"},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${self:service}", "shop"),
        ("${self:names.list.1}", "y"),
        ("${self:names.on}", True),
        ("${self:names.list}", ["x", "y"]),
        ("a-${self:names.on}-${self:service}", "a-true-shop"),
        ("${self:names.${sls:stage}}", "a-table"),
        ("${sls:stage}", "test"),
        ("${opt:owner}", "ann"),
        ("${opt:nobody, 'dev'}", "dev"),
        ('${opt:nobody, "dev, and more"}', "dev, and more"),
        ("${opt:nobody, 12}", 12),
        ("${opt:nobody, -1.5}", -1.5),
        ("${opt:nobody, false}", False),
        ("${opt:nobody, null}", None),
        ("${opt:nobody, self:names.none, env:HOME_TOWN}", "Seoul"),
        ("${opt:nobody, ${self:service}}", "shop"),
        ("${env:HOME_TOWN}", "Seoul"),
        ("${param:color}", "red"),
        ("${param:size}", "9"),
        ("${param:shape}", "round"),
        ("${aws:region}", "eu-west-1"),
        ("${aws:accountId}", "000000000000"),
        ("${strToBool(${env:FLAG})}", True),
        ("${strToBool(0)}", False),
        ("${ssm:/a/b, 'local'}", "local"),
        ("${cf(eu-west-1):stack.Output, 'local'}", "local"),
        ("${s3:bucket/key, 'local'}", "local"),
        ("${git:branch, 'main'}", "main"),
        ("${file(nowhere.yml):a, 'local'}", "local"),
        ("${file(./names.js):a, 'local'}", "local"),
        # Left for CloudFormation, or for nobody.
        ("${AWS::Region}", "${AWS::Region}"),
        ("${Table.Arn}-${table}", "${Table.Arn}-${table}"),
        ("arn:${AWS::Region}:${self:service}", "arn:${AWS::Region}:shop"),
        ("\\${self:service}", "${self:service}"),
        ("costs $5 {a}", "costs $5 {a}"),
        # What comes from outside is not read for variables again.
        ("${env:TRICKY}", "${self:service}"),
        ("it is ${env:TRICKY}", "it is ${self:service}"),
    ],
)
def test_a_variable_has_its_value(resolved: Resolved, value: str, expected: object) -> None:
    quoted = "'" + value.replace("'", "''") + "'"
    found = resolved(FILE.format(value=quoted), **OUTSIDE)
    assert found == expected
    assert type(found) is type(expected)


def test_the_stage_asked_for_counts_before_the_file_s(resolved: Resolved) -> None:
    text = "provider: {stage: test}\ncustom: ['${sls:stage}', '${opt:stage}', '${self:provider.stage}']\n"
    assert resolved(text, stage="prod") == ["prod", "prod", "test"]


def test_the_stage_may_itself_be_a_variable(resolved: Resolved) -> None:
    text = "provider: {stage: \"${opt:stage, 'blue'}\"}\ncustom: ${sls:stage}\n"
    assert resolved(text) == "blue"


def test_without_any_word_of_it_the_stage_is_dev_and_the_region_us_east_1(resolved: Resolved) -> None:
    assert resolved("custom: '${sls:stage} ${aws:region}'") == "dev us-east-1"


def test_the_instance_id_is_one_for_a_run(resolved: Resolved) -> None:
    first, second = resolved("custom: ['${sls:instanceId}', '${sls:instanceId}']")
    assert first == second
    assert first != resolved("custom: ['${sls:instanceId}']")[0]


def test_files_give_maps_keys_json_and_text(resolved: Resolved) -> None:
    files = {
        "tables.yml": "rates:\n  name: rates-${sls:stage}\n  arn: !GetAtt Rates.Arn\n",
        "limits.json": '{"batch": {"dev": 100}}',
        "note.txt": "hello\n",
    }
    text = """
custom:
  whole: ${file(./tables.yml)}
  key: ${file(tables.yml):rates.name}
  json: ${file(./limits.json):batch.${sls:stage}}
  text: ${file(note.txt)}
"""
    rates = {"name": "rates-dev", "arn": {"Fn::GetAtt": ["Rates", "Arn"]}}
    assert resolved(text, files=files) == {
        "whole": {"rates": rates},
        "key": "rates-dev",
        "json": 100,
        "text": "hello\n",
    }


def test_an_included_custom_section_may_refer_to_itself_by_other_keys(resolved: Resolved) -> None:
    files = {"custom.yml": "name: rates\ntable: ${self:custom.name}-table\n"}
    assert resolved("custom: ${file(custom.yml)}\n", files=files) == {"name": "rates", "table": "rates-table"}


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("custom:\n  a: x ${opt:nobody}\n", 2, 6, "no option --nobody"),
        ("custom:\n  a: ${env:NOBODY}\n", 2, 6, "no environment variable NOBODY"),
        ("custom:\n  a: ${self:custom.b}\n", 2, 6, "no custom.b"),
        ("custom:\n  a: ${param:b}\n", 2, 6, "no parameter b"),
        ("custom:\n  a: ${file(b.yml)}\n", 2, 6, "no file 'b.yml'"),
        ("custom:\n  a: ${file(b.js):x}\n", 2, 6, "JavaScript"),
        ("custom:\n  a: ${ssm:/a}\n", 2, 6, "A fallback may be given: ${ssm:/a, 'some value'}"),
        ("custom:\n  a: ${cf:a.b}\n", 2, 6, "no answer on this machine"),
        ("custom:\n  a: ${s3:a/b}\n", 2, 6, "no answer on this machine"),
        ("custom:\n  a: ${git:branch}\n", 2, 6, "not a source"),
        ("custom:\n  a: ${sls:nothing}\n", 2, 6, "stage and instanceId"),
        ("custom:\n  a: ${strToBool(maybe)}\n", 2, 6, "'maybe'"),
        ("custom:\n  a: ${opt:stage, dev}\n", 2, 6, "quotes: 'dev'"),
        ("custom:\n  a: ${opt:stage\n", 2, 6, "no } where it should end"),
        ("custom:\n  a: ${file(b.yml\n", 2, 6, "no )"),
        ("custom:\n  a: ${self:${Table}}\n", 2, 6, "not a variable itself"),
        ("custom:\n  a: [1]\n  b: x-${self:custom.a}\n", 3, 6, "has to be text, not a list"),
        ("custom:\n  a: ${self:custom.a}\n", 2, 6, "refers to itself"),
        ("custom:\n  a: ${self:custom.b}\n  b: ${self:custom.a}\n", 2, 6, "refers to itself"),
        ("custom:\n  a:\n    b: ${self:custom}\n", 3, 8, "refers to itself"),
        ("provider:\n  stage: ${sls:stage}\ncustom: 1\n", 2, 10, "refers to itself"),
        ("custom:\n  a: ${file(../b.yml)}\n", 2, 6, "not inside"),
        ("custom:\n  a: ${file(/etc/hostname)}\n", 2, 6, "not inside"),
    ],
)
def test_what_has_no_value_is_told_with_its_place(
    resolved: Resolved, text: str, line: int, column: int, says: str
) -> None:
    error = failure(resolved, text)
    assert (error.path, error.line, error.column) == ("serverless.yml", line, column)
    assert says in error.problem


def test_an_error_in_an_included_file_names_that_file(resolved: Resolved) -> None:
    error = failure(resolved, "custom: ${file(a.yml)}", files={"a.yml": "x: 1\ny: ${env:NOBODY}\n"})
    assert (error.path.endswith("a.yml"), error.line, error.column) == (True, 2, 4)
    error = failure(resolved, "custom: ${file(a.yml)}", files={"a.yml": "x: 1\nx: 2\n"})
    assert (error.path.endswith("a.yml"), error.line, error.column) == (True, 2, 1)
    error = failure(resolved, "custom: ${file(a.json)}", files={"a.json": '{\n"x": }'})
    assert (error.path.endswith("a.json"), error.line) == (True, 2)


def test_a_file_that_includes_itself_is_an_error(resolved: Resolved) -> None:
    error = failure(resolved, "custom: ${file(a.yml)}", files={"a.yml": "b: ${file(a.yml)}\n"})
    assert "refers to itself" in error.problem


def test_a_fallback_is_only_asked_for_when_needed(resolved: Resolved) -> None:
    assert resolved("custom: ${opt:owner, env:NOBODY}", options={"owner": "ann"}) == "ann"


_PIECES = st.one_of(
    st.sampled_from(["${", "}", "(", ")", ":", ",", ".", " ", "'", '"', "$", "\\", "\x00", "é"]),
    st.sampled_from(["self:", "custom", "a", "opt:", "sls:stage", "file(", "x.yml", "strToBool(", "1", "null"]),
    st.sampled_from(["AWS::Region", "${self:custom}", "${env:A, 'b'}"]),
)


@given(st.lists(_PIECES, max_size=15).map("".join))
@example("${self:a." * 200)
@example("${opt:a, " * 200)
@example("${file(a\x00b)}")
@example("${self:custom." + "9" * 5000 + "}")
@example("${opt:a, " + "9" * 5000 + "}")
def test_no_text_raises_anything_but_project_error(text: str) -> None:
    root = Node.of({"custom": text, "a": {"b": 1}}, Place("a.yml", 1, 1))
    with contextlib.suppress(ProjectError):
        Variables(root, Path(), Outside()).resolve(root)
