"""ListFunctions: by name, 50 to a page at the most."""

from everwarm.lambdas.api.configuration import listed
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.api.paging import page

PAGE = 50


async def run(lambdas: Lambdas, request: Request) -> Response:
    shown, more = page(lambdas.functions.all(), lambda deployed: deployed.name, request, PAGE)
    return {"Functions": [listed(deployed) for deployed in shown], **more}
