"""A function as the Lambda API shows it: FunctionConfiguration."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from everwarm.lambdas.api.names import FunctionName
from everwarm.lambdas.registry.deployed import Deployed

# Of a function that was just made or changed: there is nothing to wait for here, but who waits as on AWS is served.
PENDING = {"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating"}
IN_PROGRESS = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}
# ListFunctions leaves them out, as the API reference says.
_NOT_LISTED = ("State", "LastUpdateStatus", "RuntimeVersionConfig")

_KEPT = (
    *("DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs", "TenancyConfig", "CapacityProviderConfig"),
    *("DurableConfig", "RuntimeConfig", "AcceleratorConfig"),
)


def configuration(deployed: Deployed, name: FunctionName | None = None) -> dict[str, Any]:
    """The function's configuration.

    Args:
        name: what it was called; its version is part of the ARN if it was named.
    """
    function, settings = deployed.function, deployed.settings
    qualifier = None if name is None else name.qualifier
    shown: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": function.arn if qualifier is None else f"{function.arn}:{qualifier}",
        "Runtime": function.runtime,
        "Role": settings["Role"],
        "Handler": function.handler,
        "CodeSize": deployed.code.size_bytes,
        "Description": settings.get("Description", ""),
        "Timeout": int(function.timeout_s),
        "MemorySize": function.memory_mb,
        "LastModified": _iso(deployed.modified_s),
        "CodeSha256": deployed.code.sha256,
        "Version": function.version,
        "TracingConfig": settings.get("TracingConfig") or {"Mode": "PassThrough"},
        "RevisionId": deployed.revision,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": settings.get("Architectures", ["x86_64"]),
        "EphemeralStorage": settings.get("EphemeralStorage", {"Size": 512}),
        "SnapStart": {"ApplyOn": "None", **settings.get("SnapStart", {}), "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {"RuntimeVersionArn": _runtime_version(deployed)},
        "LoggingConfig": {
            "LogFormat": "Text",
            "LogGroup": f"/aws/lambda/{function.name}",
            **settings.get("LoggingConfig", {}),
        },
    }
    if function.environment:
        shown["Environment"] = {"Variables": dict(function.environment)}
    if "VpcConfig" in settings:
        shown["VpcConfig"] = {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", **settings["VpcConfig"]}
    if settings.get("Layers"):
        shown["Layers"] = [{"Arn": arn, "CodeSize": 0} for arn in settings["Layers"]]
    if settings.get("ImageConfig"):
        shown["ImageConfigResponse"] = {"ImageConfig": settings["ImageConfig"]}
    return shown | {name: settings[name] for name in _KEPT if settings.get(name)}


def listed(deployed: Deployed, name: FunctionName | None = None) -> dict[str, Any]:
    """The function, or a version of it, as a list shows it."""
    return {member: value for member, value in configuration(deployed, name).items() if member not in _NOT_LISTED}


def _iso(at_s: float) -> str:
    moment = datetime.fromtimestamp(at_s, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


def _runtime_version(deployed: Deployed) -> str:
    """On AWS a digest of the runtime's image; here of its name."""
    digest = sha256(deployed.function.runtime.encode()).hexdigest()
    return f"arn:aws:lambda:{deployed.function.region}::runtime:{digest}"
