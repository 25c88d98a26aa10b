"""PutFunctionEventInvokeConfig and its sisters: how calls that nobody waits for are tried again, and who is told."""

import dataclasses
from typing import Any

from everwarm.errors import InvalidParameterValueException, MappingError, ResourceNotFoundException
from everwarm.lambdas.api.names import FunctionName, find
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.async_calls import MAX_AGE_S, MAX_RETRIES
from everwarm.lambdas.functions import LATEST
from everwarm.lambdas.mappings.destination import parse_destination
from everwarm.lambdas.registry.deployed import Deployed

_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


async def run_put(lambdas: Lambdas, request: Request) -> Response:
    """PutFunctionEventInvokeConfig: what is not given is forgotten."""
    return await _set(lambdas, request, keep=False)


async def run_update(lambdas: Lambdas, request: Request) -> Response:
    """UpdateFunctionEventInvokeConfig: what is not given stays."""
    name, deployed = _find(lambdas, request)
    _has(deployed, name.qualifier)
    return await _set(lambdas, request, keep=True)


async def run_get(lambdas: Lambdas, request: Request) -> Response:
    """GetFunctionEventInvokeConfig."""
    name, deployed = _find(lambdas, request)
    _has(deployed, name.qualifier)
    return _shown(deployed, name.qualifier)


async def run_list(lambdas: Lambdas, request: Request) -> Response:
    """ListFunctionEventInvokeConfigs: there is one at the most."""
    name, deployed = _find(lambdas, request)
    return {"FunctionEventInvokeConfigs": [] if deployed.event_invoke is None else [_shown(deployed, name.qualifier)]}


async def run_delete(lambdas: Lambdas, request: Request) -> Response:
    """DeleteFunctionEventInvokeConfig."""
    name, deployed = _find(lambdas, request)
    _has(deployed, name.qualifier)
    await lambdas.functions.change(deployed.name, lambda found: dataclasses.replace(found, event_invoke=None))
    return None


async def _set(lambdas: Lambdas, request: Request, *, keep: bool) -> Response:
    given = {member: request[member] for member in _SETTINGS if member in request}
    if not given:
        raise InvalidParameterValueException("You must specify at least one of error handling or destination setting.")
    name, deployed = _find(lambdas, request)
    _check_destinations(given.get("DestinationConfig") or {}, deployed)

    def change(found: Deployed) -> Deployed:
        before = found.event_invoke or {} if keep else {}
        settings = {**before, **given, "LastModified": lambdas.clock.now()}
        return dataclasses.replace(found, event_invoke=settings)

    return _shown(await lambdas.functions.change(deployed.name, change), name.qualifier)


def _check_destinations(config: dict[str, Any], deployed: Deployed) -> None:
    for side in ("OnSuccess", "OnFailure"):
        arn: str | None = (config.get(side) or {}).get("Destination")
        if not arn:
            continue
        if arn.split(":")[2:3] == ["lambda"]:
            if arn.split(":")[6:7] == [deployed.name]:
                raise InvalidParameterValueException("You can't specify the function as a destination for itself.")
            continue
        try:
            parse_destination(arn)
        except MappingError:
            raise InvalidParameterValueException(f"The destination ARN {arn} is invalid.") from None


def _has(deployed: Deployed, qualifier: str | None) -> None:
    if deployed.event_invoke is None:
        raise ResourceNotFoundException(
            f"The function {deployed.arn}:{qualifier or LATEST} doesn't have an EventInvokeConfig"
        )


def _shown(deployed: Deployed, qualifier: str | None) -> dict[str, Any]:
    assert deployed.event_invoke is not None
    return {
        "FunctionArn": f"{deployed.arn}:{qualifier or LATEST}",
        "MaximumRetryAttempts": MAX_RETRIES,
        "MaximumEventAgeInSeconds": MAX_AGE_S,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
        **deployed.event_invoke,
    }


def _find(lambdas: Lambdas, request: Request) -> tuple[FunctionName, Deployed]:
    """The function, though a version of it may be named: it has one of these for all of them."""
    name, _ = find(lambdas, request)
    return name, lambdas.functions.find(name.name)
