from collections.abc import Callable

import pytest

from everwarm.serverless.check.finding import Finding
from everwarm.serverless.check.silence import silenced
from everwarm.serverless.check.timing import LATEST
from everwarm.serverless.nodes import Place
from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]


@pytest.mark.parametrize(
    ("lines", "is_told"),
    [
        (["a", "here  # everwarm: ignore[latest-loses-records]"], False),
        (["a", "here  #everwarm:ignore[ other, latest-loses-records ]"], False),
        (["a", "here  # everwarm: ignore"], False),
        (["  # everwarm: ignore[latest-loses-records]", "here"], False),
        (["# everwarm: ignore", "here"], False),
        (["# everwarm: ignore-file[latest-loses-records]", "here"], False),
        (["a", "here", "# everwarm: ignore-file[latest-loses-records]"], False),
        (["a", "here  # everwarm: ignore[other]"], True),
        (["a", "here  # everwarm: ignore[]"], True),
        (["a  # everwarm: ignore", "here"], True),
        (["a", "here", "# everwarm: ignore"], True),
        (["# everwarm: ignore-file", "here"], True),  # a whole file needs codes
        (["a", "here  # everwarm is ignored"], True),
    ],
)
def test_comments(lines: list[str], is_told: bool) -> None:
    finding = Finding(LATEST, Place("serverless.yml", 2, 1), "what")
    assert silenced([finding], {"serverless.yml": lines}) == ([finding] if is_told else [])


def test_a_comment_in_another_file_says_nothing() -> None:
    finding = Finding(LATEST, Place("tables.yml", 1, 1), "what")
    assert silenced([finding], {"serverless.yml": ["# everwarm: ignore"]}) == [finding]


def test_a_project_with_a_comment(found: Find) -> None:
    change = ("maximumRetryAttempts: 3", "maximumRetryAttempts: -1")
    assert found(change).codes == ["endless-retries"]
    assert found((change[0], f"{change[1]}  # everwarm: ignore[endless-retries]")).codes == []
