"""`everwarm streams` from outside: shards of a stack that runs are split, and its trigger goes on with the children."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.support import TABLE, Up, eventually, run

StartUp = Callable[..., Up]

HANDLER = """
def handler(event, context):
    with open("seen", "a") as seen:
        for record in event["Records"]:
            print(record["dynamodb"]["Keys"]["pk"]["S"], file=seen)
"""


def shards(*args: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("streams", *args, "--json").stdout)["shards"]
    return found


def test_a_running_stack_is_resharded(up: StartUp, project: Path) -> None:
    (project / "main.py").write_text(HANDLER, encoding="utf-8")
    running = up(project, "--stream-shards", "2", "--shard-age", "off")
    at = ("--project", project)
    assert re.search(rf"^{TABLE} .* ENABLED +KEYS_ONLY +2 +0 *$", run("streams", "list", *at).stdout, re.MULTILINE)
    before = shards("describe", TABLE, *at)
    assert [shard["open"] for shard in before] == [True, True]

    running.put("a")
    after = shards("split", TABLE, *at)
    assert [shard["open"] for shard in after] == [False, False, True, True, True, True]
    running.put("b")
    shards("rotate", TABLE, "--shard", after[-1]["id"], *at)
    running.put("c")

    def seen() -> set[str]:
        return set((project / "seen").read_text(encoding="utf-8").split()) if (project / "seen").exists() else set()

    eventually(lambda: seen() == {"a", "b", "c"})

    again = run("streams", "split", TABLE, "--shard", before[0]["id"], *at)
    assert again.returncode == 1
    assert "Shard is closed" in again.stderr
