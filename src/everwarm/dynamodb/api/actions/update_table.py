"""UpdateTable: streams on and off, and the settings that are only kept. Indexes come with the indexes.

A change that is not there yet is refused, never passed over.
"""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.describe import describe
from everwarm.dynamodb.tables.schema import Table
from everwarm.errors import ValidationException, invalid_parameters

_KEPT = ("BillingMode", "ProvisionedThroughput", "TableClass", "DeletionProtectionEnabled", "SSESpecification")
_KNOWN = {"TableName", "AttributeDefinitions", "StreamSpecification", *_KEPT}


def run(engine: Engine, request: Request) -> Transaction:
    for member, value in request.items():
        if value is not None and member not in _KNOWN:
            raise ValidationException(f"{member}: this version of everwarm cannot change that yet")
    specification = request.get("StreamSpecification")
    kept = {member: request[member] for member in _KEPT if request.get(member) is not None}
    if specification is None and not kept:
        raise ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates "
            "or SSESpecification or ReplicaUpdates is required"
        )
    if specification is not None:
        _check_stream(specification, kept)

    def body(tx: Tx) -> Response:
        table = engine.tables.describe(request["TableName"])
        if kept:
            table = engine.tables.replace(tx, table, settings=_settings(table, kept))
        if specification is not None and specification["StreamEnabled"]:
            table = engine.streams.enable(tx, table, specification["StreamViewType"], engine.clock.now())
        elif specification is not None:
            table = engine.streams.disable(tx, table)
        return {"TableDescription": describe(tx, table, "UPDATING")}

    return Transaction(body, alone=True)


def _check_stream(specification: Request, kept: Request) -> None:
    if "ProvisionedThroughput" in kept:
        raise invalid_parameters("You cannot modify stream status while updating table IOPS")
    view_type = specification.get("StreamViewType")
    if specification["StreamEnabled"]:
        if view_type is None:
            raise invalid_parameters("If stream is being enabled then UpdateViewType is required")
    elif view_type is not None:
        raise invalid_parameters("If stream is being disabled, then UpdateViewType must not be specified")


def _settings(table: Table, kept: Request) -> Request:
    settings = {**table.settings, **kept}
    if settings.get("BillingMode") == "PAY_PER_REQUEST":
        settings.pop("ProvisionedThroughput", None)
    return settings
