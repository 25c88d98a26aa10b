"""`everwarm up` from outside: what a person starts, sees, stops and starts again."""

import contextlib
import os
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.support import HANDLER, TABLE, Up, alive, eventually, run
from tests.wire.refused import refused

StartUp = Callable[..., Up]

ESCAPE = "\x1b"
GREETING = r"hello from pid=(\d+) in call=(\S+)"


def worker_pid(up: Up) -> int:
    return int(up.logged(GREETING)[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_project_runs_and_ends_cleanly(up: StartUp, project: Path, number: signal.Signals) -> None:
    running = up(project)
    running.put("a")
    # What a handler prints has its call's id, in AWS's own place and in ours.
    line = running.logged(f"{GREETING} function=shop-dev-main request_id=(\\S+)")
    assert line[2] == line[3]
    status, rest = running.end(number)
    assert status == 0
    assert rest.startswith("Stopping")
    assert not alive(int(line[1]))
    assert ESCAPE not in running.shown + rest + running.log()
    assert "Traceback" not in running.log()


# A pipe is read by programs: each fact is on one line, however long.
def test_shows_what_runs_where(up: StartUp, project: Path) -> None:
    lines = up(project).shown.splitlines()
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}"
    assert "Project   shop, stage dev" in lines
    assert f"Data      {project / '.everwarm'}" in lines
    assert f"Table     {TABLE} (no TTL)" in lines
    assert f"          {arn}" in lines
    assert any(re.fullmatch(rf"Stream    {arn}/stream/\S+", line) for line in lines)
    assert "Function  shop-dev-main: main.handler (1024 MB, 60 s)" in lines
    assert f"Trigger   {TABLE} -> shop-dev-main (batches of 10, TRIM_HORIZON, 1 retry)" in lines


def test_goes_on_after_a_kill(up: StartUp, project: Path) -> None:
    first = up(project)
    first.put("a")
    worker = worker_pid(first)
    first.end(signal.SIGKILL)
    # Linux ends a worker with its parent; elsewhere it finds out by itself.
    eventually(lambda: not alive(worker))
    second = up(project)
    assert second.client().get_item(TableName=TABLE, Key={"pk": {"S": "a"}})["Item"] == {"pk": {"S": "a"}}
    assert re.findall("Stream .*", second.shown) == re.findall("Stream .*", first.shown)
    second.put("b")
    second.logged(GREETING)
    assert second.end()[0] == 0


def test_changed_code_is_picked_up(up: StartUp, project: Path) -> None:
    running = up(project)
    running.put("a")
    worker = worker_pid(running)
    (project / "main.py").write_text(HANDLER.replace("from", "again from"), encoding="utf-8")
    running.logged("handler code changed")
    running.put("b")
    running.logged("hello again from pid")
    assert not alive(worker)


# Somebody who has mended the file, and sees nothing happen, is told what it takes.
def test_a_changed_project_file_counts_from_the_next_start(up: StartUp, project: Path) -> None:
    running = up(project)
    file = project / "serverless.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("60", "61"), encoding="utf-8")
    running.logged("the project file changed: it counts from the next start on")


def test_stage_region_and_parameters(up: StartUp, project: Path) -> None:
    running = up(project, "--memory", "--stage", "prod", "--region", "eu-north-1", "--param", "greeting=a=b")
    table = TABLE.replace("dev", "prod")
    assert f"arn:aws:dynamodb:eu-north-1:000000000000:table/{table}\n" in running.shown
    running.client().put_item(TableName=table, Item={"pk": {"S": "a"}})
    running.logged("a=b from pid")


def test_the_engine_alone(up: StartUp, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    running = up(empty, "--memory")
    assert "no serverless.yml" in running.shown
    assert running.client().list_tables()["TableNames"] == []
    assert running.end()[0] == 0
    assert list(empty.iterdir()) == []


# A handler in flight may hold up the end for some seconds; who cannot wait presses again.
def test_a_second_ctrl_c_ends_it_at_once(up: StartUp, project: Path) -> None:
    (project / "main.py").write_text(f"{HANDLER}    import time; time.sleep(50)", encoding="utf-8")
    running = up(project)
    running.put("a")
    worker = worker_pid(running)

    def ended() -> bool:
        running.process.send_signal(signal.SIGINT)
        with contextlib.suppress(Exception):
            running.process.wait(0.2)
        return running.process.returncode is not None

    eventually(ended)
    assert running.process.returncode == -signal.SIGINT
    eventually(lambda: not alive(worker))


def test_a_data_directory_in_use(up: StartUp, project: Path) -> None:
    running = up(project)
    refused = run("up", project, "--port", "0")
    assert refused.returncode == 1
    assert f"process id {running.process.pid}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_in_use(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = run("up", project, "--port", str(port))
    assert refused.returncode == 1
    assert f"everwarm: cannot listen on 127.0.0.1:{port}: another server runs there" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_broken_project_file(project: Path) -> None:
    file = project / "serverless.yml"
    text = file.read_text(encoding="utf-8").replace("timeout: 60", "timeout: soon")
    file.write_text(text, encoding="utf-8")
    line = text.split("timeout: soon")[0].count("\n") + 1
    refused = run("up", project, "--port", "0")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"everwarm: {file}:{line}:14: ")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("args", "named"),
    [(["/no/such/directory"], "/no/such/directory: "), ([".", "--data", f"{os.devnull}/data"], f"{os.devnull}/data")],
)
def test_a_directory_that_cannot_be(args: list[str], named: str) -> None:
    refused = run("up", *args, "--port", "0")
    assert refused.returncode == 1
    assert refused.stderr.startswith("everwarm: ")
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_credentials(up: StartUp, project: Path, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = any\naws_secret_access_key = any\n", encoding="utf-8")
    running = up(project, "--credentials", file)
    assert re.search(r"^Endpoint .*credentials are checked", running.shown, re.MULTILINE)
    running.put("a")
    running.end()
    file.write_text("[default]\naws_access_key_id = any\naws_secret_access_key = other\n", encoding="utf-8")
    with refused("InvalidSignatureException"):
        up(project, "--credentials", file).put("a")


def test_a_file_without_credentials(tmp_path: Path) -> None:
    ended = run("up", tmp_path, "--credentials", tmp_path / "none")
    assert ended.returncode == 1
    assert "cannot be read as a file of credentials" in ended.stderr
    assert "Traceback" not in ended.stderr
