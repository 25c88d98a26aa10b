"""The packages of functions, to be fetched from the `Code.Location` that GetFunction tells.

On AWS that is a URL of S3 with a signature in it. Here the directory's random name is what nobody can guess.
"""

import asyncio
from pathlib import Path

from everwarm.dynamodb.api.headers import Head
from everwarm.errors import ResourceNotFoundException
from everwarm.lambdas.api.operation import Answer, Lambdas
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.package import PACKAGE

PREFIX = "/2015-03-31/packages/"


def location(lambdas: Lambdas, deployed: Deployed) -> str:
    """Where the package of a function is. The project file's functions have none: their directory has to do."""
    directory = deployed.code.directory
    if not (directory / PACKAGE).is_file():
        return directory.absolute().as_uri()
    return f"{lambdas.endpoint_url}{PREFIX}{directory.name}"


def is_one(head: Head) -> bool:
    """Whether a request asks for a package."""
    return head.method == "GET" and head.path.startswith(PREFIX)


async def give(lambdas: Lambdas, head: Head) -> Answer:
    """
    Raises:
        ResourceNotFoundException: there is none of this name.
    """
    name = head.path.removeprefix(PREFIX)
    for deployed in lambdas.functions.all():
        if deployed.code.directory.name == name:
            package = await asyncio.to_thread(_read, deployed.code.directory / PACKAGE)
            if package is not None:
                return Answer(200, package, {"Content-Type": "application/zip"})
    raise ResourceNotFoundException("The specified key does not exist.")


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
