"""Comments that silence findings: `# everwarm: ignore[code, code]` on the line of the finding, or alone above it.

`# everwarm: ignore` silences all findings of the line; `# everwarm: ignore-file[code]` those of the whole file.
"""

import re
from collections.abc import Iterable, Mapping

from everwarm.serverless.check.finding import Finding

_COMMENT = re.compile(r"#\s*everwarm:\s*(?P<what>ignore(?:-file)?)(?:\[(?P<codes>[\w\s,-]*)\])?")


def silenced(findings: Iterable[Finding], lines_of: Mapping[str, list[str]]) -> list[Finding]:
    """The findings that no comment silences.

    Args:
        lines_of: the lines of each file, by its path.
    """
    return [finding for finding in findings if not _is_silenced(finding, lines_of.get(finding.place.path, []))]


def _is_silenced(finding: Finding, lines: list[str]) -> bool:
    for number, line in enumerate(lines, 1):
        found = _COMMENT.search(line)
        if found is None:
            continue
        codes = found["codes"]
        if codes is not None and finding.code not in [code.strip() for code in codes.split(",")]:
            continue
        is_alone = line.lstrip().startswith("#")
        if found["what"] == "ignore-file":
            if codes is not None:
                return True
        elif finding.place.line == number or (is_alone and finding.place.line == number + 1):
            return True
    return False
