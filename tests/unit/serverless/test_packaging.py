"""Which files a function's package has. The expected matches are those of micromatch, the framework's own matcher."""

from pathlib import Path

import pytest

from everwarm.serverless.nodes import Node
from everwarm.serverless.packaging import Package, Pattern, package
from everwarm.serverless.yaml_file import load

FILES = [
    "a.py",
    "src/a.py",
    "src/b/c.py",
    ".env",
    ".env.local",
    "node_modules/x/y.js",
    "tests/test_a.py",
    "a/b/tests/x.py",
    "x1.py",
]
FILES += [".everwarm/LOG", "src/.hid/x", "main.pyc"]


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("**", FILES),
        ("**/*", FILES),
        ("*", ["a.py", ".env", ".env.local", "x1.py", "main.pyc"]),
        ("src/**", ["src/a.py", "src/b/c.py", "src/.hid/x"]),
        ("./src/**", ["src/a.py", "src/b/c.py", "src/.hid/x"]),
        ("src/*", ["src/a.py"]),
        ("src", []),
        ("**/*.py", ["a.py", "src/a.py", "src/b/c.py", "tests/test_a.py", "a/b/tests/x.py", "x1.py"]),
        ("*.py", ["a.py", "x1.py"]),
        ("**/tests/**", ["tests/test_a.py", "a/b/tests/x.py"]),
        (".env*", [".env", ".env.local"]),
        ("{a,src/a}.py", ["a.py", "src/a.py"]),
        ("**/*.{py,js}", [file for file in FILES if file.endswith((".py", ".js"))]),
        ("src/**/*.py", ["src/a.py", "src/b/c.py"]),
        ("src/**/c.py", ["src/b/c.py"]),
        ("x[0-9].py", ["x1.py"]),
        ("[!a].py", []),
        ("a?py", ["a.py"]),
        ("**/.*/**", [".everwarm/LOG", "src/.hid/x"]),
        ("a+.py", []),
    ],
)
def test_a_pattern_matches(pattern: str, files: list[str]) -> None:
    assert [file for file in FILES if Pattern(pattern, False, None).matches(file)] == files


def packaged(text: str, function: str = "{handler: a.b}") -> Package:
    return package(load(text, "serverless.yml"), load(function, "serverless.yml"), "serverless.yml")


def test_without_patterns_all_but_a_few_files_are_in() -> None:
    found = packaged("service: shop\n")
    left_out = [".git/HEAD", ".gitignore", ".DS_Store", ".serverless/x", "serverless.yml", "yarn-error.log"]
    assert [file for file in [*FILES, *left_out] if not found.has(file)] == left_out


def test_the_last_pattern_that_speaks_of_a_file_decides() -> None:
    found = packaged("package: {patterns: ['!**', 'src/**', '!src/b/**', './.git/HEAD']}\n")
    assert [file for file in [*FILES, ".git/HEAD"] if found.has(file)] == ["src/a.py", "src/.hid/x", ".git/HEAD"]


@pytest.mark.parametrize(
    ("whole", "own", "has"),
    [
        ("{patterns: ['!a.py']}", "{patterns: [a.py]}", False),
        ("{patterns: ['!a.py'], individually: true}", "{patterns: [a.py]}", True),
        ("{patterns: ['!a.py']}", "{patterns: [a.py], individually: true}", True),
    ],
)
def test_a_function_s_patterns_count_where_it_is_packaged_by_itself(whole: str, own: str, has: bool) -> None:
    assert packaged(f"package: {whole}\n", f"{{handler: a.b, package: {own}}}").has("a.py") is has


# Until version 3 of the framework.
def test_the_old_names() -> None:
    found = packaged("package: {exclude: ['**'], include: [src/**]}\n")
    assert [file for file in FILES if found.has(file)] == ["src/a.py", "src/b/c.py", "src/.hid/x"]


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("plugins: [serverless-esbuild]\n", "{handler: a.b}"),
        ("plugins: {modules: [serverless-webpack]}\n", "{handler: a.b}"),
        ("package: {artifact: my.zip}\n", "{handler: a.b}"),
        ("service: shop\n", "{handler: a.b, package: {artifact: my.zip}}"),
        ("service: shop\n", "{handler: a.b, module: fetcher}"),
    ],
)
def test_what_is_packed_elsewhere_is_not_known(text: str, function: str) -> None:
    assert not packaged(text, function).is_known
    assert packaged("plugins: [serverless-python-requirements]\n").is_known


def test_a_pattern_keeps_its_place(tmp_path: Path) -> None:
    decided = packaged("package:\n  patterns:\n    - '!a.py'\n").decides("a.py")
    assert decided is not None
    assert isinstance(decided.node, Node)
    assert (decided.node.place.line, decided.leaves_out) == (3, True)
