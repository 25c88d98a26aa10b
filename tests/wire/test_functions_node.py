"""The same rows for Node.js, as far as its runtime answers in another way than Python's.

Handlers, context object and log lines in all their forms: `tests/unit/lambdas/runtime/test_node.py`. Source:
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html, nodejs-exceptions.html, nodejs-logging.html.
"""

import base64
import io
import re
import shutil
import zipfile
from collections.abc import Iterator

import pytest

from tests.wire.functions_project import Functions, running

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js on this machine")

INDEX = """
    let calls = 0
    exports.see = async (event, context) => ({...context, env: process.env.AWS_EXECUTION_ENV, event})
    exports.state = async () => ({calls: ++calls, pid: process.pid})
    exports.log = (event, context, callback) => { console.warn("told %d times", 2); callback(null, event) }
    exports.fail = async (event) => {
        if (event === "throw") throw new RangeError("no rates")
        if (event === "reject") Promise.reject(new Error("lost"))
        if (event === "loop") for (;;);
        if (event === "exit") process.exit(7)
        if (event === "marshal") return 10n
        if (event === "memory") Buffer.alloc(400 * 1024 * 1024, "x")
        if (typeof event === "number") return "x".repeat(event)
        await new Promise((go) => setTimeout(go, event === "state" ? 0 : 20000))
        return exports.state()
    }
"""


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    files = {
        "index.js": INDEX,
        "module.mjs": "export const handler = async (event) => event.n + 1",
        "imports.js": "require('nowhere')",
        "syntax.js": "exports.handler = (",
    }
    with running(
        tmp_path_factory.mktemp("node"),
        "nodejs20.x",
        files,
        {
            "see": "handler: index.see, memorySize: 256, timeout: 30",
            "module": "handler: module.handler",
            "log": "handler: index.log",
            "fail": "handler: index.fail, timeout: 60, memorySize: 256",
            "late": "handler: index.fail, timeout: 1",
            "imports": "handler: imports.handler",
            "syntax": "handler: syntax.handler",
            "missing": "handler: index.nothing",
            "malformed": "handler: index",
        },
    ) as found:
        yield found


def test_context_object(functions: Functions) -> None:
    """Row "context object", in Node.js's spelling."""
    client = {"custom": {"a": "é"}}
    found = functions.call("see", 1, ClientContext=base64.b64encode(b'{"custom": {"a": "\\u00e9"}}').decode())
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", found.result.pop("logStreamName"))
    assert found.result == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionName": "shop-dev-see",
        "functionVersion": "$LATEST",
        "invokedFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-see",
        "memoryLimitInMB": "256",
        "awsRequestId": found.request_id,
        "logGroupName": "/aws/lambda/shop-dev-see",
        "clientContext": client,
        "env": "AWS_Lambda_nodejs20.x",
        "event": 1,
    }


def test_an_es_module(functions: Functions) -> None:
    """Handlers are CommonJS or ES modules."""
    assert functions.call("module", {"n": 1}).result == 2


def test_the_log(functions: Functions) -> None:
    """Row "RequestResponse": the tail of the log has the lines in the form of Node.js's runtime."""
    found = functions.call("log", "back")
    assert found.result == "back"
    _, request_id, level, text = found.log[-3].split("\t")
    assert (request_id, level, text) == (found.request_id, "WARN", "told 2 times")


def test_exception(functions: Functions) -> None:
    """Row "Exception"."""
    found = functions.call("fail", "throw")
    assert (found.status, found.error) == (200, "Unhandled")
    assert set(found.result) == {"errorType", "errorMessage", "trace"}
    assert (found.result["errorType"], found.result["errorMessage"]) == ("RangeError", "no rates")
    assert found.result["trace"][0] == "RangeError: no rates"
    assert "index.js:" in found.result["trace"][1]


def test_unhandled_rejection(functions: Functions) -> None:
    """Row "Exception": one that nobody has caught, of a promise that nobody waits for."""
    found = functions.call("fail", "reject")
    assert found.error == "Unhandled"
    assert found.result["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert found.result["errorMessage"] == "Error: lost"


def test_timeout(functions: Functions) -> None:
    """Row "Timeout", of a handler that gives nothing else in its process a chance."""
    found = functions.call("late", "loop")
    assert found.result == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {found.request_id} Error: Task timed out after 1.00 seconds",
    }


def test_process_exit(functions: Functions) -> None:
    """Row "Process exit"."""
    found = functions.call("fail", "exit")
    assert found.result == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {found.request_id} Error: Runtime exited with error: exit status 7",
    }
    assert functions.call("fail", "state").result["calls"] == 1


def test_out_of_memory(functions: Functions) -> None:
    """Row "Out of memory"."""
    found = functions.call("fail", "memory")
    assert found.result["errorType"] == "Runtime.OutOfMemory"


@pytest.mark.parametrize(
    ("key", "error_type", "message"),
    [
        ("imports", "Runtime.ImportModuleError", "Error: Cannot find module 'nowhere'"),
        ("missing", "Runtime.HandlerNotFound", "index.nothing is undefined or not exported"),
        ("syntax", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected end of input"),
        ("malformed", "Runtime.MalformedHandlerName", "Bad handler"),
    ],
)
def test_handlers_that_cannot_be_loaded(functions: Functions, key: str, error_type: str, message: str) -> None:
    """Rows "Module missing", "Handler missing", "Syntax error", "Handler without a dot"."""
    found = functions.call(key)
    assert (found.status, found.error) == (200, "Unhandled")
    assert found.result["errorType"] == error_type
    assert found.result["errorMessage"].startswith(message)


def test_a_result_that_is_not_json(functions: Functions) -> None:
    """Row "Result not JSON": Node.js's runtime has a plain error for it."""
    found = functions.call("fail", "marshal")
    assert found.error == "Unhandled"
    assert (found.result["errorType"], found.result["errorMessage"]) == ("Error", "Unable to stringify response body")


def test_a_result_that_is_too_big(functions: Functions) -> None:
    """Row "Result too big"."""
    assert functions.call("fail", 6_291_556).result["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_function_from_a_zip_file(functions: Functions) -> None:
    """CreateFunction with a package of Node.js."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("src/app.mjs", "import {one} from './lib.mjs'\nexport const add = async (n) => n + one")
        package.writestr("src/lib.mjs", "export const one = 1")
    functions.client.create_function(
        FunctionName="shop-dev-zipped",
        Runtime="nodejs22.x",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="src/app.add",
        Code={"ZipFile": packed.getvalue()},
        Timeout=30,
    )
    assert functions.call("zipped", 1).result == 2
