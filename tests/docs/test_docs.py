"""Documentation that fails when it lies: its code runs; the files, commands and links that it names are there.

The Python blocks of a page run in order, as one program, in a directory with the files that the page shows and beside a
stack of that project. So the README's project is a real one.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
import typer

from everwarm import Stack
from everwarm.cli import app
from everwarm.clock import ManualClock
from everwarm.serverless import load
from everwarm.serverless.check import check
from tests.docs.pages import ROOT, Page, pages
from tests.stack.support import eventually

EXAMPLE_ENDPOINT = "http://localhost:8000"
"""What pages say for the endpoint; in tests it is wherever a free port was."""

PAGES = pages()
README = Page(Path("README.md"))

every_page = pytest.mark.parametrize("page", PAGES, ids=str)


def write_files(page: Page, directory: Path) -> None:
    for block in page.blocks:
        if block.file_name is not None:
            (directory / block.file_name).write_text(block.code, encoding="utf-8")


def program(page: Page) -> str:
    return "\n".join(block.code for block in page.blocks if block.language == "python" and block.file_name is None)


@pytest.mark.parametrize("page", [page for page in PAGES if program(page)], ids=str)
def test_python_blocks_run(page: Page, tmp_path: Path) -> None:
    write_files(page, tmp_path)
    with Stack(tmp_path, memory=True) as stack:
        code = program(page).replace(EXAMPLE_ENDPOINT, stack.endpoint)
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
    assert ran.returncode == 0, ran.stderr


# The first promise of the first page.
def test_the_project_of_the_readme_keeps_an_entry_warm(tmp_path: Path) -> None:
    write_files(README, tmp_path)
    clock = ManualClock()
    with Stack(tmp_path, memory=True, clock=clock) as stack:
        dynamodb = boto3.client(
            "dynamodb",
            endpoint_url=stack.endpoint,
            region_name=stack.region,
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        item = {"symbol": {"S": "ACME"}, "price": {"N": "41"}, "ttl": {"N": str(int(clock.now()) + 60)}}
        dynamodb.put_item(TableName="quotes", Item=item)
        clock.advance(60)

        def price() -> str | None:
            found = dynamodb.get_item(TableName="quotes", Key={"symbol": {"S": "ACME"}}).get("Item")
            return found["price"]["N"] if found else None

        assert eventually(lambda: price() == "42")
        dynamodb.close()


# "This one may not write its table yet, and nobody is told of what it gives up."
def test_the_readme_tells_what_is_found_in_its_project(tmp_path: Path) -> None:
    write_files(README, tmp_path)
    codes = [finding.code for finding in check(load(tmp_path / "serverless.yml", environ={}))]
    assert codes == ["missing-table-permission", "no-bisect", "no-destination"]


@every_page
def test_commands_exist_with_their_options(page: Page) -> None:
    group: Any = typer.main.get_command(app)
    for line in page.shell_lines() + page.inline():
        if not re.match(r"(\S*/)?everwarm ", line):
            continue
        name, *arguments = shlex.split(line)[1:]
        command = group.commands.get(name)
        if name.startswith("-"):
            command, arguments = group, [name]
        while arguments and hasattr(command, "commands"):
            command, *arguments = command.commands.get(arguments[0]), *arguments[1:]
        assert command is not None, line
        options = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        given = {argument.partition("=")[0] for argument in arguments if argument.startswith("-")}
        assert given <= options, line


@every_page
def test_make_verbs_exist(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in page.shell_lines() + page.inline():
        if verb := re.match(r"make ([a-z]+)", line):
            assert re.search(rf"^{verb[1]}:", makefile, re.MULTILINE), line


@every_page
def test_links_lead_somewhere(page: Page) -> None:
    for target in page.links():
        assert ((ROOT / page.path).parent / target.partition("#")[0]).exists(), target


# As the pages have it: from the repository's root, below src/everwarm in a page that says so, or shown by the page.
@every_page
def test_files_that_are_named_exist(page: Page) -> None:
    places = [ROOT, ROOT / "src" / "everwarm", (ROOT / page.path).parent]
    shown = {block.file_name for block in page.blocks}
    for name in page.inline():
        if name not in shown and re.fullmatch(r"[\w.-]*/[\w./-]*|[\w-]+\.(py|toml|md)", name):
            assert any((place / name).exists() for place in places), name


# A room that the folder plan leaves out is one that a newcomer does not find.
def test_the_folder_plan_is_complete() -> None:
    named = set(Page(Path("docs/architecture.md")).inline())
    source = ROOT / "src" / "everwarm"
    folders = {f"{path.parent.relative_to(source)}/" for path in source.glob("*/**/__init__.py")}
    modules = {path.name for path in source.glob("*.py")} - {"__init__.py", "__main__.py", "version.py"}
    assert folders - {"dynamodb/", "lambdas/"} <= named
    assert modules <= named


# An operation that came without a line would be one that nobody hears of.
def test_the_changelog_names_every_operation() -> None:
    actions = ROOT / "src" / "everwarm" / "dynamodb" / "api" / "actions"
    names = [path.stem.title().replace("_", "") for path in actions.glob("[a-z]*.py")]
    changelog = Page(Path("CHANGELOG.md")).text
    assert [name for name in names if name not in changelog] == []


# A picture that needs the network shows another font, or nothing, where there is none.
def test_the_picture_needs_nothing_but_itself() -> None:
    svg = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    assert "@font-face" not in svg
    assert not re.search(r"url\((?!#)|href=|src=", svg)


@pytest.mark.parametrize("path", [*(page.path for page in PAGES), Path("docs/demo.svg")], ids=str)
def test_no_path_of_somebody_s_machine(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(home|root|Users|work|tmp|var|private)/", text)
    assert str(ROOT) not in text
