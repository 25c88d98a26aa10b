"""What an explained difference is: a pattern for what may differ, and the reason. Which there are: known.py."""

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
    harmless: bool = False

    def covers(self, difference: Difference) -> bool:
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
