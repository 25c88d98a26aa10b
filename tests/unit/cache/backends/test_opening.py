"""Which backend a cache gets."""

from pathlib import Path
from typing import Any

import pytest

from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.opening import open_backend
from everwarm.cache.backends.remote import Remote
from everwarm.clock import ManualClock
from everwarm.errors import BackendError, SettingError


def opened(endpoint: str | None, directory: Path, environ: dict[str, str] | None = None, **more: Any) -> Any:
    options = {"clock": ManualClock(), "region": None, "environ": environ or {}, **more}
    return open_backend(endpoint, directory=directory, **options)


def test_by_default_this_process_and_its_directory(tmp_path: Path) -> None:
    backend = opened(None, tmp_path / "data")
    assert isinstance(backend, Embedded)
    assert backend.instant
    assert backend.exclusive
    assert (tmp_path / "data" / "FORMAT").exists()
    backend.close()


def test_in_memory_there_is_no_directory(tmp_path: Path) -> None:
    backend = opened(None, tmp_path / "data", {"EVERWARM_ENDPOINT": "http://127.0.0.1:1"}, memory_only=True)
    assert isinstance(backend, Embedded)
    assert not (tmp_path / "data").exists()
    backend.close()


@pytest.mark.parametrize(
    ("endpoint", "environ"),
    [
        ("http://127.0.0.1:1", {}),
        ("https://db.example.com", {}),
        ("aws", {}),
        (None, {"EVERWARM_ENDPOINT": "http://127.0.0.1:1"}),
        (None, {"EVERWARM_ENDPOINT": "http://127.0.0.1:1", "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}),
        (None, {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}),
    ],
)
def test_an_endpoint_or_aws(tmp_path: Path, endpoint: str | None, environ: dict[str, str]) -> None:
    """Nothing is asked of it yet: a module with a cache can be imported where there is no network."""
    backend = opened(endpoint, tmp_path / "data", environ)
    assert isinstance(backend, Remote)
    assert not backend.instant
    assert not backend.exclusive
    assert not (tmp_path / "data").exists()
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.call("ListTables", {})


def test_neither_of_them(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="'localhost:8000'; it has to be a URL"):
        opened("localhost:8000", tmp_path)
    with pytest.raises(SettingError, match="not both"):
        opened("http://127.0.0.1:1", tmp_path, memory_only=True)


def test_without_a_region_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    backend = opened("aws", tmp_path)
    with pytest.raises(BackendError, match="AWS_DEFAULT_REGION"):
        backend.call("ListTables", {})
    backend.close()


def test_without_credentials_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    backend = opened("aws", tmp_path, region="eu-west-1")
    with pytest.raises(BackendError, match="AWS_ACCESS_KEY_ID"):
        backend.call("ListTables", {})
    backend.close()


def test_nobody_there(tmp_path: Path) -> None:
    backend = opened("http://127.0.0.1:1", tmp_path)
    with pytest.raises(BackendError, match=r"http://127\.0\.0\.1:1 cannot be reached .* 'everwarm up'"):
        backend.call("ListTables", {})
    backend.close()
