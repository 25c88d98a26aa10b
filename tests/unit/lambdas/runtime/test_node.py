"""Node.js handlers in real processes.

What AWS's own runtime answers and logs: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html,
nodejs-context.html, nodejs-logging.html and nodejs-exceptions.html there.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.pool import FunctionPool

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js on this machine")

NodePool = Callable[..., FunctionPool]
Line = tuple[str, str | None, str]


@pytest.fixture
async def node_pool(tmp_path: Path, lines: list[Line]) -> AsyncIterator[NodePool]:
    """A pool for the function of some source; further settings are the function's."""
    pools: list[FunctionPool] = []

    def make(source: str, file: str = "index.js", **settings: Any) -> FunctionPool:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(textwrap.dedent(source))
        defaults: dict[str, Any] = {
            "name": "demo-dev-main",
            "handler": "index.handler",
            "code_dir": tmp_path,
            "runtime": "nodejs20.x",
            "timeout_s": 30.0,
        }
        pools.append(
            FunctionPool(
                Function(**{**defaults, **settings}),
                endpoint_url="http://127.0.0.1:8000",
                log=lambda *line: lines.append(line),
            )
        )
        return pools[-1]

    yield make
    for pool in pools:
        await pool.stop()


async def result(pool: FunctionPool, event: Any = None) -> Any:
    reply = await pool.invoke(json.dumps(event).encode())
    assert reply.function_error is None, reply.payload
    return json.loads(reply.payload)


async def error(pool: FunctionPool, event: Any = None) -> Any:
    reply = await pool.invoke(json.dumps(event).encode())
    assert reply.function_error == "Unhandled", reply.payload
    return json.loads(reply.payload) | {"id": reply.request_id}


@pytest.mark.parametrize(
    ("file", "handler", "source"),
    [
        ("index.js", "index.handler", "exports.handler = async (event) => event.n + 1"),
        ("index.js", "index.handler", "exports.handler = (event, context, callback) => callback(null, event.n + 1)"),
        ("index.js", "index.handler", "exports.handler = (event, context) => context.succeed(event.n + 1)"),
        ("index.cjs", "index.handler", "module.exports.handler = (event) => Promise.resolve(event.n + 1)"),
        ("index.mjs", "index.handler", "export const handler = async (event) => event.n + 1"),
        (
            "index.mjs",
            "index.handler",
            "const one = await Promise.resolve(1);\nexport async function handler(event) { return event.n + one }",
        ),
        ("src/orders.js", "src/orders.main", "exports.main = async (event) => event.n + 1"),
        ("src/orders.js", "src/orders.api.put", "exports.api = {put: async (event) => event.n + 1}"),
        ("src/index.js", "src/index.handler", "exports.handler = async (event) => event.n + 1"),
    ],
)
async def test_every_style_of_handler(node_pool: NodePool, file: str, handler: str, source: str) -> None:
    assert await result(node_pool(source, file, handler=handler), {"n": 1}) == 2


async def test_a_package_of_modules(node_pool: NodePool, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "lib.js").write_text("export const one = 1")
    assert await result(node_pool("import {one} from './lib.js'\nexport const handler = async () => one")) == 1


async def test_packages_beside_the_handler(node_pool: NodePool, tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "one"
    package.mkdir(parents=True)
    (package / "index.js").write_text("module.exports = 1")
    pool = node_pool("const one = require('one')\nexports.handler = async () => one")
    assert await result(pool) == 1


async def test_the_context_object(node_pool: NodePool) -> None:
    pool = node_pool(
        """
        exports.handler = async (event, context) => ({
            ...context, left: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID,
        })
        """,
        memory_mb=256,
    )
    reply = await pool.invoke(b"{}", client_context='{"custom": {"a": 1}}')
    seen = json.loads(reply.payload)
    assert 20_000 < seen.pop("left") <= 30_000
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", seen.pop("logStreamName"))
    assert seen.pop("trace").startswith("Root=1-")
    assert seen == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionName": "demo-dev-main",
        "functionVersion": "$LATEST",
        "invokedFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:demo-dev-main",
        "memoryLimitInMB": "256",
        "awsRequestId": reply.request_id,
        "logGroupName": "/aws/lambda/demo-dev-main",
        "clientContext": {"custom": {"a": 1}},
    }


async def test_the_environment(node_pool: NodePool) -> None:
    pool = node_pool(
        "exports.handler = async () => [process.env.AWS_EXECUTION_ENV, process.env.STAGE, process.env._HANDLER]",
        environment={"STAGE": "dev"},
    )
    assert await result(pool) == ["AWS_Lambda_nodejs20.x", "dev", "index.handler"]


async def test_module_state_is_kept_between_calls(node_pool: NodePool) -> None:
    pool = node_pool("let calls = 0\nexports.handler = async () => [++calls, process.pid]")
    first, second = await result(pool), await result(pool)
    assert (first[0], second[0], second[1]) == (1, 2, first[1])


@pytest.mark.parametrize("source", ["exports.handler = async () => {}", "exports.handler = () => {}"])
async def test_no_answer_is_null(node_pool: NodePool, source: str) -> None:
    assert await result(node_pool(source)) is None


# "callbackWaitsForEmptyEventLoop": by default the answer waits for what the handler has begun.
@pytest.mark.parametrize(("waits", "expected"), [("true", True), ("false", False)])
async def test_a_callback_waits_for_the_event_loop(
    node_pool: NodePool, tmp_path: Path, waits: str, expected: bool
) -> None:
    pool = node_pool(
        f"""
        const fs = require("node:fs")
        exports.handler = (event, context, callback) => {{
            context.callbackWaitsForEmptyEventLoop = {waits}
            setTimeout(() => fs.writeFileSync("written", ""), 300)
            callback(null, "done")
        }}
        """
    )
    assert await result(pool) == "done"
    assert (tmp_path / "written").exists() is expected


@pytest.mark.parametrize(
    ("body", "error_type", "message"),
    [
        ("async () => { throw new TypeError('no rates') }", "TypeError", "no rates"),
        ("() => { throw new RangeError('too many') }", "RangeError", "too many"),
        ("(event, context, callback) => callback(new Error('given'))", "Error", "given"),
        ("(event, context, callback) => callback('a text')", "string", "a text"),
        ("async () => { throw 'a text' }", "string", "a text"),
        ("() => Promise.reject(new Error('rejected'))", "Error", "rejected"),
        ("async () => { class Own extends Error { name = 'OwnError' }; throw new Own('x') }", "OwnError", "x"),
        ("async () => { const a = {}; a.a = a; return a }", "Error", "Unable to stringify response body"),
        ("async () => 10n", "Error", "Unable to stringify response body"),
    ],
)
async def test_an_error(node_pool: NodePool, body: str, error_type: str, message: str) -> None:
    pool = node_pool(
        f"let calls = 0\nconst main = {body}\nexports.handler = (...all) => calls++ ? calls : main(...all)"
    )
    found = await error(pool)
    assert set(found) == {"errorType", "errorMessage", "trace", "id"}
    assert (found["errorType"], found["errorMessage"]) == (error_type, message)
    if error_type != "string":
        assert found["trace"][0].endswith(message)
        assert "    at " in found["trace"][1]
    # It leaves the process warm. (A plain value of a handler that is no promise is not an answer.)
    assert pool.workers_alive == 1
    await result(pool)
    assert pool.counters.cold_starts == 1


@pytest.mark.parametrize(
    ("body", "error_type", "message"),
    [
        ("Promise.reject(new Error('lost'))", "Runtime.UnhandledPromiseRejection", "Error: lost"),
        ("setTimeout(() => { throw new TypeError('late') }, 10)", "TypeError", "late"),
    ],
)
async def test_what_no_handler_catches_ends_the_process(
    node_pool: NodePool, lines: list[Line], body: str, error_type: str, message: str
) -> None:
    pool = node_pool(
        f"""
        exports.handler = async (event) => {{
            if (event) {body}
            await new Promise((go) => setTimeout(go, event ? 5000 : 0))
            return process.pid
        }}
        """
    )
    before = await result(pool, 0)
    found = await error(pool, 1)
    assert (found["errorType"], found["errorMessage"]) == (error_type, message)
    assert await result(pool, 0) != before
    assert any(f'"errorType":"{error_type}"' in text for _, request_id, text in lines if request_id == found["id"])


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("process.exit(0)", "Runtime exited without providing a reason"),
        ("process.exit(7)", "Runtime exited with error: exit status 7"),
        ("process.kill(process.pid, 'SIGKILL')", "Runtime exited with error: signal: killed"),
    ],
)
async def test_an_exit(node_pool: NodePool, ending: str, reason: str) -> None:
    pool = node_pool(f"exports.handler = async (event) => {{ if (event) {ending}; return 'fine' }}")
    found = await error(pool, 1)
    assert found["errorType"] == "Runtime.ExitError"
    assert found["errorMessage"] == f"RequestId: {found['id']} Error: {reason}"
    assert await result(pool, 0) == "fine"


async def test_a_timeout(node_pool: NodePool) -> None:
    pool = node_pool("exports.handler = async (event) => { while (event); return 'fine' }", timeout_s=1.0)
    found = await error(pool, 1)
    assert found["errorType"] == "Sandbox.Timedout"
    assert found["errorMessage"] == f"RequestId: {found['id']} Error: Task timed out after 1.00 seconds"
    assert await result(pool, 0) == "fine"


async def test_more_than_the_memory_size(node_pool: NodePool) -> None:
    pool = node_pool(
        """
        exports.handler = async () => {
            const kept = Buffer.alloc(400 * 1024 * 1024, "x")
            await new Promise((go) => setTimeout(go, 20000))
            return kept.length
        }
        """,
        memory_mb=256,
    )
    assert (await error(pool))["errorType"] == "Runtime.OutOfMemory"


async def test_a_result_that_is_too_large(node_pool: NodePool) -> None:
    pool = node_pool("exports.handler = async (event) => 'x'.repeat(event)")
    assert (await error(pool, 6_291_556))["errorType"] == "Function.ResponseSizeTooLarge"
    assert len(await result(pool, 6_291_554)) == 6_291_554


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("require('nowhere')", "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nowhere'"),
        ("", "other.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'other'"),
        ("", "index.handler", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        ("exports.handler = 1", "index.handler", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("exports.handler = (", "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected end of input"),
        ("", "index", "Runtime.MalformedHandlerName", "Bad handler"),
        ("", "../index.handler", "Runtime.MalformedHandlerName", "'../index.handler' is not a valid handler name"),
        ("null.x", "index.handler", "TypeError", "Cannot read properties of null"),
        ("process.exit(3)", "index.handler", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
    ],
)
async def test_a_handler_that_cannot_be_loaded(
    node_pool: NodePool, source: str, handler: str, error_type: str, message: str
) -> None:
    found = await error(node_pool(source, handler=handler))
    assert found["errorType"] == error_type
    assert message in found["errorMessage"]


async def test_the_form_of_log_lines(node_pool: NodePool, lines: list[Line]) -> None:
    pool = node_pool(
        """
        console.log("loading")
        exports.handler = async (event) => {
            console.log("plain %s", event, {a: [1]})
            console.info("told")
            console.warn("warned")
            console.error(new Error("shown").message)
            console.debug("100%")
            process.stdout.write("raw\\n")
            throw new Error("boom")
        }
        """
    )
    found = await error(pool, "x")
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"{time}\tundefined\tINFO\tloading", lines[0][2])
    _, *texts, _, _ = [text for _, request_id, text in lines if request_id == found["id"]]
    assert [re.sub(f"^{time}\t{found['id']}\t", "", text) for text in texts[:-1]] == [
        "INFO\tplain x { a: [ 1 ] }",
        "INFO\ttold",
        "WARN\twarned",
        "ERROR\tshown",
        "DEBUG\t100%",
        "raw",
    ]
    _, request_id, level, message, described = texts[-1].split("\t")
    assert (request_id, level, message) == (found["id"], "ERROR", "Invoke Error ")
    assert json.loads(described) == {"errorType": "Error", "errorMessage": "boom", "stack": found["trace"]}


async def test_log_lines_as_json(node_pool: NodePool, lines: list[Line]) -> None:
    pool = node_pool(
        'exports.handler = async () => { console.debug("no"); console.warn("told %d", 1); console.log({a: 1}) }',
        environment={"AWS_LAMBDA_LOG_FORMAT": "JSON"},
    )
    reply = await pool.invoke(b"{}")
    shown = [json.loads(text) for _, request_id, text in lines if request_id == reply.request_id and text[0] == "{"]
    assert [(one["level"], one["requestId"], one["message"]) for one in shown] == [
        ("WARN", reply.request_id, "told 1"),
        ("INFO", reply.request_id, {"a": 1}),
    ]


async def test_no_process_outlives_its_pool(node_pool: NodePool) -> None:
    pool = node_pool(
        """
        exports.handler = async () => {
            const child = require("node:child_process").spawn("sleep", ["60"])
            return [process.pid, child.pid]
        }
        """
    )
    pids = await result(pool)
    await pool.stop()
    for pid in pids:
        async with asyncio.timeout(5):
            while Path(f"/proc/{pid}").exists():
                await asyncio.sleep(0.01)


PARENT = """
    import asyncio, sys
    from pathlib import Path
    from everwarm.lambdas.functions import Function
    from everwarm.lambdas.runtime.pool import FunctionPool

    async def main():
        function = Function("f", "index.handler", Path(sys.argv[1]), runtime="nodejs20.x", timeout_s=60)
        pool = FunctionPool(function, endpoint_url="http://127.0.0.1:1", log=lambda *_: None)
        print((await pool.invoke(b"0")).payload.decode(), flush=True)
        await pool.invoke(b"1")

    asyncio.run(main())
"""


# However busy the handler is: on Linux the kernel sees to it.
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends a process with its parent on Linux only")
async def test_a_killed_parent_takes_its_worker_along(tmp_path: Path) -> None:
    source = "exports.handler = async (event) => { while (event); return process.pid }"
    (tmp_path / "index.js").write_text(source)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    async with asyncio.timeout(5):
        # Where nobody cleans up after processes without a parent, something remains, which does not run.
        while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.01)


def test_there_is_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no program node on the PATH" in refusal(tmp_path)


@pytest.mark.parametrize("suffix", ["ts", "mts"])
def test_typescript(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / f"app.{suffix}").touch()
    assert f"src/app.{suffix} is TypeScript. Compile it" in refusal(tmp_path, handler="src/app.handler")


@pytest.mark.parametrize("runtime", ["java21", "provided.al2023", "go1.x", "dotnet8", "ruby3.3"])
def test_other_runtimes(tmp_path: Path, runtime: str) -> None:
    assert refusal(tmp_path, runtime=runtime) == (
        f"function f has the runtime {runtime}; only Python (python3.x) and Node.js (nodejs20.x, say) run here"
    )


async def test_a_newer_runtime_than_the_machine_has_is_said(node_pool: NodePool, lines: list[Line]) -> None:
    await result(node_pool("exports.handler = async () => 1", runtime="nodejs99.x"))
    assert lines[0][2].startswith("(this function wants Node.js 99, and runs on v")


def refusal(code_dir: Path, **settings: Any) -> str:
    function = Function(**{"name": "f", "handler": "a.b", "code_dir": code_dir, "runtime": "nodejs20.x", **settings})
    pool = FunctionPool(function, endpoint_url="", log=lambda *_: None)
    with pytest.raises(FunctionError) as refused:
        asyncio.run(pool.invoke(b"{}"))
    return str(refused.value)
