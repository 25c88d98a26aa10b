"""Document paths once they are bound: where in an item a value lies.

`("info", "ratings", 0)` is `info.ratings[0]`: text for the member of a map, a whole number for an element of a list.
"""

from dataclasses import dataclass, field

from everwarm.dynamodb.values.types import AttributeValue, Item

Path = tuple[str | int, ...]

MAX_DEPTH = 32
"""Elements of a path; values nest no deeper. Source: "Nested attribute depth" in the developer guide's constraints."""


def find(item: Item, path: Path) -> AttributeValue | None:
    """The value at `path`, None where there is none."""
    value: AttributeValue | None = item.get(path[0])  # type: ignore[arg-type]  # the first element is a name
    if len(path) == 1:
        return value
    for element in path[1:]:
        if value is None:
            return None
        if isinstance(element, str):
            value = value["M"].get(element) if "M" in value else None
        else:
            value = value["L"][element] if "L" in value and element < len(value["L"]) else None
    return value


def shown(path: Path) -> str:
    """The path as AWS's messages show it: `[a, [0], b]`."""
    return "[" + ", ".join(f"[{element}]" if isinstance(element, int) else element for element in path) + "]"


@dataclass(slots=True)
class _Branch:
    first: Path  # the first path that came through here
    ends: bool = False
    branches: dict[str | int, "_Branch"] = field(default_factory=dict)


class Clash(Exception):
    """Two paths of one expression that cannot stand together.

    Attributes:
        one: the path that cannot stand with one that comes later.
        two: the last path of the expression, whether it is to blame or not; so AWS has it.
        overlap: one lies within the other (or is the same); else they disagree about map or list.
    """

    def __init__(self, one: Path, two: Path, overlap: bool) -> None:
        super().__init__(one, two)
        self.one = one
        self.two = two
        self.overlap = overlap


def keep_apart(paths: list[Path]) -> None:
    """Check that no path lies within another, and that none takes for a list what another takes for a map.

    Raises:
        Clash: the last path that cannot stand with one behind it.
    """
    if len({path[0] for path in paths}) == len(paths):
        return
    # A tree rather than every pair: 4,096 bytes hold two thousand paths. AWS begins at the last one.
    root = _Branch(())
    for path in reversed(paths):
        branch = root
        for element in path:
            if branch.branches and type(next(iter(branch.branches))) is not type(element):
                raise Clash(path, paths[-1], overlap=False)
            branch = branch.branches.setdefault(element, _Branch(path))
            if branch.ends:
                raise Clash(path, paths[-1], overlap=True)
        if branch.first is not path:
            raise Clash(path, paths[-1], overlap=True)
        branch.ends = True
