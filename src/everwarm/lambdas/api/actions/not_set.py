"""What tools ask of every function though nobody has set it: the answers of AWS for one where nobody has.

GetFunctionCodeSigningConfig, GetFunctionRecursionConfig, GetRuntimeManagementConfig, ListFunctionUrlConfigs,
ListProvisionedConcurrencyConfigs. None of it can be set here.
"""

from everwarm.lambdas.api.names import find
from everwarm.lambdas.api.operation import Lambdas, Request, Response


async def run_code_signing(lambdas: Lambdas, request: Request) -> Response:
    """GetFunctionCodeSigningConfig."""
    _, deployed = find(lambdas, request)
    return {"CodeSigningConfigArn": "", "FunctionName": deployed.name}


async def run_recursion(lambdas: Lambdas, request: Request) -> Response:
    """GetFunctionRecursionConfig."""
    find(lambdas, request)
    return {"RecursiveLoop": "Terminate"}


async def run_runtime_management(lambdas: Lambdas, request: Request) -> Response:
    """GetRuntimeManagementConfig."""
    name, _ = find(lambdas, request)
    return {"UpdateRuntimeOn": "Auto", "FunctionArn": name.arn(lambdas.region)}


async def run_urls(lambdas: Lambdas, request: Request) -> Response:
    """ListFunctionUrlConfigs."""
    find(lambdas, request)
    return {"FunctionUrlConfigs": []}


async def run_provisioned_concurrency(lambdas: Lambdas, request: Request) -> Response:
    """ListProvisionedConcurrencyConfigs."""
    find(lambdas, request)
    return {"ProvisionedConcurrencyConfigs": []}
