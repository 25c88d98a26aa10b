"""The pages of the documentation, taken apart: code blocks, links, and what stands in backticks."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"^ *```(?P<language>\w*)\n(?P<code>.*?)^ *```$", re.MULTILINE | re.DOTALL)
# A block that begins with the name of a file is that file.
_FILE_NAME = re.compile(r"# (?P<name>[\w.-]+\.(?:yml|py))\n")
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block.

    Attributes:
        file_name: of the file that it is; None for one that is to be run.
    """

    language: str
    code: str
    file_name: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        path: from the repository's root.
    """

    path: Path

    @property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        """Its code blocks, in order."""
        found = []
        for match in _BLOCK.finditer(self.text):
            name = _FILE_NAME.match(match["code"])
            found.append(Block(match["language"], match["code"], name["name"] if name else None))
        return found

    def shell_lines(self) -> list[str]:
        """The lines of its shell blocks, without comments."""
        code = "".join(block.code for block in self.blocks if block.language == "sh")
        lines = (line.partition(" #")[0].strip() for line in code.splitlines())
        return [line for line in lines if line]

    def inline(self) -> list[str]:
        """What stands in backticks outside code blocks."""
        return _INLINE.findall(_BLOCK.sub("", self.text))

    def links(self) -> list[str]:
        """The targets of its links that lead to files."""
        return [target for target in _LINK.findall(_BLOCK.sub("", self.text)) if "://" not in target]

    def __str__(self) -> str:
        return str(self.path)


def pages() -> list[Page]:
    """Every page of the repository."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")]
    return [Page(path.relative_to(ROOT)) for path in sorted(found)]
