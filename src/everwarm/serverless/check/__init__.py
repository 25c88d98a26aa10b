"""What AWS would do with a project that people regret: found before anything runs.

One file for each subject, each with its rules and a `find`. A rule looks at the file, at the code as text, and at
nothing else. `docs/check.md` is made from the rules.

Not here: what makes a file impossible to run, which is an error when it is read; the command (`everwarm.cli.check`).
"""

from pathlib import Path

from everwarm.serverless.check import (
    destinations,
    environment,
    filters,
    framework,
    loops,
    packaging,
    permissions,
    retries,
    silence,
    spelling,
    time_to_live,
    timing,
)
from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import Subject
from everwarm.serverless.included_files import read_text
from everwarm.serverless.project import Project

__all__ = ["RULES", "Finding", "Rule", "Weight", "check"]

SUBJECTS = (
    retries,
    loops,
    filters,
    time_to_live,
    timing,
    destinations,
    permissions,
    environment,
    packaging,
    spelling,
    framework,
)

RULES: dict[str, Rule] = {
    rule.code: rule for subject in SUBJECTS for rule in vars(subject).values() if isinstance(rule, Rule)
}
"""Every rule by its code, in the order of the subjects."""


def check(project: Project) -> list[Finding]:
    """Everything that is found in a project and that no comment silences, in the order of the file."""
    subject = Subject.of(project)
    findings = {finding: None for part in SUBJECTS for finding in part.find(subject)}
    lines_of = {path: read_text(Path(path)).splitlines() for path in {f.place.path for f in findings}}
    kept = silence.silenced(findings, lines_of)
    order = list(Weight)
    return sorted(kept, key=lambda one: (one.place.path, one.place.line, one.place.column, order.index(one.weight)))
