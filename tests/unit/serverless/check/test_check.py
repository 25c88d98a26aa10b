"""All rules together: no project makes them fail, each has a test, and what they say is made for people."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everwarm.errors import ProjectError
from everwarm.serverless import load
from everwarm.serverless.check import RULES, Rule, check
from tests.unit.serverless.check.conftest import CLEAN, Found

Find = Callable[..., Found]

HERE = Path(__file__).parent
TESTS = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py") if path.name != "test_check.py")


# `invalid` is what the command says of a file that cannot be read: tests/unit/cli/test_check.py.
@pytest.mark.parametrize("code", [code for code in RULES if code != "invalid"])
def test_a_rule_has_a_test(code: str) -> None:
    assert f'"{code}"' in TESTS


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_speaks_in_sentences(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.code)
    for text in (rule.title, rule.why):
        assert re.match(r"[A-Z`]", text)
        assert text.endswith(".")


def test_findings_come_in_the_order_of_the_file(found: Find) -> None:
    result = found(("maximumRetryAttempts: 3", "startingPosition: LATEST"), ("bisectBatchOnFunctionError: true", ""))
    lines = [finding.place.line for finding in result.findings]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_findings_of_an_included_file_point_into_it(tmp_path: Path) -> None:
    head, _, resources = CLEAN.partition("resources:\n")
    (tmp_path / "serverless.yml").write_text(head + "resources: ${file(tables.yml)}\n", encoding="utf-8")
    text = resources.replace("AttributeName: ttl", "AttributeName: id")
    (tmp_path / "tables.yml").write_text(text, encoding="utf-8")
    (tmp_path / "main.py").write_text("handler = 1", encoding="utf-8")
    [finding] = check(load(tmp_path / "serverless.yml", environ={}))
    assert finding.code == "ttl-never-expires"
    assert finding.place.path == str(tmp_path / "tables.yml")
    assert "TimeToLiveSpecification" in text.splitlines()[finding.place.line - 1]


_ODD = st.one_of(
    st.sampled_from(["x", "1", "0", "-1", "null", "true", "[]", "{}", "''", "[{}]", "{a: 1}", "[null]", "[[a]]"]),
    st.sampled_from(["!Ref Orders", "!GetAtt Orders.Arn", "!Ref Nobody", "{exists: true}", "[{exists: [1]}]"]),
    st.sampled_from(["{onFailure: {arn: 'arn:aws:sqs:a:b:c'}}", "[{dynamodb: {NewImage: {a: [1]}}}]"]),
)
_VALUES = [match.span(1) for match in re.finditer(r": ([^\s{].*)$", CLEAN, re.MULTILINE)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.data())
def test_no_project_makes_the_rules_fail(tmp_path: Path, data: st.DataObject) -> None:
    text = CLEAN
    for start, end in sorted(data.draw(st.sets(st.sampled_from(_VALUES), max_size=2)), reverse=True):
        text = text[:start] + data.draw(_ODD) + text[end:]
    (tmp_path / "serverless.yml").write_text(text, encoding="utf-8")
    with contextlib.suppress(ProjectError):
        check(load(tmp_path / "serverless.yml", environ={}))
