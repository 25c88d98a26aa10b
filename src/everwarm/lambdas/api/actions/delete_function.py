"""DeleteFunction: a function, its code and its settings, or one version. Its mappings stay, and call nobody."""

import dataclasses
from functools import partial

from everwarm.errors import InvalidParameterValueException, ResourceConflictException
from everwarm.lambdas.api.names import find
from everwarm.lambdas.api.operation import Answer, Lambdas, Request, Response
from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.registry.deployed import Deployed


async def run(lambdas: Lambdas, request: Request) -> Response:
    name, deployed = find(lambdas, request)
    if name.qualifier == LATEST:
        raise InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.")
    if name.qualifier is None:
        await lambdas.functions.delete(deployed.name)
    else:
        await lambdas.functions.change(name.name, partial(_without, number=deployed.function.version))
    return Answer(204)


def _without(deployed: Deployed, number: str) -> Deployed:
    used = [name for name, alias in deployed.aliases.items() if number in (alias.version, *alias.weights)]
    if used:
        raise ResourceConflictException(
            f"Unable to delete version because the following aliases reference it: [{', '.join(used)}]"
        )
    versions = {key: version for key, version in deployed.versions.items() if key != number}
    return dataclasses.replace(deployed, versions=versions)
