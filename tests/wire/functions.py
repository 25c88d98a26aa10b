"""Functions for tests: packages, and CreateFunction with what it takes at the least."""

import io
import textwrap
import uuid
import zipfile
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/tests"

ECHO = """
    def handler(event, context):
        return event
"""


def package(source: str, name: str = "main.py", **more: str) -> bytes:
    """A zip file with a module, and with others by their names without `.py`."""
    return archive({name: textwrap.dedent(source), **{f"{other}.py": text for other, text in more.items()}})


def archive(files: dict[str, str | bytes]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return buffer.getvalue()


def creation(source: str = ECHO, **more: Any) -> dict[str, Any]:
    """A request of CreateFunction, under a name that no other test has."""
    return {
        "FunctionName": f"wire-{uuid.uuid4()}",
        "Runtime": "python3.11",
        "Role": ROLE,
        "Handler": "main.handler",
        "Code": {"ZipFile": package(source)},
        # A machine with much else to do must not make a test fail.
        "Timeout": 60,
        **more,
    }


def make_function(lambda_: Any, source: str = ECHO, **more: Any) -> str:
    """Create a function.

    Returns:
        Its name.
    """
    name: str = lambda_.create_function(**creation(source, **more))["FunctionName"]
    return name
