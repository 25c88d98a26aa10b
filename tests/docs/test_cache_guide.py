"""docs/cache.md: the project that it shows is one to be deployed, and refreshes what other processes have loaded."""

import time
from pathlib import Path

from everwarm import Cache, Stack
from everwarm.clock import ManualClock
from everwarm.serverless import load
from everwarm.serverless.check import check
from tests.docs.pages import Page
from tests.docs.test_docs import write_files
from tests.stack.support import eventually

GUIDE = Page(Path("docs/cache.md"))


# The queue is AWS's: here, failures are kept.
def test_the_project_has_nothing_to_be_regretted(tmp_path: Path) -> None:
    write_files(GUIDE, tmp_path)
    codes = [finding.code for finding in check(load(tmp_path / "serverless.yml", environ={}))]
    assert codes == ["not-run-here"]


def test_the_function_refreshes_what_another_process_has_loaded(tmp_path: Path) -> None:
    write_files(GUIDE, tmp_path)
    # It lives ten minutes ago, so that what it has loaded is due now; its lease ends in the present.
    before = ManualClock(time.time() - 601)
    with (
        Stack(tmp_path, memory=True) as stack,
        Cache("rates", endpoint=stack.endpoint, clock=before, lease="11m") as rates,
    ):

        @rates.cached
        def history(pair: str, days: int = 30) -> list[dict[str, float]]:
            return []  # the function has another one of this name

        assert history("EUR/KRW", 2) == []
        assert eventually(lambda: history("EUR/KRW", 2) == [{"day": 0, "rate": 1724.5}, {"day": 1, "rate": 1725.5}])
        assert rates.stats.loads == 1
