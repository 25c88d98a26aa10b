"""The environment variables that a worker process starts with. Pure: the parent's own come in as an argument.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html. Its defined variables are reserved (the
author may not set them) or not (the author's value wins); the same holds here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everwarm.lambdas.functions import Function

# Not the author's shell: only what a process needs to find programs, libraries, certificates and the way out.
INHERITED = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONPATH",
    "NODE_PATH",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
)

LOOPBACK = "localhost,127.0.0.1,::1"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a handler's AWS clients sign with: made up, for our own endpoint alone."""

    access_key: str = "everwarm"
    secret: str = field(default="everwarm", repr=False)
    token: str = field(default="everwarm", repr=False)


ANY = Credentials()
"""Good enough for an endpoint that does not look."""


def environment(
    function: Function,
    *,
    runtime_api: str,
    endpoint_url: str,
    log_stream: str,
    parent: Mapping[str, str],
    credentials: Credentials = ANY,
) -> dict[str, str]:
    """Everything that one worker's process finds in `os.environ`.

    Args:
        runtime_api: `host:port` of the worker's Runtime API.
        endpoint_url: where an AWS client without an endpoint of its own goes: the local engine.
        log_stream: the name that the context object shows.
        parent: this process's environment.
        credentials: for that client.
    """
    inherited = {name: parent[name] for name in INHERITED if name in parent}
    return {
        **inherited,
        **_defaults(function, endpoint_url, parent),
        **function.environment,
        **_reserved(function, runtime_api, log_stream, credentials),
    }


def _defaults(function: Function, endpoint_url: str, parent: Mapping[str, str]) -> dict[str, str]:
    """What the author's variables may replace."""
    no_proxy = ",".join(filter(None, (parent.get("no_proxy") or parent.get("NO_PROXY"), LOOPBACK)))
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        # The person's own profiles and settings must not reach into the function.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "LANG": "C.UTF-8",
        "LC_CTYPE": "C.UTF-8",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "PWD": str(function.code_dir),
        "SHLVL": "0",
        # A file saved twice within a second would otherwise run from the bytecode of its first version.
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": ":UTC",
    }


def _reserved(function: Function, runtime_api: str, log_stream: str, credentials: Credentials) -> dict[str, str]:
    """What AWS does not let the author set."""
    return {
        "_HANDLER": function.handler,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret,
        "AWS_SESSION_TOKEN": credentials.token,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent),
        "LAMBDA_TASK_ROOT": str(function.code_dir),
    }
