"""Pages that are made from the code are up to date, and every operation has its file, its tests and its section."""

from pathlib import Path

import pytest

from docs.generate import ACTIONS, ROOT, WIRE_TESTS, generated, snake_case
from everwarm.dynamodb.api.actions import operations
from tests.docs.pages import Page

NAMES = sorted(operation.name for operation in operations().values())


@pytest.mark.parametrize(("path", "content"), generated().items(), ids=lambda value: getattr(value, "name", ""))
def test_it_is_up_to_date(path: Path, content: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == content, f"{path} is out of date: make docs"


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_has_its_file_its_tests_and_its_section(name: str) -> None:
    assert (ROOT / ACTIONS / f"{snake_case(name)}.py").is_file()
    assert (ROOT / WIRE_TESTS / f"test_{snake_case(name)}.py").is_file()
    assert f"\n## {name}\n" in Page(Path("docs/actions.md")).text


# A file that no operation leads to is one that was forgotten.
def test_every_file_is_an_operation() -> None:
    files = {path.stem for path in (ROOT / ACTIONS).glob("[a-z]*.py")}
    assert files == {snake_case(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_described_in_words(name: str) -> None:
    section = Page(Path("docs/actions.md")).text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert len(section.partition("\n[")[0].split()) >= 3, f"the docstring of {snake_case(name)}.py says nothing"
