"""GetAccountSettings: Lambda's quotas, and what of them is used."""

from everwarm.lambdas.api.actions.function_concurrency import ACCOUNT_LIMIT, reserved
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.registry.package import MAX_PACKAGE_BYTES, MAX_UNPACKED_BYTES

TOTAL_CODE_BYTES = 80_530_636_800


async def run(lambdas: Lambdas, request: Request) -> Response:
    functions = lambdas.functions.all()
    return {
        "AccountLimit": {
            "TotalCodeSize": TOTAL_CODE_BYTES,
            "CodeSizeUnzipped": MAX_UNPACKED_BYTES,
            "CodeSizeZipped": MAX_PACKAGE_BYTES,
            "ConcurrentExecutions": ACCOUNT_LIMIT,
            "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - reserved(lambdas),
        },
        "AccountUsage": {
            "TotalCodeSize": sum(deployed.code.size_bytes for deployed in functions),
            "FunctionCount": len(functions),
        },
    }
