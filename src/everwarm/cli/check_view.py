"""Findings as `everwarm check` shows them: sentences for a person, lines, JSON or annotations for programs."""

import textwrap
from collections.abc import Iterator, Sequence

import orjson
from rich.console import Console
from rich.text import Text

from everwarm.serverless.check import Finding, Weight

_STYLES = {Weight.ERROR: "bold red", Weight.WARNING: "bold yellow", Weight.NOTICE: "bold cyan"}
_INDENT = "    "
_WIDEST = 100
_GITHUB = {Weight.ERROR: "error", Weight.WARNING: "warning", Weight.NOTICE: "notice"}


def show(findings: Sequence[Finding], path: str, form: str, console: Console | None = None) -> None:
    """Print findings.

    Args:
        path: the project file's, for the summary.
        form: `text`, `short`, `json` or `github`.
        console: where to; standard output unless given.
    """
    console = console or Console(highlight=False)
    match form:
        case "json":
            console.print(_json(findings), soft_wrap=True, markup=False)
        case "github":
            for finding in findings:
                console.print(_annotation(finding), soft_wrap=True, markup=False)
        case _:
            for line in _text(findings, console, in_short=form == "short"):
                console.print(line, soft_wrap=True)
            console.print(f"{path}: {summary(findings)}", soft_wrap=True, markup=False)


def summary(findings: Sequence[Finding]) -> str:
    """How many there are of which weight: `1 error, 2 warnings`."""
    counts = {weight: sum(finding.weight is weight for finding in findings) for weight in Weight}
    said = [f"{count} {weight}{'' if count == 1 else 's'}" for weight, count in counts.items() if count]
    return ", ".join(said) or "nothing found"


def _text(findings: Sequence[Finding], console: Console, *, in_short: bool) -> Iterator[Text]:
    explained: set[str] = set()
    for finding in findings:
        place = finding.place
        yield Text.assemble(
            (f"{place.path}:{place.line}:{place.column}: ", "bold"),
            (f"{finding.weight}: ", _STYLES[finding.weight]),
            f"{finding.what} ",
            (f"[{finding.code}]", "dim"),
        )
        if in_short:
            continue
        if finding.code not in explained:  # once is enough
            yield from _wrapped(finding.rule.why, console)
            explained.add(finding.code)
        if finding.fix:
            yield Text(f"{_INDENT}To mend it:", "green")
            yield from (Text(f"{_INDENT * 2}{line}".rstrip(), "green") for line in _lines_of(finding.fix, console))
        yield Text()


def _lines_of(fix: str, console: Console) -> list[str]:
    """YAML keeps its lines; a sentence is broken as others are."""
    if "\n" in fix or not fix.endswith("."):
        return fix.splitlines()
    return textwrap.wrap(fix, _width(console) - 2 * len(_INDENT))


def _wrapped(sentence: str, console: Console) -> Iterator[Text]:
    for line in textwrap.wrap(sentence, _width(console) - len(_INDENT)):
        yield Text(f"{_INDENT}{line}")


def _width(console: Console) -> int:
    return max(40, min(console.width, _WIDEST))


def _json(findings: Sequence[Finding]) -> str:
    listed = [
        {
            "code": finding.code,
            "weight": finding.weight,
            "file": finding.place.path,
            "line": finding.place.line,
            "column": finding.place.column,
            "what": finding.what,
            "why": finding.rule.why,
            "fix": finding.fix,
        }
        for finding in findings
    ]
    return orjson.dumps({"findings": listed}, option=orjson.OPT_INDENT_2).decode()


def _annotation(finding: Finding) -> str:
    """Source: "Workflow commands for GitHub Actions", GitHub documentation."""
    place = finding.place
    text = f"{finding.what}\n{finding.rule.why}" + (f"\n{finding.fix}" if finding.fix else "")
    message = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    file = place.path.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return (
        f"::{_GITHUB[finding.weight]} file={file},line={place.line},col={place.column},"
        f"title=everwarm {finding.code}::{message}"
    )
