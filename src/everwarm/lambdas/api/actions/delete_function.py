"""DeleteFunction: a function, its code and its settings. Its mappings stay, and call nobody."""

from everwarm.errors import InvalidParameterValueException
from everwarm.lambdas.api.names import find
from everwarm.lambdas.api.operation import Answer, Lambdas, Request, Response


async def run(lambdas: Lambdas, request: Request) -> Response:
    name, deployed = find(lambdas, request)
    if name.qualifier is not None:
        raise InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.")
    await lambdas.functions.delete(deployed.name)
    return Answer(204)
