"""UpdateFunctionCode: another zip file for a function. Calls under way end on the old one."""

import asyncio
import dataclasses

from everwarm.lambdas.api.configuration import IN_PROGRESS, configuration
from everwarm.lambdas.api.function_settings import check_revision, package_of
from everwarm.lambdas.api.names import FunctionName, find_latest
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.package import CODE, check, unpack


async def run(lambdas: Lambdas, request: Request) -> Response:
    before = find_latest(lambdas, request)
    check_revision(before, request)
    package = package_of(request)
    if request.get("DryRun"):
        check(package)
        return configuration(before)
    code = await asyncio.to_thread(unpack, package, lambdas.functions.code_root, before.name)

    def change(deployed: Deployed) -> Deployed:
        check_revision(deployed, request)
        settings = dict(deployed.settings)
        if "Architectures" in request:
            settings["Architectures"] = request["Architectures"]
        function = dataclasses.replace(deployed.function, code_dir=code.directory / CODE)
        changed = deployed.changed(lambdas.clock.now(), function=function, code=code, settings=settings)
        return changed.published()[0] if request.get("Publish") else changed

    try:
        deployed = await lambdas.functions.change(before.name, change)
    except BaseException:
        await lambdas.functions.discard(code.directory)
        raise
    if request.get("Publish"):
        number = str(deployed.last_version)
        return configuration(deployed.versions[number], FunctionName(deployed.name, number)) | IN_PROGRESS
    return configuration(deployed) | IN_PROGRESS
