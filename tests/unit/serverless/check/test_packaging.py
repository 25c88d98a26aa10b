from collections.abc import Callable
from pathlib import Path

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import CODE, Found

Find = Callable[..., Found]

PATTERNS = "patterns: ['!.everwarm/**']"


def test_no_such_file(found: Find) -> None:
    result = found(code=None)
    assert result.codes == ["handler-not-found"]
    assert result.line("handler-not-found") == "handler: main.handler"
    assert result.only("handler-not-found").what == "function main has no file main.py"


def test_no_such_function(found: Find) -> None:
    result = found(("main.handler", "main.handle"))
    assert result.codes == ["handler-not-found"]
    assert result.only("handler-not-found").what == "main.py has no handle"


# A newer runtime may know better than the Python that looks.
@pytest.mark.parametrize(("runtime", "weight"), [("python3.9", Weight.ERROR), ("python3.99", Weight.WARNING)])
def test_a_file_that_is_no_python(found: Find, runtime: str, weight: Weight) -> None:
    files = {"lib.py": "import json\nx = {\n"}
    result = found(("python3.12", runtime), code=f"import lib\n{CODE}", files=files)
    assert result.codes == ["syntax-error"]
    finding = result.only("syntax-error")
    assert finding.weight is weight
    assert finding.what.startswith("lib.py is no Python 3.")
    assert "line 2: '{' was never closed" in finding.what
    assert result.line("syntax-error") == "handler: main.handler"


def test_what_python_warns_of_is_the_author_s_business(found: Find) -> None:
    assert found(code=f'PATTERN = "\\d"\n{CODE}').codes == []


@pytest.mark.parametrize("plugin", ["serverless-esbuild", "serverless-webpack"])
def test_what_a_bundler_makes_is_not_looked_for(found: Find, plugin: str) -> None:
    assert found(code=None, more=f"plugins: [{plugin}]\n").codes == ["not-run-here"]


# serverless-yml.md, section 7, "Selection".
def test_the_handler_is_left_out(found: Find) -> None:
    result = found((PATTERNS, "patterns: ['!.everwarm/**', '!*.py']"))
    assert result.codes == ["not-in-package"]
    assert result.line("not-in-package").startswith("'!*.py'")
    assert "leaves main.py out" in result.only("not-in-package").what


def test_a_module_that_the_handler_imports_is_left_out(found: Find) -> None:
    code = f"from lib import store\n{CODE}"
    files = {"lib/__init__.py": "", "lib/store.py": "from lib.deep import x\n", "lib/deep.py": "x = 1\n"}
    result = found((PATTERNS, "patterns: ['!**', main.py, 'lib/[!d]*.py']"), code=code, files=files)
    assert result.codes == ["not-in-package"]
    assert "leaves lib/deep.py out" in result.only("not-in-package").what


def test_what_a_function_s_own_patterns_add_counts_where_it_is_packaged_by_itself(found: Find) -> None:
    own = "    timeout: 30\n    package: {patterns: [main.py]}\n"
    changes = [(PATTERNS, "patterns: ['!**', other.py]"), ("    timeout: 30\n", own)]
    assert found(*changes).codes == ["not-in-package"]
    changes[0] = (PATTERNS, "individually: true\n  patterns: ['!**', other.py]")
    assert found(*changes).codes == []


@pytest.mark.parametrize(
    ("patterns", "told"), [("patterns: []", True), (PATTERNS, False), ("patterns: ['!**']", False)]
)
def test_the_data_of_everwarm_up(found: Find, tmp_path: Path, patterns: str, told: bool) -> None:
    (tmp_path / ".everwarm").mkdir()
    assert ("data-in-package" in found((PATTERNS, patterns)).codes) is told


def test_where_there_is_no_data_there_is_nothing_to_say(found: Find) -> None:
    assert found((PATTERNS, "patterns: []")).codes == []
