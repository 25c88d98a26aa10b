"""python -m docs.generate (`make docs`): the pages, and parts of pages, that are made from the code.

- check.md: the rules of `everwarm check`, by src/everwarm/serverless/check.
- actions.md: the operations, by the docstrings of src/everwarm/dynamodb/api/actions.
- differences.md: the differences to DynamoDB Local, by tests/differential/known.
- lambda.md: the operations of the Lambda API, by src/everwarm/lambdas/api.
- cache/pictures: the timelines, and circle.svg: how an entry refreshes itself, by docs/pictures.

tests/docs/test_generated.py fails where one of them is out of date.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

from docs.pictures import circle
from docs.pictures.timelines import pictures
from everwarm.dynamodb.api.actions import operations
from everwarm.lambdas.api.actions import operations as lambda_operations
from everwarm.lambdas.api.model import lambda_model
from everwarm.serverless.check import RULES, SUBJECTS
from tests.differential.known import EXPLAINED

ROOT = Path(__file__).resolve().parents[1]
ACTIONS = Path("src/everwarm/dynamodb/api/actions")
WIRE_TESTS = Path("tests/wire")

_REFERENCE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_{}.html"
_BEGIN = "<!-- made by `make docs` from tests/differential/known -->"
_LAMBDA_REFERENCE = "https://docs.aws.amazon.com/lambda/latest/api/API_{}.html"
_LAMBDA_BEGIN = "<!-- made by `make docs` from src/everwarm/lambdas/api -->"
_END = "<!-- end -->"

_ACTIONS_HEAD = """\
# Operations

What everwarm answers, each operation with what it does, its file, its tests, and AWS's reference. Parameters, errors
and their texts are those of the reference; what differs is in [differences.md](differences.md). Whatever is not listed
here is refused with `UnknownOperationException`.

This page is made from the docstrings of the files it names: change them, then `make docs`.
"""

_CHECK_HEAD = """\
# everwarm check

Some of what AWS does with a project is found out on a bad day: a stream that stands still for 24 hours, a function that
calls itself, a filter that nothing ever matches. `everwarm check` says so before anything runs, with the line, the
reason, and what to write instead. It reads the `serverless.yml`, and the code of the functions as text; it runs nothing
and asks nobody.

```sh
everwarm check                                    # the project in this directory
everwarm check my-project --stage prod --strict   # fail for notices, too
everwarm check --ignore latest-loses-records --format short
everwarm check --format github                    # annotations in GitHub Actions; --format json for other programs
```

| Weight | Means |
| --- | --- |
| error | AWS or the framework refuses it, or it can never work |
| warning | it works until the day when it is regretted, or the code looks as if it did not |
| notice | good to know |

The exit status is 0 where there is nothing worse than a notice, 1 for errors and warnings (with `--strict` for notices,
too), and 2 where the command was asked for in the wrong way.

A comment silences a finding: `# everwarm: ignore[endless-retries]` on its line, or alone on the line above. Several
codes are separated by commas; without brackets, all findings of the line are meant.
`# everwarm: ignore-file[own-writes]` counts for the whole file. Codes do not change.

What the code of a function shows counts: a function that looks at `eventName` gets a notice where another gets a
warning, and rights are missed only for calls that the code makes. Where the handler is that of a
[cache](cache.md), `rates.handler`, it is known what it writes, needs and answers. What the file does
not tell, a role by its ARN say, is taken to be right.

This page is made from the rules: change them, then `make docs`.
"""

_LOCAL_HEAD = """\
| | Why | Source |
| --- | --- | --- |
"""


def snake_case(name: str) -> str:
    """The file of an operation: `batch_get_item`, for BatchGetItem."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def generated() -> Mapping[Path, str]:
    """The pages as they have to be, by their paths from the repository's root."""
    differences = Path("docs/differences.md")
    return {
        Path("docs/check.md"): check(),
        Path("docs/actions.md"): actions((ROOT / differences).read_text(encoding="utf-8")),
        Path("docs/lambda.md"): with_lambda((ROOT / "docs/lambda.md").read_text(encoding="utf-8")),
        differences: with_local((ROOT / differences).read_text(encoding="utf-8")),
        **pictures(),
        **circle.pictures(),
    }


def actions(differences: str) -> str:
    """The page of the operations.

    Args:
        differences: the page of the differences, of whose sections those that name an operation are linked from it.
    """
    parts = [_ACTIONS_HEAD]
    services = {"DynamoDB_20120810": "", "DynamoDBStreams_20120810": "streams_"}
    for target, operation in sorted(operations().items(), key=lambda item: item[1].name):
        name = operation.name
        file = snake_case(name)
        reference = _REFERENCE.format(services[target.partition(".")[0]] + name)
        parts.append(f"## {name}\n\n{_description(file, name)}\n")
        links = [
            f"[api/actions/{file}.py](../{ACTIONS / file}.py)",
            f"[its tests](../{WIRE_TESTS}/test_{file}.py)",
            f"[AWS's reference]({reference})",
            *(f"[differs: {title}](differences.md#{_anchor(title)})" for title in _sections_naming(name, differences)),
        ]
        parts.append(" · ".join(links) + "\n")
    return "\n".join(parts)


def check() -> str:
    """The page of the rules of `everwarm check`."""
    parts = [_CHECK_HEAD]
    for subject in SUBJECTS:
        module = subject.__name__.rpartition(".")[2]
        title = (ast.get_docstring(ast.parse(inspect.getsource(subject))) or "").partition("\n")[0]
        link = f"[check/{module}.py](../src/everwarm/serverless/check/{module}.py)"
        parts.append(f"## {title.removesuffix('.')}\n\n{link}\n")
        for rule in RULES.values():
            if rule in vars(subject).values():
                why = textwrap.fill(rule.why, 120)
                parts.append(f"### {rule.code}\n\n*{rule.weight.capitalize()}.* {rule.title}\n\n{why}\n")
    return "\n".join(parts)


def _description(file: str, name: str) -> str:
    """A module's docstring, without the name that it begins with."""
    source = (ROOT / ACTIONS / f"{file}.py").read_text(encoding="utf-8")
    text = ast.get_docstring(ast.parse(source)) or ""
    text = re.sub(rf"^{name}[:.]? *", "", text)
    return text[:1].upper() + text[1:]


def _sections_naming(name: str, differences: str) -> list[str]:
    sections = re.split(r"^## ", differences, flags=re.MULTILINE)[1:]
    return [section.partition("\n")[0] for section in sections if re.search(rf"\b{name}\b", _without_local(section))]


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")


def _without_local(text: str) -> str:
    return text.partition(_BEGIN)[0]


def with_local(page: str) -> str:
    """The page of the differences, with those to DynamoDB Local brought up to date."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"differences.md has no place for the differences to DynamoDB Local: {_BEGIN} ... {_END}")
    rows = "".join(f"| {known.name} | {_cell(known.reason)} | {_cell(known.source)} |\n" for known in EXPLAINED)
    return f"{before}{_BEGIN}\n{_LOCAL_HEAD}{rows}{_END}{after}"


def with_lambda(page: str) -> str:
    """The page of the Lambda API, with its list of operations brought up to date."""
    before, begin, rest = page.partition(_LAMBDA_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"lambda.md has no place for the operations: {_LAMBDA_BEGIN} ... {_END}")
    rows = ["| Operation | File |", "| --- | --- |"]
    for name, operation in sorted(lambda_operations().items()):
        module = operation.run.__module__.rpartition(".")[2]
        file = f"src/everwarm/lambdas/api/actions/{module}.py"
        rows.append(f"| [{name}]({_LAMBDA_REFERENCE.format(name)}) | [actions/{module}.py](../{file}) |")
    missing = ", ".join(sorted(set(lambda_model().operations()) - set(lambda_operations())))
    text = f"These are refused with `UnknownOperationException`, which says so: {missing}."
    return f"{before}{_LAMBDA_BEGIN}\n{chr(10).join(rows)}\n\n{textwrap.fill(text, 120)}\n{_END}{after}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for path, content in generated().items():
        (ROOT / path).write_text(content, encoding="utf-8")
