"""The timelines of docs/cache, and its circle: every policy has one, and they can be read wherever they are shown.

That the files are what docs/pictures makes is seen by test_generated.py.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.pictures import circle
from docs.pictures.drawing import WIDTH
from docs.pictures.timelines import FOLDER, pictures
from tests.docs.pages import ROOT, Page

POLICIES = Page(Path("docs/cache/policies.md"))
_SVG = "{http://www.w3.org/2000/svg}"
_SHOWN = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<target>[^)]+)\)")


def shown(page: Page) -> dict[Path, str]:
    """The pictures of a page, with the words that stand for them."""
    return {page.path.parent / match["target"]: match["words"] for match in _SHOWN.finditer(page.text)}


def policy_pages() -> list[Page]:
    """The pages that the table of the policies leads to, and itself; but what size a value has knows no time."""
    rows = [line for line in POLICIES.text.splitlines() if line.startswith("| `")]
    names = {target.partition("#")[0] for row in rows for target in re.findall(r"\]\(([^)]+)\)", row)}
    return [POLICIES, *(Page(POLICIES.path.parent / name) for name in sorted(names - {"", "values.md"}))]


@pytest.mark.parametrize("page", policy_pages(), ids=str)
def test_a_policy_has_its_picture_and_words_for_who_does_not_see_it(page: Page) -> None:
    found = shown(page)
    assert found
    assert all(len(words.split()) > 5 for words in found.values())


def test_every_picture_is_shown() -> None:
    everywhere = {path for page in policy_pages() for path in shown(page)}
    assert {path for path in everywhere if path.parent == FOLDER} == set(pictures())
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == {path.name for path in pictures()}


@pytest.mark.parametrize(
    ("path", "svg"), {**pictures(), **circle.pictures()}.items(), ids=lambda value: getattr(value, "name", "")
)
class TestEachPicture:
    def test_it_needs_nothing_but_itself(self, path: Path, svg: str) -> None:
        assert not re.search(r"@font-face|url\(|href=|src=|<script", svg)

    def test_it_says_what_it_is(self, path: Path, svg: str) -> None:
        assert ElementTree.fromstring(svg).findtext(f"{_SVG}title")

    # Letters of 12 px are 7 px wide at the most, on average; of a picture 720 px wide, none goes over the edge.
    def test_its_words_stay_inside(self, path: Path, svg: str) -> None:
        for text in ElementTree.fromstring(svg).findall(f"{_SVG}text"):
            words = text.text or ""
            width = len(words) * 7 * float(text.get("font-size", "12")) / 12
            left = float(text.get("x", "0")) - {"middle": width / 2, "end": width}.get(text.get("text-anchor", ""), 0)
            assert left > 0, words
            assert left + width < WIDTH, words

    # A panel of its own, and dark words on it: a page's colour does not matter.
    def test_it_stands_on_a_panel_of_its_own(self, path: Path, svg: str) -> None:
        first = ElementTree.fromstring(svg).find(f"{_SVG}rect")
        assert first is not None
        assert float(first.get("width", "0")) >= WIDTH - 1
        assert first.get("fill", "").startswith("#f")
