"""UpdateFunctionConfiguration: other settings for a function. What is not given stays as it is."""

from everwarm.lambdas.api.configuration import IN_PROGRESS, configuration
from everwarm.lambdas.api.function_settings import changed, check_revision, kept
from everwarm.lambdas.api.names import find_latest
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.registry.deployed import Deployed


async def run(lambdas: Lambdas, request: Request) -> Response:
    name = find_latest(lambdas, request).name

    def change(deployed: Deployed) -> Deployed:
        check_revision(deployed, request)
        return deployed.changed(
            lambdas.clock.now(),
            function=changed(deployed.function, request),
            settings={**deployed.settings, **kept(request)},
        )

    return configuration(await lambdas.functions.change(name, change)) | IN_PROGRESS
