"""Handlers in real processes, as a trigger calls them."""

import asyncio
import json
import os
import re
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvloop

from everwarm.clock import monotonic
from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.pool import FunctionPool

COUNTER = """
    import os
    calls = 0
    def handler(event, context):
        global calls
        calls += 1
        return {"calls": calls, "pid": os.getpid()}
"""


async def result(pool: FunctionPool, event: Any = None) -> Any:
    """What the handler returned."""
    reply = await pool.invoke(json.dumps(event).encode())
    assert reply.function_error is None, reply.payload
    return json.loads(reply.payload)


async def exists(path: Path) -> None:
    """Wait until the handler has made the file."""
    async with asyncio.timeout(10):
        while not path.exists():
            await asyncio.sleep(0.005)


async def error(pool: FunctionPool, event: Any = None) -> Any:
    """The description of the error that the call ended in."""
    reply = await pool.invoke(json.dumps(event).encode())
    assert reply.function_error == "Unhandled"
    return json.loads(reply.payload) | {"id": reply.request_id}


async def test_event_and_context(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        def handler(event, context):
            return {
                "event": event,
                "id": context.aws_request_id,
                "name": context.function_name,
                "version": context.function_version,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "group": context.log_group_name,
                "left_ms": context.get_remaining_time_in_millis(),
            }
        """,
        memory_mb=256,
        timeout_s=30,
    )
    reply = await pool.invoke('{"Records": [{"eventID": "é"}]}'.encode())
    seen = json.loads(reply.payload)
    assert 20_000 < seen.pop("left_ms") <= 30_000
    assert seen == {
        "event": {"Records": [{"eventID": "é"}]},
        "id": reply.request_id,
        "name": "demo-dev-main",
        "version": "$LATEST",
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:demo-dev-main",
        "memory": "256",
        "group": "/aws/lambda/demo-dev-main",
    }


# What makes the same handler run here and on AWS: no endpoint and no credentials in its code.
async def test_a_plain_boto3_client_speaks_to_the_engine(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        import boto3, os
        def handler(event, context):
            client = boto3.client("dynamodb")
            return [client.meta.endpoint_url, client.meta.region_name, os.environ["STAGE"]]
        """,
        environment={"STAGE": "dev"},
        region="ap-northeast-2",
    )
    assert await result(pool) == ["http://127.0.0.1:8000", "ap-northeast-2", "dev"]


# A library packaged next to the handler is the version that runs on AWS; so is a module in a folder.
async def test_modules_beside_the_handler_come_first(pool_of: Callable[..., FunctionPool], tmp_path: Path) -> None:
    (tmp_path / "boto3.py").write_text("mine = True")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("import boto3, main\ndef run(event, context): return [boto3.mine, main.x]")
    pool = pool_of("x = 1", handler="src/app.run")
    assert await result(pool) == [True, 1]


# Watched directories must not change because a function has run.
async def test_nothing_is_written_beside_the_handler(pool_of: Callable[..., FunctionPool], tmp_path: Path) -> None:
    await result(pool_of(COUNTER))
    assert [path.name for path in tmp_path.iterdir()] == ["main.py"]


async def test_module_state_is_kept_between_calls(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(COUNTER)
    first, second = await result(pool), await result(pool)
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["pid"] == second["pid"]


async def test_an_exception(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        def handler(event, context):
            raise KeyError("rates")
        """
    )
    found = await error(pool)
    assert (found["errorType"], found["errorMessage"]) == ("KeyError", "'rates'")
    assert found["requestId"] == found["id"]
    (frame,) = found["stackTrace"]
    assert 'main.py", line 3, in handler' in frame


async def test_an_exception_leaves_the_worker_warm(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        import os
        def handler(event, context):
            if event:
                raise ValueError(os.getpid())
            return os.getpid()
        """
    )
    assert (await error(pool, 1))["errorMessage"] == str(await result(pool, 0))


SLOW = """
    import os, time
    def handler(event, context):
        time.sleep(event)
        return os.getpid()
"""


async def test_a_timeout_and_the_call_after_it(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(SLOW, timeout_s=0.5)
    pid = await result(pool, 0)
    found = await error(pool, 60)
    assert found["errorType"] == "Sandbox.Timedout"
    assert found["errorMessage"] == f"RequestId: {found['id']} Error: Task timed out after 0.50 seconds"
    assert await result(pool, 0) != pid


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os._exit(7)", "Runtime exited with error: exit status 7"),
        ("sys.exit(7)", "Runtime exited with error: exit status 7"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ],
)
async def test_an_exit_and_the_call_after_it(pool_of: Callable[..., FunctionPool], ending: str, reason: str) -> None:
    pool = pool_of(
        f"""
        import os, sys
        def handler(event, context):
            if event:
                {ending}
            return "fine"
        """
    )
    found = await error(pool, 1)
    assert found["errorType"] == "Runtime.ExitError"
    assert found["errorMessage"] == f"RequestId: {found['id']} Error: {reason}"
    assert await result(pool, 0) == "fine"


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        (
            "import nowhere",
            "main.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'main': No module named 'nowhere'",
        ),
        (
            "",
            "other.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("", "main.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'main'"),
        ("def (", "main.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'main': "),
        ("", "main", "Runtime.MalformedHandlerName", "Bad handler 'main': "),
        ("1 / 0", "main.handler", "ZeroDivisionError", "division by zero"),
        ("import os; os._exit(3)", "main.handler", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
    ],
)
async def test_a_handler_that_cannot_be_loaded(
    pool_of: Callable[..., FunctionPool], source: str, handler: str, error_type: str, message: str
) -> None:
    found = await error(pool_of(source, handler=handler))
    assert found["errorType"] == error_type
    assert message in found["errorMessage"]


# Fixing the cause is enough: the next call starts anew, without a restart of anything.
async def test_a_handler_mended_after_it_could_not_be_loaded(
    pool_of: Callable[..., FunctionPool], tmp_path: Path
) -> None:
    pool = pool_of("")
    await error(pool)
    (tmp_path / "main.py").write_text("def handler(event, context): return 'mended'")
    assert await result(pool) == "mended"


async def test_a_result_that_is_not_json(pool_of: Callable[..., FunctionPool]) -> None:
    found = await error(pool_of("def handler(event, context): return object()"))
    assert found["errorType"] == "Runtime.MarshalError"


async def test_a_result_that_is_too_large(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of("def handler(event, context): return 'x' * event")
    found = await error(pool, 6_291_556)  # and two quotation marks
    assert found["errorType"] == "Function.ResponseSizeTooLarge"
    assert len(await result(pool, 6_291_554)) == 6_291_554


async def test_prints_carry_the_request_id(
    pool_of: Callable[..., FunctionPool], lines: list[tuple[str, str | None, str]]
) -> None:
    pool = pool_of(
        """
        import logging, sys, os
        print("loading")
        def handler(event, context):
            print("out", event)
            print("err", event, file=sys.stderr)
            logging.getLogger().warning("logged %s", event)
            os.system(f"echo child {event}")
            print("open end", event, end="")
        """
    )
    first = await pool.invoke(b"1")
    second = await pool.invoke(b"2")
    assert lines[0] == ("demo-dev-main", None, "loading")
    for n, reply in ((1, first), (2, second)):
        texts = [text for _, request_id, text in lines if request_id == reply.request_id]
        assert texts[0] == f"START RequestId: {reply.request_id} Version: $LATEST"
        assert texts[1:3] == [f"out {n}", f"err {n}"]
        assert texts[3].startswith("[WARNING]")
        assert texts[3].endswith(f"{reply.request_id}\tlogged {n}")
        assert texts[4:7] == [f"child {n}", f"open end {n}", f"END RequestId: {reply.request_id}"]
        assert texts[7].startswith(f"REPORT RequestId: {reply.request_id}\tDuration: ")
        assert len(texts) == 8


# More than a pipe holds: were it not read during the call, the handler would wait for ever.
async def test_much_output_in_one_call(
    pool_of: Callable[..., FunctionPool], lines: list[tuple[str, str | None, str]]
) -> None:
    pool = pool_of(
        """
        def handler(event, context):
            print("\\n".join(f"line {n}" for n in range(5000)) + "x" * 100_000)
            print("last")
        """
    )
    reply = await pool.invoke(b"{}")
    texts = [text for _, request_id, text in lines if request_id == reply.request_id]
    assert texts[1:4] == ["line 0", "line 1", "line 2"]
    assert texts[-3] == "last"


async def test_the_last_words_of_a_dying_process(
    pool_of: Callable[..., FunctionPool], lines: list[tuple[str, str | None, str]]
) -> None:
    pool = pool_of(
        """
        import os
        def handler(event, context):
            print("good bye")
            os._exit(1)
        """
    )
    reply = await pool.invoke(b"{}")
    assert ("demo-dev-main", reply.request_id, "good bye") in lines


# Both handlers wait for the other's file, so they end only if they run at the same time.
async def test_calls_at_the_same_time_have_workers_of_their_own(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        import os, pathlib, time
        def handler(event, context):
            mine, other = event
            pathlib.Path(mine).touch()
            while not pathlib.Path(other).exists():
                time.sleep(0.005)
            return os.getpid()
        """
    )
    first, second = await asyncio.gather(result(pool, ["a", "b"]), result(pool, ["b", "a"]))
    assert first != second


async def test_calls_past_the_concurrency_wait_their_turn(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(COUNTER, concurrency=1)
    results = await asyncio.gather(*(result(pool) for _ in range(5)))
    assert [each["calls"] for each in results] == [1, 2, 3, 4, 5]


# An idle process can be killed by the system, for its memory say; nobody's call should pay for that.
async def test_a_worker_that_died_between_calls(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(COUNTER)
    pid = (await result(pool))["pid"]
    os.kill(pid, 9)
    async with asyncio.timeout(5):
        while not all(worker.retired for worker in pool._idle):
            await asyncio.sleep(0.005)
    again = await result(pool)
    assert again["calls"] == 1
    assert again["pid"] != pid


async def test_changed_code(pool_of: Callable[..., FunctionPool], function_of: Callable[..., Function]) -> None:
    pool = pool_of("def handler(event, context): return 'old'")
    assert await result(pool) == "old"
    await pool.replace(function_of("def handler(event, context): return 'new'", environment={"A": "1"}))
    assert await result(pool) == "new"


async def test_a_call_under_way_ends_on_the_old_code(
    pool_of: Callable[..., FunctionPool], function_of: Callable[..., Function], tmp_path: Path
) -> None:
    pool = pool_of(
        """
        import pathlib, time
        def handler(event, context):
            pathlib.Path("begun").touch()
            while not pathlib.Path("go").exists():
                time.sleep(0.005)
            return "old"
        """
    )
    under_way = asyncio.create_task(result(pool))
    await exists(tmp_path / "begun")
    await pool.replace(function_of("def handler(event, context): return 'new'"))
    assert await result(pool) == "new"
    (tmp_path / "go").touch()
    assert await under_way == "old"
    assert await result(pool) == "new"


async def test_a_cancelled_call_gives_its_turn_back(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(SLOW, concurrency=1)
    pid = await result(pool, 0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await pool.invoke(b"60")
    assert await result(pool, 0) != pid


async def test_a_stopped_pool(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(COUNTER)
    await result(pool)
    await pool.stop()
    with pytest.raises(FunctionError, match="has been stopped"):
        await pool.invoke(b"{}")


async def test_stop_ends_the_calls_under_way(pool_of: Callable[..., FunctionPool], tmp_path: Path) -> None:
    pool = pool_of(
        """
        import pathlib, time
        def handler(event, context):
            pathlib.Path("begun").touch()
            time.sleep(60)
        """,
        timeout_s=60,
    )
    under_way = asyncio.create_task(pool.invoke(b"{}"))
    await exists(tmp_path / "begun")
    await pool.stop()
    assert json.loads((await under_way).payload)["errorType"] == "Runtime.ExitError"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"code_dir": Path("/nowhere/at/all")}, "there is no directory /nowhere/at/all"),
        ({"runtime": "java21"}, "only Python .* and Node.js .* run here"),
    ],
)
async def test_a_function_that_cannot_be_started(
    pool_of: Callable[..., FunctionPool],
    lines: list[tuple[str, str | None, str]],
    settings: dict[str, Any],
    message: str,
) -> None:
    pool = pool_of(COUNTER, **settings)
    for _ in range(2):  # and the failed one is not kept for the next call
        with pytest.raises(FunctionError, match=message):
            await pool.invoke(b"{}")
    assert [bool(re.search(rf"^NOT STARTED: .*{message}", line)) for _, _, line in lines] == [True, True]


# A call once lost 40 ms and more to delayed acknowledgements. On uvloop, as `everwarm up` runs.
def test_a_warm_call_is_fast(function_of: Callable[..., Function]) -> None:
    async def median_s() -> float:
        function = replace(function_of("def handler(event, context): return event"), timeout_s=30)
        pool = FunctionPool(function, endpoint_url="http://127.0.0.1:8000", log=lambda *_line: None)
        took_s = []
        for _ in range(30):
            started = monotonic()
            await pool.invoke(b'{"a": 1}')
            took_s.append(monotonic() - started)
        await pool.stop()
        return statistics.median(took_s)

    assert uvloop.run(median_s()) < 0.030


async def test_the_tail_of_the_log_comes_with_the_reply(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        print("loading")
        def handler(event, context):
            print("called with", event)
        """,
        memory_mb=256,
    )
    first, second = await pool.invoke(b"1"), await pool.invoke(b"2")
    assert first.executed_version == "$LATEST"
    assert first.log_tail.decode().splitlines()[:-1] == [
        "loading",
        f"START RequestId: {first.request_id} Version: $LATEST",
        "called with 1",
        f"END RequestId: {first.request_id}",
    ]
    *lines, report = second.log_tail.decode().splitlines()
    assert lines == [
        f"START RequestId: {second.request_id} Version: $LATEST",
        "called with 2",
        f"END RequestId: {second.request_id}",
    ]
    form = r"REPORT RequestId: \S+\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB"
    assert re.fullmatch(form + r"\tMax Memory Used: \d\d MB", report)
    assert re.search(r"\tInit Duration: \d+\.\d\d ms\n$", first.log_tail.decode())


async def test_the_caller_may_choose_the_request_id(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of("def handler(event, context): return context.aws_request_id")
    assert (await pool.invoke(b"1", request_id="id-1")).payload == b'"id-1"'


async def test_the_client_context(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of("def handler(event, context): return context.client_context.custom")
    reply = await pool.invoke(b"1", client_context='{"custom":\n {"a": "é"}}')
    assert json.loads(reply.payload) == {"a": "é"}


async def test_the_log_of_a_handler_that_cannot_be_loaded(pool_of: Callable[..., FunctionPool]) -> None:
    reply = await pool_of("import nowhere").invoke(b"1")
    *_, start, end, report = reply.log_tail.decode().splitlines()
    assert start == f"START RequestId: {reply.request_id} Version: $LATEST"
    assert end == f"END RequestId: {reply.request_id}"
    assert report.endswith("\tStatus: error\tError Type: Runtime.ImportModuleError")
    assert b"Unable to import module 'main': No module named 'nowhere'" in reply.log_tail


async def test_descriptors_are_limited(pool_of: Callable[..., FunctionPool]) -> None:
    """Row "Descriptors, processes" of the limits."""
    pool = pool_of(
        """
        import resource
        def handler(event, context):
            return resource.getrlimit(resource.RLIMIT_NOFILE)
        """
    )
    assert await result(pool) == [1024, 1024]
