"""The life of a process that embeds an engine: how it ends, and what its forks may do."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

TIMEOUT_S = 60

BEGIN = """
import os, pathlib, sys, threading, time
from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.names import Names
from everwarm.cache.backends.setup import ensure_table
from everwarm.clock import SystemClock
from everwarm.errors import BackendError, StorageLocked

directory = pathlib.Path(sys.argv[1])
backend = Embedded(directory, SystemClock())
ensure_table(backend, "rates", Names(), create=True)

def put(key):
    backend.call("PutItem", {"TableName": "rates", "Item": {"key": {"S": key}}})

def get(key):
    return backend.call("GetItem", {"TableName": "rates", "Key": {"key": {"S": key}}})

def delete(key):
    backend.call("DeleteItem", {"TableName": "rates", "Key": {"key": {"S": key}}})

def say(text):
    print(text, flush=True)
"""


def run(directory: Path, code: str, begin: str = BEGIN) -> list[str]:
    """What a process says that runs this code; it has to end well."""
    script = begin + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(directory)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("say:")]


def test_who_forgets_to_close_loses_nothing(tmp_path: Path) -> None:
    run(tmp_path, "put('a')")
    assert run(tmp_path, "say(f'say:{get(\"a\")}')") == ["say:{'Item': {'key': {'S': 'a'}}}"]


def test_at_the_end_a_handler_under_way_may_finish(tmp_path: Path) -> None:
    """And what it writes then is kept."""
    code = """
    begun = threading.Event()
    def handler(event, context):
        begun.set()
        time.sleep(0.3)
        put("written at the end")
        say("say:handled")
        return {"batchItemFailures": []}
    backend.serve("rates", handler, concurrency=1)
    put("a")
    delete("a")
    begun.wait()
    """
    assert run(tmp_path, code) == ["say:handled"]
    assert run(tmp_path, "say(f'say:{bool(get(\"written at the end\"))}')") == ["say:True"]


def test_one_that_never_ends_does_not_keep_the_process(tmp_path: Path) -> None:
    """Its record comes again at the next start."""
    code = """
    begun = threading.Event()
    def handler(event, context):
        say("say:called")
        begun.set()
        threading.Event().wait()
    backend.serve("rates", handler, concurrency=1)
    put("a")
    delete("a")
    begun.wait()
    """
    assert run(tmp_path, code) == ["say:called"]
    again = """
    called = threading.Event()
    def handler(event, context):
        say("say:" + event["Records"][0]["dynamodb"]["Keys"]["key"]["S"])
        called.set()
        return {"batchItemFailures": []}
    backend.serve("rates", handler, concurrency=1)
    called.wait()
    """
    assert run(tmp_path, again) == ["say:a"]


def test_a_fork_cannot_use_it_and_says_what_to_do(tmp_path: Path) -> None:
    """The parent goes on, also after its child has ended in the ordinary way, with all that Python does at an end."""
    code = """
    put("a")
    pid = os.fork()
    if pid == 0:
        for attempt in range(3):
            try:
                get("a") if attempt == 0 else Embedded((None, directory)[attempt - 1], SystemClock())
            except BackendError as err:
                say(f"say:{err}")
        backend.close()
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    import fcntl
    try:
        fcntl.flock(open(directory / "LOCK"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("say:locked")
    put("b")
    say(f"say:{status} {bool(get('a'))} {bool(get('b'))}")
    """
    *refused, locked, parent = run(tmp_path, code)
    assert len(refused) == 3
    for text in refused:
        assert "was forked" in text
        assert "everwarm up" in text
        assert 'endpoint="http://127.0.0.1:8000"' in text
    assert locked == "say:locked"
    assert parent == "say:0 True True"
    assert run(tmp_path, 'say(f\'say:{bool(get("a"))} {bool(get("b"))}\')') == ["say:True True"]


def test_a_fork_does_not_keep_the_lock_when_its_parent_has_gone(tmp_path: Path) -> None:
    code = """
    put("a")
    ends, parent_has_ended = os.pipe()
    if os.fork() == 0:
        os.close(parent_has_ended)
        os.read(ends, 1)  # the parent's end, and with it its lock
        import subprocess
        again = "import pathlib, sys; from everwarm.dynamodb.storage.store import Store; "
        again += "Store.open(pathlib.Path(sys.argv[1])).close(); print('say:opened')"
        subprocess.run([sys.executable, "-c", again, str(directory)])
        sys.exit(0)
    """
    assert run(tmp_path, code) == ["say:opened"]


def test_what_was_forked_before_a_cache_was_made_may_make_one(tmp_path: Path) -> None:
    code = """
    import sys
    from everwarm.cache.backends.embedded import Embedded
    from everwarm.clock import SystemClock
    import os, pathlib
    directory = pathlib.Path(sys.argv[1])
    if os.fork() == 0:
        backend = Embedded(directory, SystemClock())
        print("say:" + str(backend.call("ListTables", {})), flush=True)
        sys.exit(0)
    os.wait()
    Embedded(directory, SystemClock()).close()
    print("say:parent", flush=True)
    """
    assert run(tmp_path, code, begin="") == ["say:{'TableNames': []}", "say:parent"]


def test_after_a_kill_what_was_under_way_comes_again_and_nothing_else(tmp_path: Path) -> None:
    """Killed in the middle of a call: its record is delivered at the next start; what was done before it is not."""
    code = """
    import signal
    def handler(event, context):
        for record in event["Records"]:
            key = record["dynamodb"]["Keys"]["key"]["S"]
            say("say:" + key)
            if key == "two":
                os.kill(os.getpid(), signal.SIGKILL)
            put("after one")
            one_is_done.set()
        return {"batchItemFailures": []}
    one_is_done = threading.Event()
    backend.serve("rates", handler, concurrency=1)
    put("one"); delete("one")
    one_is_done.wait()
    while not positions():
        time.sleep(0.005)
    put("two"); delete("two")
    threading.Event().wait()
    """
    saved = """
    from everwarm.dynamodb.storage.layout import CHECKPOINT, after
    def positions():
        store = backend._local.engine.store
        return [value for _, value in store.scan(CHECKPOINT, after(CHECKPOINT)) if b'"after":"' in value]
    """
    script = BEGIN + textwrap.dedent(saved) + textwrap.dedent(code)
    command = [sys.executable, "-W", "ignore", "-c", script, str(tmp_path)]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [line for line in killed.stdout.splitlines() if line.startswith("say:")] == ["say:one", "say:two"]
    again = """
    called = threading.Event()
    def handler(event, context):
        for record in event["Records"]:
            say("say:" + record["dynamodb"]["Keys"]["key"]["S"])
        called.set()
        return {"batchItemFailures": []}
    backend.serve("rates", handler, concurrency=1)
    called.wait()
    say(f"say:{bool(get('after one'))}")
    """
    assert run(tmp_path, again) == ["say:two", "say:True"]
