"""What a finding is: a rule that the project breaks, where, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

from everwarm.serverless.nodes import Place


class Weight(StrEnum):
    """How bad it is.

    ERROR: AWS or the framework refuses it, or it can never work. WARNING: it works until the day when it is regretted,
    or the code looks as if it did not. NOTICE: good to know.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding.

    Attributes:
        code: its name, which stays the same: people silence it by this.
        weight: how bad it is, as a rule.
        title: when it is found, for the list of all rules.
        why: what happens on AWS.
    """

    code: str
    weight: Weight
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the project breaks.

    Attributes:
        rule: which.
        place: where in the file.
        what: what is found there, as a sentence.
        fix: what to write instead, as YAML to paste, or as a sentence; empty where there is nothing to mend.
        lighter: the weight, where it is less than the rule's.
    """

    rule: Rule
    place: Place
    what: str
    fix: str = ""
    lighter: Weight | None = None

    @property
    def code(self) -> str:
        """The rule's name."""
        return self.rule.code

    @property
    def weight(self) -> Weight:
        """How bad it is."""
        return self.lighter or self.rule.weight
