"""AddPermission, RemovePermission, GetPolicy: a policy is kept and given back, and everybody may do everything."""

import dataclasses
from typing import Any

import orjson

from everwarm.errors import ResourceConflictException, ResourceNotFoundException
from everwarm.lambdas.api.function_settings import check_revision
from everwarm.lambdas.api.names import FunctionName, find
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.mappings import NOT_FOUND


async def run_add(lambdas: Lambdas, request: Request) -> Response:
    """AddPermission."""
    name, deployed = _find(lambdas, request)
    statement = _statement(request, name.arn(lambdas.region))

    def change(found: Deployed) -> Deployed:
        check_revision(found, request)
        if request["StatementId"] in found.policy:
            raise ResourceConflictException(
                f"The statement id ({request['StatementId']}) provided already exists. Please provide a new statement "
                "id, or remove the existing statement."
            )
        return dataclasses.replace(found, policy={**found.policy, request["StatementId"]: statement})

    await lambdas.functions.change(deployed.name, change)
    return {"Statement": orjson.dumps(statement).decode()}


async def run_remove(lambdas: Lambdas, request: Request) -> Response:
    """RemovePermission."""
    _, deployed = _find(lambdas, request)

    def change(found: Deployed) -> Deployed:
        check_revision(found, request)
        policy = dict(found.policy)
        if policy.pop(request["StatementId"], None) is None:
            raise ResourceNotFoundException(f"Statement {request['StatementId']} is not found in resource policy.")
        return dataclasses.replace(found, policy=policy)

    await lambdas.functions.change(deployed.name, change)
    return None


async def run_get(lambdas: Lambdas, request: Request) -> Response:
    """GetPolicy."""
    _, deployed = _find(lambdas, request)
    if not deployed.policy:
        raise ResourceNotFoundException(NOT_FOUND)
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": list(deployed.policy.values())}
    return {"Policy": orjson.dumps(policy).decode(), "RevisionId": deployed.revision}


def _statement(request: Request, arn: str) -> dict[str, Any]:
    principal: str = request["Principal"]
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(principal),
        "Action": request["Action"],
        "Resource": arn,
    }
    conditions: dict[str, dict[str, str]] = {}
    if "SourceAccount" in request:
        conditions["StringEquals"] = {"AWS:SourceAccount": request["SourceAccount"]}
    if "EventSourceToken" in request:
        conditions.setdefault("StringEquals", {})["lambda:EventSourceToken"] = request["EventSourceToken"]
    if "PrincipalOrgID" in request:
        conditions.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = request["PrincipalOrgID"]
    if "FunctionUrlAuthType" in request:
        conditions.setdefault("StringEquals", {})["lambda:FunctionUrlAuthType"] = request["FunctionUrlAuthType"]
    if "SourceArn" in request:
        conditions["ArnLike"] = {"AWS:SourceArn": request["SourceArn"]}
    return statement | ({"Condition": conditions} if conditions else {})


def _principal(principal: str) -> str | dict[str, str]:
    if principal == "*":
        return principal
    if principal.endswith((".amazonaws.com", ".amazon.com")):
        return {"Service": principal}
    return {"AWS": f"arn:aws:iam::{principal}:root" if principal.isdecimal() else principal}


def _find(lambdas: Lambdas, request: Request) -> tuple[FunctionName, Deployed]:
    """The function, though a version of it may be named: it has one of these for all of them."""
    name, _ = find(lambdas, request)
    return name, lambdas.functions.find(name.name)
