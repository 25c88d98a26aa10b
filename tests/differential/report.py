"""What a run has found, for a person: each kind of difference once, with the smallest case that shows it."""

import json
import re
from collections import Counter
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.differential.case import Case
from tests.differential.compare import Difference


@dataclass(slots=True)
class Finding:
    """A kind of difference.

    Attributes:
        count: how many cases had it.
    """

    case: Case
    difference: Difference
    count: int = 1


def show_findings(console: Console, findings: list[Finding]) -> None:
    """Print the differences that nothing explains."""
    for number, finding in enumerate(findings, start=1):
        difference = finding.difference
        console.rule(f"{number}. {difference.action}: {escape(difference.where)} ({finding.count} cases)", align="left")
        if finding.case.schema is not None:
            console.print(escape(f"table: {finding.case.schema}"), soft_wrap=True)
        for at, step in enumerate(finding.case.steps):
            mark = ">" if at == difference.number else " "
            request = _shortened(json.dumps(step.request, ensure_ascii=False))
            console.print(escape(f"{mark} {step.action} {request}"), soft_wrap=True, highlight=False)
        console.print(f"[red]ours[/]    {escape(_shortened(difference.ours))}", soft_wrap=True, highlight=False)
        console.print(f"[green]Local[/]   {escape(_shortened(difference.local))}", soft_wrap=True, highlight=False)


def _shortened(text: str) -> str:
    """The text with its long runs of one character told, not shown."""
    return re.sub(r"(.)\1{99,}", lambda run: f"{run[1]}...({len(run[0])} times)...{run[1]}", text)


def show_explained(console: Console, explained: Counter[str]) -> None:
    """Print how often each known difference came up."""
    if not explained:
        return
    table = Table("explained difference (known)", "cases", box=None)
    for name, count in explained.most_common():
        table.add_row(escape(name), str(count))
    console.print(table)
