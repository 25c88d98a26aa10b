"""osls, the open fork of the Serverless Framework: what it makes of a project, to hold everwarm against.

It is fetched once into `.tools/osls`, in the versions that `osls_lock/package-lock.json` names. Packaging needs neither
the network nor an account.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.npm import install, run

without_npm = pytest.mark.skipif(
    shutil.which("npm") is None or shutil.which("npx") is None,
    reason="packaging with osls needs Node.js (npm and npx), which is not on this machine",
)


def installed() -> Path:
    """The directory that has osls installed."""
    return install(Path(__file__).parent / "osls_lock", "osls")


def pack(osls: Path, project: Path, home: Path) -> Path:
    """`osls package`: the project's `.serverless` directory, with the template and the archives.

    Args:
        osls: where it is installed.
        project: the project's directory.
        home: where osls and npx may keep settings and caches.
    """
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CI": "1",
        "SLS_TELEMETRY_DISABLED": "1",
        "SLS_NOTIFICATIONS_MODE": "off",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
    }
    # --no: what is not in --prefix is not fetched from elsewhere.
    output = run(["npx", "--no", "--prefix", str(osls), "osls", "package"], project, env, timeout_s=120)
    assert "Service packaged" in output  # a setting that osls does not know would have been an error
    return project / ".serverless"
