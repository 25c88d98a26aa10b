"""What an explained difference is: a pattern for what may differ, and the reason. Which there are: known."""

import re
from dataclasses import dataclass

from tests.differential.compare import Difference


@dataclass(frozen=True, slots=True)
class Explained:
    """One known difference; the patterns are searched for.

    Attributes:
        name, reason: as docs/differences.md has them.
        source: what says that DynamoDB does it our way.
        where, ours, local, action, request: patterns for what a `Difference` says.
        local_is_larger: both are numbers, and Local's is the larger one.
        harmless: both sides have the same data afterwards, so that a case can go on.
    """

    name: str
    reason: str
    source: str
    ours: str = ""
    local: str = ""
    where: str = ""
    action: str = ""
    request: str = ""
    local_is_larger: bool = False
    harmless: bool = False

    def covers(self, difference: Difference) -> bool:
        """Whether a difference is this one."""
        if self.local_is_larger and not _is_larger(difference.local, difference.ours):
            return False
        return all(
            re.search(pattern, text, re.DOTALL)
            for pattern, text in (
                (self.where, difference.where),
                (self.ours, difference.ours),
                (self.local, difference.local),
                (self.action, difference.action),
                (self.request, difference.request),
            )
        )


def _is_larger(one: str, other: str) -> bool:
    try:
        return float(one) > float(other)
    except ValueError:
        return False
