"""PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency: how many calls there may be at a time."""

import dataclasses

from everwarm.errors import InvalidParameterValueException
from everwarm.lambdas.api.names import find_latest
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.registry.deployed import Deployed

ACCOUNT_LIMIT = 1000
UNRESERVED_MINIMUM = 100


async def run_put(lambdas: Lambdas, request: Request) -> Response:
    """PutFunctionConcurrency."""
    name = find_latest(lambdas, request).name
    wanted: int = request["ReservedConcurrentExecutions"]
    if ACCOUNT_LIMIT - reserved(lambdas, but=name) - wanted < UNRESERVED_MINIMUM:
        raise InvalidParameterValueException(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{UNRESERVED_MINIMUM}]."
        )
    await _change(lambdas, name, wanted)
    return {"ReservedConcurrentExecutions": wanted}


async def run_get(lambdas: Lambdas, request: Request) -> Response:
    """GetFunctionConcurrency."""
    limit = find_latest(lambdas, request).function.reserved_concurrency
    return {} if limit is None else {"ReservedConcurrentExecutions": limit}


async def run_delete(lambdas: Lambdas, request: Request) -> Response:
    """DeleteFunctionConcurrency."""
    await _change(lambdas, find_latest(lambdas, request).name, None)
    return None


def reserved(lambdas: Lambdas, but: str | None = None) -> int:
    """What all functions have reserved together, without one."""
    functions = [deployed.function for deployed in lambdas.functions.all() if deployed.name != but]
    return sum(function.reserved_concurrency or 0 for function in functions)


async def _change(lambdas: Lambdas, name: str, limit: int | None) -> None:
    def change(deployed: Deployed) -> Deployed:
        function = dataclasses.replace(deployed.function, reserved_concurrency=limit)
        return dataclasses.replace(deployed, function=function)

    await lambdas.functions.change(name, change)
