"""CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases: other names for versions."""

import dataclasses
import uuid
from typing import Any

from everwarm.errors import PreconditionFailedException, ResourceConflictException, ResourceNotFoundException
from everwarm.lambdas.api.names import FunctionName, find_latest, not_found
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.api.paging import page
from everwarm.lambdas.registry.deployed import Alias, Deployed

PAGE = 50


async def run_create(lambdas: Lambdas, request: Request) -> Response:
    """CreateAlias."""
    name: str = request["Name"]

    def change(deployed: Deployed) -> Deployed:
        if name in deployed.aliases:
            raise ResourceConflictException(f"Alias already exists: {_arn(deployed, name)}")
        alias = Alias(request["FunctionVersion"], request.get("Description", ""), _weights(request))
        return _with(lambdas, deployed, name, alias)

    deployed = await lambdas.functions.change(find_latest(lambdas, request).name, change)
    return _shown(deployed, name)


async def run_get(lambdas: Lambdas, request: Request) -> Response:
    """GetAlias."""
    deployed = find_latest(lambdas, request)
    _find(deployed, request["Name"])
    return _shown(deployed, request["Name"])


async def run_update(lambdas: Lambdas, request: Request) -> Response:
    """UpdateAlias: what is not given stays."""
    name: str = request["Name"]

    def change(deployed: Deployed) -> Deployed:
        alias = _find(deployed, name)
        if request.get("RevisionId") not in (None, "", alias.revision):
            raise PreconditionFailedException(
                "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
                "retrieve the latest Revision Id"
            )
        changes: dict[str, Any] = {"revision": str(uuid.uuid4())}
        if "FunctionVersion" in request:
            changes["version"] = request["FunctionVersion"]
        if "Description" in request:
            changes["description"] = request["Description"]
        if "RoutingConfig" in request:
            changes["weights"] = _weights(request)
        return _with(lambdas, deployed, name, dataclasses.replace(alias, **changes))

    deployed = await lambdas.functions.change(find_latest(lambdas, request).name, change)
    return _shown(deployed, name)


async def run_delete(lambdas: Lambdas, request: Request) -> Response:
    """DeleteAlias: one that is not there is no error."""
    gone = request["Name"]

    def change(deployed: Deployed) -> Deployed:
        aliases = {name: alias for name, alias in deployed.aliases.items() if name != gone}
        return dataclasses.replace(deployed, aliases=aliases)

    await lambdas.functions.change(find_latest(lambdas, request).name, change)
    return None


async def run_list(lambdas: Lambdas, request: Request) -> Response:
    """ListAliases: all, or those of one version; 50 to a page at the most."""
    deployed = find_latest(lambdas, request)
    version = request.get("FunctionVersion")
    names = sorted(name for name, alias in deployed.aliases.items() if version in (None, alias.version))
    shown, more = page(names, str, request, PAGE)
    return {"Aliases": [_shown(deployed, name) for name in shown], **more}


def _weights(request: Request) -> dict[str, float]:
    return dict((request.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})


def _with(lambdas: Lambdas, deployed: Deployed, name: str, alias: Alias) -> Deployed:
    for version in (alias.version, *alias.weights):
        if version in deployed.aliases or deployed.at(version) is None:
            raise not_found(FunctionName(deployed.name, version), lambdas.region)
    return dataclasses.replace(deployed, aliases={**deployed.aliases, name: alias})


def _find(deployed: Deployed, name: str) -> Alias:
    alias = deployed.aliases.get(name)
    if alias is None:
        raise ResourceNotFoundException(f"Cannot find alias arn: {_arn(deployed, name)}")
    return alias


def _arn(deployed: Deployed, name: str) -> str:
    return f"{deployed.arn}:{name}"


def _shown(deployed: Deployed, name: str) -> dict[str, Any]:
    alias = deployed.aliases[name]
    shown: dict[str, Any] = {
        "AliasArn": _arn(deployed, name),
        "Name": name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    }
    if alias.weights:
        shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
    return shown
