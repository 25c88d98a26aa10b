"""A handler that prints without end: readers, writers and other functions do not notice, and nothing fills up.

Not here: which lines are kept of a flood (tests/unit/lambdas/runtime/test_output.py).
"""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from everwarm import Stack
from everwarm.clock import SystemClock, monotonic
from tests.stack.support import Project, client, eventually, serverless_yml

Start = Callable[..., Stack]

MIB = 2**20
REQUESTS = 150

# For half of the requests, on a machine with much else to do, of which the flood is a part.
SLOW_S = 0.1


@pytest.mark.parametrize("line", ["x", "x" * 100_000], ids=["short lines", "long lines"])
def test_a_flood(start: Start, project: Project, tmp_path: Path, line: str) -> None:
    stop = tmp_path / "stop"
    project.write_handler(f"""
        import json, os, sys

        def flood(event, context):
            open("flooding", "w").close()
            while not os.path.exists({str(stop)!r}):
                for _ in range(1000):
                    print({line!r})

        def handler(event, context):
            with open("records", "a") as file:
                for record in event["Records"]:
                    file.write(json.dumps({{**record, "receivedAt": 0}}) + "\\n")
    """)
    flooding = "handler: main.flood, timeout: 60, events: [{stream: {type: dynamodb, arn: !GetAtt Cache.StreamArn}}]"
    yml = serverless_yml().replace("functions: {", f"functions: {{flood: {{{flooding}}}, ")
    (project.directory / "serverless.yml").write_text(yml)
    data = tmp_path / "data"
    stack = start(data=data, clock=SystemClock())
    dynamodb = client("dynamodb", stack.endpoint)
    dynamodb.put_item(TableName="cache", Item={"pk": {"S": "first"}})
    eventually((project.directory / "flooding").exists)
    memory_before = psutil.Process().memory_info().rss
    took_s: list[float] = []
    for number in range(REQUESTS):
        began = monotonic()
        dynamodb.put_item(TableName="cache", Item={"pk": {"S": str(number)}})
        dynamodb.get_item(TableName="cache", Key={"pk": {"S": str(number)}})
        took_s.append(monotonic() - began)
    dynamodb.close()
    # The other function gets its share.
    eventually(lambda: len(project.received()) == REQUESTS + 1)
    assert not stop.exists()
    assert sorted(took_s)[REQUESTS // 2] < SLOW_S
    assert psutil.Process().memory_info().rss - memory_before < 64 * MIB
    logs = sum(file.stat().st_size for file in (data / "logs").rglob("*"))
    assert logs < 4 * MIB
    stop.touch()
    stack.stop()


# However much of it there is, call after call.
def test_the_logs_of_many_floods_stay_bounded(
    start: Start, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everwarm.lambdas.logs.writer.FILE_BYTES", MIB)
    project.write_handler("""
        def handler(event, context):
            for _ in range(40_000):
                print("x" * 100)
            open("calls", "a").write("x")
    """)
    yml = project.directory / "serverless.yml"
    yml.write_text(yml.read_text().replace("batchSize: 100", "batchSize: 1"))
    data = tmp_path / "data"
    stack = start(data=data, clock=SystemClock())
    dynamodb = client("dynamodb", stack.endpoint)
    for number in range(20):
        dynamodb.put_item(TableName="cache", Item={"pk": {"S": str(number)}})
    dynamodb.close()
    calls = project.directory / "calls"
    eventually(lambda: calls.exists() and calls.stat().st_size == 20, timeout_s=60)
    stack.stop()
    sizes = {file.name: file.stat().st_size for file in (data / "logs").rglob("*") if file.is_file()}
    assert MIB < sum(sizes.values()) < 8 * MIB, sizes
