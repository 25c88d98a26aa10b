"""`.env` files. The expected values are those of the packages dotenv and dotenv-expand."""

from collections.abc import Callable

import pytest

from everwarm.errors import ProjectError
from everwarm.serverless import Project
from everwarm.serverless.dotenv import parse

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("A = two words   # a comment", "two words"),
        ('export A="quoted # not a comment" # one', "quoted # not a comment"),
        ('A="line\\nbreak"', "line\nbreak"),
        ("A='line\\nbreak'", "line\\nbreak"),
        ("A=`back 'tick'`", "back 'tick'"),
        ("A=", ""),
        ("A: colon", "colon"),
        ('A="multi\nline"', "multi\nline"),
        ("A=a=b", "a=b"),
        ("A='it''s'", "it''s"),
        ('A="unclosed', '"unclosed'),
        ("A=x#y", "x"),
        ("A=1\nA=2", "2"),
        ("A=1\r\n", "1"),
        ("  A=1", "1"),
        ("A='single ${HERE}'", "single here"),
        ('A="$HERE-${HERE}"', "here-here"),
        ("A=${NONE}-${NONE:-default}-${NONE-other}", "-default-other"),
        ("A=\\$HERE", "$HERE"),
        ("B=1\nA=${B}2", "12"),
        # The environment counts before the file.
        ("HERE=there\nA=$HERE", "here"),
    ],
)
def test_a_line(line: str, value: str) -> None:
    assert parse(line, {"HERE": "here"})["A"] == value


@pytest.mark.parametrize("text", ["", "# A=1", "A", "=1", "A B=1", "'A'=1"])
def test_what_is_no_line(text: str) -> None:
    assert "A" not in parse(text, {})


TEXT = "custom: {value: '${env:VALUE}'}\nfunctions: {main: {handler: a.b, name: '${self:custom.value}'}}\n"


def name(project: Project) -> str:
    (function,) = project.functions({})
    return function.name


# serverless-yml.md, section 6, `env:`.
@pytest.mark.parametrize("switch", ["useDotenv: true", "frameworkVersion: '4'", "frameworkVersion: ^4.3.0"])
def test_a_file_beside_the_project_file(project: Make, switch: str) -> None:
    found = project(f"{TEXT}{switch}\n", files={".env": "VALUE=file\n"})
    assert name(found) == "file"
    assert found.notices == ()
    assert name(project(f"{TEXT}{switch}\n", environ={"VALUE": "outside"})) == "outside"


def test_a_file_for_the_stage_stands_in_its_place(project: Make) -> None:
    files = {".env": "VALUE=file\n", ".env.prod": "VALUE=stage\n"}
    text = f"{TEXT}useDotenv: true\n"
    assert name(project(text, files=files, stage="prod")) == "stage"
    assert name(project(text, files=files, stage="dev")) == "file"


@pytest.mark.parametrize("switch", ["", "useDotenv: false\n", "frameworkVersion: '3'\n"])
def test_without_being_asked_for_it_is_not_read(error: Fail, switch: str) -> None:
    assert "VALUE" in error(TEXT + switch, files={".env": "VALUE=file\n"}).problem
