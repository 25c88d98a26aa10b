"""The code of a function as text: which files belong to it, and which words stand in it."""

from pathlib import Path

import pytest

from everwarm.serverless.check.code import Code, read


def written(directory: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content, encoding="utf-8")
    return directory


def test_python_modules_that_the_handler_imports(tmp_path: Path) -> None:
    files = {
        "src/main.py": "import json, src.a\nfrom src import b\nfrom .c import d\ndef handler(e, c): import src.late\n",
        "src/__init__.py": "",
        "src/a.py": "from src.a import x",
        "src/b.py": "import boto3",
        "src/c/__init__.py": "from ..deep.er import y",
        "src/c/d.py": "",
        "src/deep/er.py": "this is no Python",
        "src/late.py": "",
        "src/other.py": "put_item(",
    }
    code = read(written(tmp_path, files), "src/main.handler", "python3.12")
    assert next(iter(code.files)) == "src/main.py"
    assert set(code.files) == files.keys() - {"src/other.py"}
    assert not code.has(r"put_item")
    assert not code.lacks_handler


def test_javascript_modules_that_the_handler_imports(tmp_path: Path) -> None:
    files = {
        "src/main.mjs": "import x from './a.mjs'\nimport './b.mjs'\nimport fs from 'fs'\nexport const handler = 1",
        "src/a.mjs": "export * from '../lib'",
        "src/b.mjs": "const c = await import('./c.mjs')",
        "src/c.mjs": "require('../../outside')",
        "lib/index.js": "const d = require( './d' ); client.send(new PutCommand({}))",
        "lib/d.js": "",
        "lib/e.js": "",
    }
    code = read(written(tmp_path, files), "src/main.handler", "nodejs20.x")
    assert set(code.files) == files.keys() - {"lib/e.js"}
    assert code.has(r"\bPutCommand\b")


def test_comments_do_not_count() -> None:
    code = Code({"main.py": "# eventName\n  // userIdentity\nx = 1  # REMOVE\n"})
    assert not code.has("eventName")
    assert not code.has("userIdentity")
    assert code.has("nothing", "REMOVE")


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("def handler(event, context): ...", False),
        ("async def handler(event, context): ...", False),
        ("handler = make()", False),
        ("a, handler = make()", False),
        ("from lib import handler", False),
        ("from lib import main as handler", False),
        ("from lib import *", False),
        ("class handler: ...", False),
        ("globals()['handler'] = 1", False),
        ("not Python at all", False),
        ("def handle(event, context): ...", True),
        ("", True),
    ],
)
def test_whether_a_module_has_the_handler(tmp_path: Path, text: str, lacks: bool) -> None:
    assert read(written(tmp_path, {"main.py": text}), "main.handler", "python3.12").lacks_handler is lacks


def test_no_such_file(tmp_path: Path) -> None:
    assert not read(tmp_path, "main.handler", "python3.12").is_found
    assert not read(tmp_path, "main.handler", "nodejs20.x").is_found
    (tmp_path / "main.py").write_bytes(b"\xff")
    assert not read(tmp_path, "main.handler", "python3.12").is_found


# `pip install -t .` is how many a package is made.
def test_installed_packages_are_not_the_author_s_code(tmp_path: Path) -> None:
    files = {
        "main.py": "import boto3, six, own\ndef handler(e, c): ...",
        "boto3/__init__.py": "put_item(",
        "boto3-1.40.0.dist-info/RECORD": "boto3/__init__.py,sha256=x,9\nboto3-1.40.0.dist-info/RECORD,,\n",
        "six.py": "",
        "six-1.0.dist-info/RECORD": "six.py,sha256=x,9\n",
        "own.py": "",
    }
    assert set(read(written(tmp_path, files), "main.handler", "python3.12").files) == {"main.py", "own.py"}
