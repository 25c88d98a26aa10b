"""python -m tests.differential: random requests to AWS's DynamoDB Local and to us; what differs is reported.

`make differential` runs it. The seed that is printed gives the same cases again; a line of JSON is written for each
difference with --json.
"""

import argparse
import logging
import random
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from everwarm import Stack
from tests.differential.case import Case
from tests.differential.compare import Difference
from tests.differential.endpoint import Endpoint
from tests.differential.known import explanation
from tests.differential.local import DynamoDBLocal, NotAvailable
from tests.differential.order import only_order
from tests.differential.report import Finding, show_explained, show_findings
from tests.differential.runner import Runner
from tests.differential.smaller import smaller
from tests.differential.strategies.cases import cases
from tests.differential.strategies.schemas import schemas

CASES = 5000
TABLES = 24
ORDER_OF_CHECKS = "which of several mistakes is named first"
MAX_SHRUNK = 40
"""Kinds of difference that are made smaller; with more of them, what matters is to mend the first ones."""


def main() -> int:
    """Parse the arguments, run, report; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--seed", type=int, help="a run's seed, to have its cases again")
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many ({CASES})")
    given_arguments = parser.parse_args()
    chosen = random.SystemRandom().randrange(10**6) if given_arguments.seed is None else given_arguments.seed
    # An error of ours that is logged is a 500, which the report shows with its case.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console()
    console.print(f"seed {chosen}, {given_arguments.cases} cases; again with: make differential SEED={chosen}")
    try:
        with ExitStack() as stack:
            local = stack.enter_context(DynamoDBLocal())
            empty = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="everwarm-differential-")))
            ours = urlsplit(stack.enter_context(Stack(empty, memory=True)).endpoint)
            assert ours.hostname is not None
            assert ours.port is not None
            runner = Runner(
                stack.enter_context(Endpoint(ours.hostname, ours.port)),
                stack.enter_context(Endpoint(local.host, local.port)),
            )
            return _compare(console, runner, chosen, given_arguments.cases)
    except NotAvailable as problem:
        console.print(f"[red]{problem}")
        return 2


def _compare(console: Console, runner: Runner, chosen: int, count: int) -> int:
    found: dict[tuple[str, ...], Finding] = {}
    orders: set[tuple[str, ...]] = set()
    explained: Counter[str] = Counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("comparing", total=count)

        def note(case: Case, difference: Difference) -> None:
            known = explanation(difference)
            if known is not None:
                explained[known.name] += 1
            elif difference.kind in orders:
                explained[ORDER_OF_CHECKS] += 1
            elif difference.kind in found:
                found[difference.kind].count += 1
            elif only_order(runner, case, difference):
                orders.add(difference.kind)
                explained[ORDER_OF_CHECKS] += 1
            else:
                found[difference.kind] = Finding(case, difference)

        @seed(chosen)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases(schemas(chosen, TABLES)))
        def run(case: Case) -> None:
            for difference in runner.run(case):
                note(case, difference)
            progress.update(task, advance=1, description=f"comparing, {len(found)} kinds of difference")

        run()
        findings = sorted(found.values(), key=lambda finding: (finding.difference.action, -finding.count))
        task = progress.add_task("making cases smaller", total=min(len(findings), MAX_SHRUNK))
        for finding in findings[:MAX_SHRUNK]:
            _shrink(runner, finding)
            progress.advance(task)
    show_explained(console, explained)
    show_findings(console, findings)
    verdict = f"{len(findings)} kinds of unexplained difference" if findings else "no unexplained difference"
    console.print(f"seed {chosen}, {count} cases: {verdict}", style="red" if findings else "green")
    return 1 if findings else 0


def _shrink(runner: Runner, finding: Finding) -> None:
    kind = finding.difference.kind

    def again(case: Case) -> Difference | None:
        same = (one for one in runner.run(case) if one.kind == kind and explanation(one) is None)
        return next(same, None)

    case = smaller(finding.case, lambda case: again(case) is not None)
    finding.case, finding.difference = case, again(case) or finding.difference


if __name__ == "__main__":
    sys.exit(main())
