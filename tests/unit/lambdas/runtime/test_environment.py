from collections.abc import Mapping
from pathlib import Path

from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.environment import environment


def variables(author: Mapping[str, str] | None = None, parent: Mapping[str, str] | None = None) -> dict[str, str]:
    function = Function(
        "demo-dev-main",
        "src/main.handler",
        Path("/code"),
        runtime="python3.12",
        environment=author or {},
        memory_mb=256,
    )
    return environment(
        function,
        runtime_api="127.0.0.1:9001",
        endpoint_url="http://127.0.0.1:8000",
        log_stream="stream",
        parent=parent or {},
    )


def test_what_aws_defines() -> None:
    expected = {
        "_HANDLER": "src/main.handler",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12",
        "AWS_LAMBDA_FUNCTION_NAME": "demo-dev-main",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/demo-dev-main",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "LAMBDA_TASK_ROOT": "/code",
        "TZ": ":UTC",
    }
    assert expected.items() <= variables().items()


# A plain boto3.client("dynamodb") needs an endpoint and some credentials.
def test_aws_clients_reach_the_engine() -> None:
    found = variables()
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8000"
    assert all(found[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))


def test_the_authors_variables_win_unless_reserved() -> None:
    found = variables({"STAGE": "dev", "AWS_ENDPOINT_URL": "http://other", "TZ": "Asia/Seoul", "AWS_REGION": "mars-1"})
    assert (found["STAGE"], found["AWS_ENDPOINT_URL"], found["TZ"]) == ("dev", "http://other", "Asia/Seoul")
    assert found["AWS_REGION"] == "us-east-1"


# A function must not depend on the shell that everwarm was started from, nor on that person's AWS account.
def test_the_parents_variables_stay_out() -> None:
    found = variables(parent={"PATH": "/bin", "SSL_CERT_FILE": "/ca.pem", "SECRET": "x", "AWS_PROFILE": "mine"})
    assert (found["PATH"], found["SSL_CERT_FILE"]) == ("/bin", "/ca.pem")
    assert not {"SECRET", "AWS_PROFILE"} & found.keys()


# Behind a proxy the engine on the loopback would be out of reach otherwise.
def test_the_loopback_needs_no_proxy() -> None:
    found = variables(parent={"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "intern.example"})
    assert found["HTTP_PROXY"] == "http://proxy:3128"
    assert found["NO_PROXY"].split(",") == ["intern.example", "localhost", "127.0.0.1", "::1"]
