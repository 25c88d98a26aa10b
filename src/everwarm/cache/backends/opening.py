"""Which backend a cache has: this process, an endpoint, or AWS."""

import os
from collections.abc import Mapping
from pathlib import Path

from everwarm.cache.backends.backend import Backend
from everwarm.clock import Clock
from everwarm.errors import SettingError

AWS = "aws"
"""In the place of a URL: wherever boto3's own configuration leads."""

ENDPOINT = "EVERWARM_ENDPOINT"
"""In the environment: the endpoint of caches that are given none."""

IN_LAMBDA = "AWS_LAMBDA_RUNTIME_API"
"""In the environment of a Lambda function, be it run by AWS or by `everwarm up`."""


def open_backend(
    endpoint: str | None,
    *,
    directory: Path,
    clock: Clock,
    region: str | None,
    memory_only: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Backend:
    """Open a cache's backend.

    Args:
        endpoint: a URL, or `aws`: wherever boto3's own configuration leads. None leaves it to the environment: what
            `EVERWARM_ENDPOINT` says; within a Lambda function `aws`; else this process.
        directory: where this process keeps its data.
        region: None for boto3's own, or for `us-east-1`.
        memory_only: this process, without a directory, whatever the environment says.

    Raises:
        SettingError: the endpoint is none; or an endpoint is named, and memory too.
        StorageLocked: another process has the directory open.
    """
    if memory_only:
        if endpoint is not None:
            raise SettingError(f"a cache is in memory only or at the endpoint {endpoint!r}, not both")
        return _embedded(None, clock, region)
    place = endpoint or environ.get(ENDPOINT) or (AWS if environ.get(IN_LAMBDA) else None)
    if place is None:
        return _embedded(directory, clock, region)
    if place != AWS and not place.startswith(("http://", "https://")):
        raise SettingError(
            f"the endpoint is {place!r}; it has to be a URL, http://127.0.0.1:8000 say, or the word 'aws'"
        )
    # Imported here, as below: a function on AWS needs no engine, and who has one needs no boto3.
    from everwarm.cache.backends.remote import Remote

    return Remote(place, clock, region)


def _embedded(directory: Path | None, clock: Clock, region: str | None) -> Backend:
    from everwarm.cache.backends.embedded import Embedded

    return Embedded(directory, clock, region)
