"""Settings of functions and of the provider that look like a slip of the pen.

Not here: those of stream events, which are refused when the file is read.
"""

import difflib
from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import Subject
from everwarm.serverless.nodes import Node

MISSPELT_SETTING = Rule(
    "misspelt-setting",
    Weight.WARNING,
    "A function or the provider has a setting that looks like a slip of the pen.",
    "The framework refuses it, or passes over it with a warning, and the setting that was meant keeps its default.",
)

# Source: the framework's schemas, versions 3 and 4, and those of common plugins.
_OF_FUNCTIONS = """
    architecture awsKmsKeyArn build condition dependsOn description destinations disableLogs durableConfig
    environment ephemeralStorageSize events fileSystemConfig handler httpApi iam iamRoleStatements
    iamRoleStatementsInherit iamRoleStatementsName image kmsKeyArn layers logDataProtectionPolicy
    logRetentionInDays logs maximumEventAge maximumRetryAttempts memorySize module name onError package
    provisionedConcurrency recursiveLoop reservedConcurrency role runtime runtimeManagement snapStart tags
    tenancy timeout tracing url versionFunction vpc warmup
"""
_OF_THE_PROVIDER = """
    alb apiGateway apiKeys apiName architecture build cfnRole cloudFront cloudFrontDistribution
    deletionProtection deploymentBucket deploymentMethod deploymentPrefix disableRollback ecr endpointType
    environment eventBridge httpApi iam iamManagedPolicies iamRoleStatements kinesis kmsKeyArn
    lambdaHashingVersion layers logDataProtectionPolicy logRetentionInDays logs memorySize name notificationArns
    profile pruneFunctionVersions region resolver resourcePolicy role rolePermissionsBoundary
    rollbackConfiguration runtime runtimeManagement s3 stackName stackParameters stackPolicy stackTags stage
    stages tags timeout tracing usagePlan versionFunctions vpc vpcEndpointIds websocket websocketsApiName
    websocketsApiRouteSelectionExpression websocketsDescription
"""


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of the provider, and of each function."""
    yield from _misspelt(subject.project.root.get("provider"), "provider", _OF_THE_PROVIDER.split())
    for function in subject.functions:
        yield from _misspelt(function.source.node, f"function {function.key}", _OF_FUNCTIONS.split())


def _misspelt(node: Node | None, owner: str, known: list[str]) -> Iterator[Finding]:
    """What nobody has, and what looks like something that there is. Anything else may be a plugin's."""
    for key, value in node.value.items() if node is not None and isinstance(node.value, dict) else ():
        meant = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
        if key not in known and meant and value.value is not None:
            yield Finding(MISSPELT_SETTING, value.key_place, f"{owner} has no {key}", f"{meant[0]}: ...")
