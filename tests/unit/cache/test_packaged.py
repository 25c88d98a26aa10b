"""What a deployed function has to have in its package: docs/cache.md says it."""

import subprocess
import sys
from pathlib import Path

from tests.docs.pages import Page

GUIDE = Page(Path("docs/cache.md"))

# A function on AWS: a module with a cache, loaded, opened on a server that does not answer.
FUNCTION = """
import sys
from importlib.machinery import PathFinder

class Missing:
    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path) if path is None and name not in {packaged!r} else None
        if spec is not None and "site-packages" in str(spec.origin):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
from everwarm import BackendError, Cache

rates = Cache("rates", endpoint="http://127.0.0.1:1", memory=10)

@rates.cached
def history(pair: str, days: int = 30) -> list[dict]:
    return []

try:
    rates.handler({{"Records": []}})
except BackendError as error:
    assert "cannot be reached" in str(error)
else:
    raise AssertionError("it was reached")
"""
BOTO3 = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "certifi"}
"""What AWS's runtime for Python brings along."""


def test_the_packages_that_the_guide_names_are_enough() -> None:
    [line] = [line for line in GUIDE.shell_lines() if line.startswith("pip install --target")]
    packaged = BOTO3 | set(line.split()[5:])
    assert packaged > {"everwarm"} | BOTO3
    code = FUNCTION.format(packaged=packaged)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
