"""examples/rates, both halves: the module with the cache library by itself, and beside the plain one on a stack."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from ruamel.yaml import YAML

from everwarm import NotFound, Stack
from tests.stack.support import eventually

Example = Callable[[str], ModuleType]

# "Lambda runtimes", Lambda developer guide: Python's have the SDK; and what that needs.
LAMBDA_HAS = {"boto3", "botocore", "certifi", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}

PAIRS = ("EUR/KRW", "EUR/USD", "USD/JPY")


@pytest.fixture
def source(example: Example) -> Iterator[Any]:
    server = example("source").serve(0, 0)
    yield server
    server.stop()


@pytest.fixture
def environ(source: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What both modules find in `os.environ`, within a function and outside."""
    monkeypatch.setenv("SOURCE_URL", source.url)
    monkeypatch.setenv("TTL_SECONDS", "2")
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE_TABLE_NAME", "EVERWARM_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_LAMBDA_RUNTIME_API"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.fixture
def cached(environ: None, example: Example) -> Iterator[ModuleType]:
    """cached.py outside of Lambda, with its table in a directory of its own."""
    module = example("cached")
    yield module
    module.rates.close()


def test_the_first_call_asks_the_source_and_others_do_not(cached: ModuleType, source: Any) -> None:
    loaded = cached.history("EUR/KRW")
    source.stop()
    assert len(loaded) == 30
    assert cached.history("EUR/KRW") == loaded


# The source is asked once: it does not have the pair, and that is kept, too.
def test_a_pair_that_there_is_not(cached: ModuleType, source: Any) -> None:
    with pytest.raises(NotFound, match="EUR/XXX"):
        cached.history("EUR/XXX")
    source.stop()
    with pytest.raises(NotFound, match="EUR/XXX"):
        cached.history("EUR/XXX")


# The command that the README gives.
@pytest.mark.usefixtures("environ")
def test_entries_are_read_from_a_shell(example_dir: Path) -> None:
    ran = subprocess.run(
        [sys.executable, example_dir / "cached.py", *PAIRS], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[0] for line in ran.stdout.splitlines()] == list(PAIRS)
    assert all(line.endswith(" s ago, fresh") for line in ran.stdout.splitlines())


# What the issue asks of the example: the plain entry is missing between its expiry and its return, and comes back; the
# library's is replaced, and never missing.
@pytest.mark.usefixtures("environ")
def test_both_refresh_themselves_on_one_stack(
    example: Example, example_dir: Path, source: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stack(example_dir, memory=True) as stack:
        dynamodb = boto3.resource("dynamodb", endpoint_url=stack.endpoint)
        plain = dynamodb.Table("everwarm-rates-dev")
        example("entries").fill(plain, source.url, dict.fromkeys(PAIRS, 2))
        first_ttl = {pair: plain.get_item(Key={"content": pair})["Item"]["ttl"] for pair in PAIRS}

        monkeypatch.setenv("EVERWARM_ENDPOINT", stack.endpoint)
        module = example("cached")
        first = {pair: module.history.entry(pair) for pair in PAIRS}

        def all_are_back() -> bool:
            for pair in PAIRS:
                entry = module.history.peek(pair)
                assert entry is not None
                assert len(entry.value) == 30
                if entry.generation == first[pair].generation:
                    return False
                item = plain.get_item(Key={"content": pair}).get("Item")
                if item is None or item["ttl"] == first_ttl[pair]:
                    return False
            return True

        assert eventually(all_are_back, 20)
        assert stack.failures == []
        module.rates.close()
        dynamodb.meta.client.close()


# The lines that count on AWS, once the layer has been made. (osls asks AWS about a layer before it packages one.)
def test_the_layer_s_lines_are_right(example_dir: Path) -> None:
    text = (example_dir / "serverless.yml").read_text(encoding="utf-8")
    text = re.sub(r"^( *)# ((layers:|  everwarm:|    (path|package|compatible)).*)$", r"\1\2", text, flags=re.MULTILINE)
    found = YAML(typ="safe").load(text.replace("!Ref ", "").replace("!GetAtt ", ""))
    assert found["functions"]["cached"]["layers"] == ["EverwarmLambdaLayer"]
    assert "layers" not in found["functions"]["main"]
    assert found["layers"] == {
        "everwarm": {"path": "layer", "package": {"patterns": ["**"]}, "compatibleRuntimes": ["python3.11"]}
    }


# What README.md has installed into the layer is all that the function needs besides what Lambda's runtimes bring along.
# Everything else that everwarm depends on is for running the stack here.
@pytest.mark.usefixtures("environ")
def test_the_function_needs_no_more_than_its_layer_has(example_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (example_dir / "README.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^pip install --no-deps --target layer/python .*$", readme, re.MULTILINE)
    layer = {word.replace("-", "_") for word in line.partition("layer/python")[2].split() if not word.startswith("--")}
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    program = f"""
import sys

class Lambda:
    known = {LAMBDA_HAS | layer!r} | set(sys.stdlib_module_names) | {{"cached", "entries"}}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in self.known and not name.startswith("_"):
            raise ModuleNotFoundError(f"{{name}} is not there", name=name)

sys.meta_path.insert(0, Lambda())
sys.path.insert(0, {str(example_dir)!r})
import cached
from everwarm.errors import BackendError
try:
    cached.handler({{"Records": []}}, None)
except BackendError as error:
    assert "could not connect" in str(error).lower(), error
else:
    raise AssertionError("nobody is there")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
