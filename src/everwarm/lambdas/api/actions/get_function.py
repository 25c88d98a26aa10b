"""GetFunction and GetFunctionConfiguration: what a function is, and where its code can be fetched."""

from everwarm.lambdas.api.configuration import configuration
from everwarm.lambdas.api.names import find
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.api.packages import location


async def run(lambdas: Lambdas, request: Request) -> Response:
    name, deployed = find(lambdas, request)
    response = {
        "Configuration": configuration(deployed, name),
        "Code": {"RepositoryType": "S3", "Location": location(lambdas, deployed)},
    }
    if deployed.tags:
        response["Tags"] = dict(deployed.tags)
    if deployed.function.reserved_concurrency is not None:
        response["Concurrency"] = {"ReservedConcurrentExecutions": deployed.function.reserved_concurrency}
    return response


async def run_configuration(lambdas: Lambdas, request: Request) -> Response:
    """GetFunctionConfiguration."""
    name, deployed = find(lambdas, request)
    return configuration(deployed, name)
