"""CreateFunction: a function from a zip file."""

import asyncio
import dataclasses

from everwarm.account import ACCOUNT
from everwarm.errors import InvalidParameterValueException, ResourceConflictException
from everwarm.lambdas.api import names
from everwarm.lambdas.api.configuration import PENDING, configuration
from everwarm.lambdas.api.function_settings import (
    DEFAULT_MEMORY_MB,
    DEFAULT_TIMEOUT_S,
    changed,
    check_runtime,
    check_tags,
    kept,
    package_of,
)
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.functions import Function
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.package import CODE, unpack


async def run(lambdas: Lambdas, request: Request) -> Response:
    name = names.parse(request["FunctionName"], lambdas.region).name
    if len(name) > names.MAX_NAME:
        raise InvalidParameterValueException(f"Function name {name} is longer than {names.MAX_NAME} characters")
    if "ImageUri" not in request["Code"] and not (request.get("Runtime") and request.get("Handler")):
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    if request.get("Runtime") is not None:
        check_runtime(request["Runtime"])
    check_tags(request.get("Tags", {}))
    package = package_of(request["Code"])
    if request.get("PackageType") == "Image":
        raise InvalidParameterValueException("everwarm runs no container images: PackageType has to be Zip")
    function = Function(
        name=name,
        handler=request["Handler"],
        code_dir=lambdas.functions.code_root,
        memory_mb=DEFAULT_MEMORY_MB,
        timeout_s=float(DEFAULT_TIMEOUT_S),
        region=lambdas.region,
        account=ACCOUNT,
    )
    function = changed(function, request)
    if lambdas.functions.has(name):
        raise ResourceConflictException(f"Function already exist: {name}")
    code = await asyncio.to_thread(unpack, package, lambdas.functions.code_root, name)
    deployed = Deployed(
        function=dataclasses.replace(function, code_dir=code.directory / CODE),
        code=code,
        settings=kept(request),
        modified_s=lambdas.clock.now(),
        tags=request.get("Tags", {}),
    )
    shown = deployed
    if request.get("Publish"):
        deployed, shown = deployed.published()
    try:
        await lambdas.functions.create(deployed)
    except BaseException:
        await lambdas.functions.discard(code.directory)
        raise
    return configuration(shown, names.FunctionName(name, None if shown is deployed else "1")) | PENDING
