"""What of a project's directory belongs to a function on AWS: `package.patterns`, of the file and of the function.

Here a function runs where it lies, with all that lies beside it, so a file that the package leaves out is missed only
on AWS. Not here: that check (`check/packaging.py`); bundlers and other plugins, which nobody can look into.

Source: "Packaging", Serverless Framework documentation, and `lib/plugins/package/lib/package-service.js`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from everwarm.serverless.nodes import Node

DEFAULT_EXCLUDES = (
    ".git/**",
    ".gitignore",
    ".DS_Store",
    "npm-debug.log",
    "yarn-*.log",
    ".serverless/**",
    ".serverless_plugins/**",
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: the files that it takes in, or leaves out."""

    text: str
    leaves_out: bool
    node: Node | None

    def matches(self, path: str) -> bool:
        """Whether it speaks of the file."""
        return _regex(self.text).fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class Package:
    """What goes to AWS for one function.

    Attributes:
        patterns: in order; the last that speaks of a file decides, and a file of which none speaks is in.
        is_known: whether the patterns tell all. Not so where an archive is made elsewhere, or by a plugin.
    """

    patterns: tuple[Pattern, ...]
    is_known: bool = True

    def decides(self, path: str) -> Pattern | None:
        """The pattern that decides on a file; None where none speaks of it.

        Args:
            path: from the project's directory, with slashes.
        """
        path = str(PurePosixPath(path))
        return next((pattern for pattern in reversed(self.patterns) if pattern.matches(path)), None)

    def has(self, path: str) -> bool:
        """Whether a file is in the package."""
        decided = self.decides(path)
        return decided is None or not decided.leaves_out


# They make the archive themselves, out of what they find by themselves.
_BUNDLERS = ("esbuild", "webpack", "bundle", "typescript", "plugin-parcel", "layers", "python-individually")


def package(root: Node, function: Node, project_file: str) -> Package:
    """The package of a function.

    Args:
        root: the whole file, for its `package` and `plugins`.
        function: the function's settings.
        project_file: the project file's name, which is left out of each package.

    Raises:
        ProjectError: patterns that are none.
    """
    whole, own = root.get("package"), function.get("package")
    plugins = [str(plugin.value) for plugin in _plugins(root)]
    is_known = not any(bundler in plugin for plugin in plugins for bundler in _BUNDLERS)
    # serverless-python-requirements, and version 4's own packaging, make another root of it.
    is_known &= function.get("module") is None
    is_known &= not any(part is not None and part.get("artifact") is not None for part in (whole, own))

    patterns = [Pattern(text, True, None) for text in (*DEFAULT_EXCLUDES, project_file)]
    if (dotenv := root.get("useDotenv")) is not None and dotenv.value is True:
        patterns.append(Pattern(".env*", True, None))
    patterns += _patterns(whole, "package")
    if _individually(whole) or _individually(own):
        patterns += _patterns(own, "package of a function")
    return Package(tuple(patterns), is_known)


def _plugins(root: Node) -> Sequence[Node]:
    plugins = root.get("plugins")
    if plugins is not None and isinstance(plugins.value, dict):
        plugins = plugins.get("modules")
    return [] if plugins is None or not isinstance(plugins.value, list) else plugins.value


def _individually(part: Node | None) -> bool:
    given = None if part is None else part.get("individually")
    return given is not None and given.flag("package.individually")


def _patterns(part: Node | None, name: str) -> list[Pattern]:
    found: list[Pattern] = []
    if part is None:
        return found
    for key, default in (("exclude", True), ("include", False), ("patterns", False)):  # the first two until version 3
        listed = part.get(key)
        for node in [] if listed is None else listed.sequence(f"{key} of {name}"):
            text = node.text(f"an entry of {key} of {name}")
            negated = text.startswith("!")
            found.append(Pattern(text.removeprefix("!"), default != negated, node))
    return found


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    """A glob as micromatch reads it with `dot: true`: `*` and `?` within a name, `**` across folders, {a,b}, [ab]."""
    pattern = pattern.removeprefix("./")
    out, at, braces = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            out, at = out + "(?:.*/)?", at + 3
            continue
        if pattern.startswith("/**", at) and at + 3 == len(pattern):
            out, at = out + "/.*", at + 3
            continue
        if pattern.startswith("**", at) and at + 2 == len(pattern) and at == 0:
            return re.compile(".*", re.DOTALL)
        if char == "*":
            out += "[^/]*"
            at += len(pattern[at:]) - len(pattern[at:].lstrip("*"))
            continue
        if char == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out += f"[^{inside[1:]}/]" if inside[0] in "!^" else f"[{inside}]"
            at = end + 1
            continue
        if char == "?":
            out += "[^/]"
        elif char == "{" and "}" in pattern[at:]:
            out, braces = out + "(?:", braces + 1
        elif char == "}" and braces:
            out, braces = out + ")", braces - 1
        elif char == "," and braces:
            out += "|"
        else:
            out += re.escape(char)
        at += 1
    try:
        return re.compile(out, re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))
