"""What a Python function receives, and what becomes of a call: a test for each row of what is known of AWS.

The rows are those of the tables "Python context object", "Environment", "Function errors" and "Limits".
"""

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.exceptions
import pytest

from tests.wire.functions_project import Functions, running

MAIN = """
    import json, os, resource, sys, time
    calls = 0

    def handler(event, context):
        return event

    def state(event, context):
        global calls
        calls += 1
        return {"calls": calls, "pid": os.getpid()}

    def see(event, context):
        identity, client = context.identity, context.client_context
        return {
            "function_name": context.function_name,
            "function_version": context.function_version,
            "invoked_function_arn": context.invoked_function_arn,
            "memory_limit_in_mb": context.memory_limit_in_mb,
            "aws_request_id": context.aws_request_id,
            "log_group_name": context.log_group_name,
            "log_stream_name": context.log_stream_name,
            "tenant_id": context.tenant_id,
            "identity": [identity.cognito_identity_id, identity.cognito_identity_pool_id],
            "client_context": client and [client.custom, client.env, client.client.app_title],
            "remaining": context.get_remaining_time_in_millis(),
        }

    def log(event, context):
        context.log("logged\\n")
        print("printed")

    def environment(event, context):
        return dict(os.environ)

    def descriptors(event, context):
        return resource.getrlimit(resource.RLIMIT_NOFILE)

    def fail(event, context):
        match event:
            case "raise":
                raise LookupError("no rates")
            case "sleep":
                time.sleep(60)
            case "exit":
                os._exit(0)
            case "status":
                sys.exit(7)
            case "abort":
                os.abort()
            case "memory":
                kept = bytearray(b"x") * 400 * 1024 * 1024
                time.sleep(60)
            case "marshal":
                return object()
            case int():
                return "x" * event
        return state(event, context)
"""


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    files = {"main.py": MAIN, "imports.py": "import nowhere", "syntax.py": "def ("}
    with running(
        tmp_path_factory.mktemp("python"),
        "python3.12",
        files,
        {
            "echo": "handler: main.handler",
            "state": "handler: main.state",
            "see": "handler: main.see, memorySize: 256, timeout: 30",
            "log": "handler: main.log",
            "descriptors": "handler: main.descriptors",
            "env": "handler: main.environment, memorySize: 512, environment: {STAGE: dev}",
            "fail": "handler: main.fail, timeout: 60, memorySize: 256",
            "late": "handler: main.fail, timeout: 1",
            "bare": "handler: main.see",
            "imports": "handler: imports.handler",
            "syntax": "handler: syntax.handler",
            "missing": "handler: main.nothing",
            "malformed": "handler: main",
            "reserved": "handler: main.fail, reservedConcurrency: 0",
        },
    ) as found:
        yield found


# ---------------------------------------------------------------- context object


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("function_name", "shop-dev-see"),
        ("function_version", "$LATEST"),
        ("invoked_function_arn", "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-see"),
        ("memory_limit_in_mb", "256"),
        ("log_group_name", "/aws/lambda/shop-dev-see"),
        ("tenant_id", None),
        ("identity", [None, None]),
        ("client_context", None),
    ],
)
def test_context_members(functions: Functions, member: str, expected: object) -> None:
    """Row "Python context object": the members that are the same in each call."""
    assert functions.call("see").result[member] == expected


def test_context_of_each_call(functions: Functions) -> None:
    """Row "Python context object": `aws_request_id`, `log_stream_name`, `get_remaining_time_in_millis()`."""
    first, second = functions.call("see"), functions.call("see")
    assert first.result["aws_request_id"] == first.request_id != second.request_id
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", first.result["log_stream_name"])
    assert first.result["log_stream_name"] == second.result["log_stream_name"]
    assert 20_000 < first.result["remaining"] <= 30_000


def test_context_log(functions: Functions) -> None:
    """Row "Python context object": `log(msg)`."""
    assert functions.call("log").log[-4:-2] == ["logged", "printed"]


def test_client_context(functions: Functions) -> None:
    """Row "Python context object": `client_context`, where the caller sends one."""
    given = {"custom": {"a": "é"}, "env": {"b": "1"}, "client": {"app_title": "shop"}}
    found = functions.call("see", ClientContext=base64.b64encode(json.dumps(given, indent=1).encode()).decode())
    assert found.result["client_context"] == [{"a": "é"}, {"b": "1"}, "shop"]


# ---------------------------------------------------------------- environment


@pytest.fixture(scope="module")
def environment(functions: Functions) -> dict[str, str]:
    found: dict[str, str] = functions.call("env").result
    return found


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("AWS_ACCESS_KEY_ID", r"\S+"),
        ("AWS_SECRET_ACCESS_KEY", r"\S+"),
        ("AWS_SESSION_TOKEN", r"\S+"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EXECUTION_ENV", r"AWS_Lambda_python3\.12"),
        ("AWS_LAMBDA_FUNCTION_NAME", "shop-dev-env"),
        ("AWS_LAMBDA_FUNCTION_VERSION", r"\$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/shop-dev-env"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}"),
        ("AWS_LAMBDA_RUNTIME_API", r"127\.0\.0\.1:\d+"),
        ("LAMBDA_RUNTIME_DIR", "/.+"),
        ("LAMBDA_TASK_ROOT", "/.+"),
        ("PWD", "/.+"),
        ("PATH", ".+"),
        ("LANG", ".+UTF-8"),
        ("TZ", ":UTC"),
        ("_HANDLER", r"main\.environment"),
        ("_X_AMZN_TRACE_ID", r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", r"127\.0\.0\.1:2000"),
        ("_AWS_XRAY_DAEMON_ADDRESS", r"127\.0\.0\.1"),
        ("_AWS_XRAY_DAEMON_PORT", "2000"),
        ("LC_CTYPE", ".+UTF-8"),
        ("SHLVL", r"\d"),
        ("STAGE", "dev"),
    ],
)
def test_environment(environment: dict[str, str], name: str, form: str) -> None:
    """Rows "Environment": each variable."""
    assert re.fullmatch(form, environment[name])


def test_the_task_root_is_where_the_code_is(environment: dict[str, str]) -> None:
    """Row "LAMBDA_RUNTIME_DIR, LAMBDA_TASK_ROOT": here the project itself, not a copy in /var/task."""
    assert environment["LAMBDA_TASK_ROOT"] == environment["PWD"]


def test_paths_of_modules_and_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row "PYTHONPATH, PWD, PATH, LD_LIBRARY_PATH, LANG, LC_CTYPE, SHLVL": here they are the machine's."""
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "helper.py").write_text("import os\nfound = dict(os.environ)\n")
    expected = {"PYTHONPATH": str(tmp_path / "libraries"), "LD_LIBRARY_PATH": str(tmp_path), "PATH": os.environ["PATH"]}
    for name, value in expected.items():
        monkeypatch.setenv(name, value)
    files = {"main.py": "import helper\ndef handler(event, context): return helper.found"}
    with running(tmp_path, "python3.12", files, {"env": "handler: main.handler"}) as functions:
        found = functions.call("env").result
    assert {name: found[name] for name in expected} == expected


# ---------------------------------------------------------------- function errors


def test_exception(functions: Functions) -> None:
    """Row "Exception"."""
    found = functions.call("fail", "raise")
    assert (found.status, found.error) == (200, "Unhandled")
    [frame] = found.result.pop("stackTrace")
    assert re.search(r'main\.py", line \d+, in fail\n    raise LookupError\("no rates"\)\n$', frame)
    assert found.result == {
        "errorMessage": "no rates",
        "errorType": "LookupError",
        "requestId": found.request_id,
    }


def test_timeout(functions: Functions) -> None:
    """Row "Timeout"."""
    found = functions.call("late", "sleep")
    assert (found.status, found.error) == (200, "Unhandled")
    assert found.result == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {found.request_id} Error: Task timed out after 1.00 seconds",
    }
    *_, line, end, report = found.log
    assert re.fullmatch(rf"\S+Z {found.request_id} Task timed out after 1\.00 seconds", line)
    assert end == f"END RequestId: {found.request_id}"
    assert re.search(r"\tDuration: 1\d{3}\.\d\d ms\t.*\tStatus: timeout$", report)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("exit", "Runtime exited without providing a reason"),
        ("status", "Runtime exited with error: exit status 7"),
        ("abort", "Runtime exited with error: signal: aborted"),
    ],
)
def test_process_exit(functions: Functions, event: str, reason: str) -> None:
    """Row "Process exit"."""
    found = functions.call("fail", event)
    assert (found.status, found.error) == (200, "Unhandled")
    assert found.result == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {found.request_id} Error: {reason}",
    }
    assert found.log[-1].endswith("\tStatus: error\tError Type: Runtime.ExitError")


def test_out_of_memory(functions: Functions) -> None:
    """Row "Out of memory"."""
    found = functions.call("fail", "memory")
    assert found.error == "Unhandled"
    assert found.result == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {found.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert "\tMemory Size: 256 MB\tMax Memory Used: 256 MB\t" in found.log[-1]


@pytest.mark.parametrize(
    ("key", "error_type", "message"),
    [
        ("imports", "Runtime.ImportModuleError", "Unable to import module 'imports': No module named 'nowhere'"),
        ("missing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'main'"),
        ("syntax", "Runtime.UserCodeSyntaxError", "Syntax error in module 'syntax': "),
        ("malformed", "Runtime.MalformedHandlerName", "Bad handler 'main': "),
    ],
)
def test_handlers_that_cannot_be_loaded(functions: Functions, key: str, error_type: str, message: str) -> None:
    """Rows "Module missing", "Handler missing", "Syntax error", "Handler without a dot"."""
    found = functions.call(key)
    assert (found.status, found.error) == (200, "Unhandled")
    assert found.result["errorType"] == error_type
    assert found.result["errorMessage"].startswith(message)
    assert found.log[-1].endswith(f"\tStatus: error\tError Type: {error_type}")


def test_a_result_that_is_not_json(functions: Functions) -> None:
    """Row "Result not JSON"."""
    found = functions.call("fail", "marshal")
    assert found.error == "Unhandled"
    assert found.result["errorType"] == "Runtime.MarshalError"
    assert found.result["errorMessage"].startswith("Unable to marshal response: ")


def test_a_result_that_is_too_big(functions: Functions) -> None:
    """Row "Result too big"."""
    found = functions.call("fail", 6_291_556)  # and two quotation marks
    assert found.error == "Unhandled"
    assert found.result == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }


@pytest.mark.parametrize(
    ("event", "replaced"), [("raise", False), ("marshal", False), ("exit", True), ("memory", True)]
)
def test_which_failures_cost_the_process(functions: Functions, event: str, replaced: bool) -> None:
    """Below the table: a process that dies is replaced, module state lost; otherwise the same one serves many calls."""
    before = functions.call("fail").result
    assert functions.call("fail", event).error == "Unhandled"
    after = functions.call("fail")
    assert (after.result["pid"] != before["pid"]) is replaced
    assert after.result["calls"] == (1 if replaced else before["calls"] + 1)
    assert ("Init Duration" in after.log[-1]) is replaced


# ---------------------------------------------------------------- limits


def test_timeout_and_memory_unless_set(functions: Functions) -> None:
    """Rows "Timeout" and "Memory" of the limits, with the Serverless Framework's defaults: 6 s, 1,024 MB."""
    found = functions.call("bare").result
    assert (found["memory_limit_in_mb"], 5000 < found["remaining"] <= 6000) == ("1024", True)


def test_open_files(functions: Functions) -> None:
    """Row "Descriptors, processes" of the limits: 1,024 descriptors. Processes are not limited here."""
    assert functions.call("descriptors").result == [1024, 1024]


def test_payloads_of_6_mb(functions: Functions) -> None:
    """Row "Payload": 6 MB each way."""
    largest = "x" * (6_291_456 - 2)
    assert functions.call("echo", largest).result == largest
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        functions.call("echo", largest + "x")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"


def test_reserved_concurrency(functions: Functions) -> None:
    """No call is taken past the reserved concurrency; with 0, none at all."""
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        functions.call("reserved")
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Error"]["Code"] == "TooManyRequestsException"
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


# ---------------------------------------------------------------- direct invoke


def test_the_log_tail(functions: Functions) -> None:
    """Row "RequestResponse": `X-Amz-Log-Result` has the last 4 KB."""
    functions.call("log")
    found = functions.call("log")
    id_ = found.request_id
    assert found.log[:-1] == [f"START RequestId: {id_} Version: $LATEST", "logged", "printed", f"END RequestId: {id_}"]
    assert re.fullmatch(
        rf"REPORT RequestId: {id_}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 1024 MB"
        r"\tMax Memory Used: \d+ MB",
        found.log[-1],
    )
