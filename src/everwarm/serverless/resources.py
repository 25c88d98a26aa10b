"""The `resources` section: its parts merged into one CloudFormation template, and what of it is not created here.

Not here: tables (`tables.py`), what a value in the template stands for (`intrinsics.py`).
"""

import dataclasses
from collections.abc import Mapping

from everwarm.serverless.intrinsics import Template
from everwarm.serverless.nodes import Node, Notice

GLOBAL_TABLE_TYPE = "AWS::DynamoDB::GlobalTable"
TABLE_TYPES = frozenset({"AWS::DynamoDB::Table", GLOBAL_TABLE_TYPE})
MAPPING_TYPE = "AWS::Lambda::EventSourceMapping"

QUEUE_TYPE = "AWS::SQS::Queue"
TOPIC_TYPE = "AWS::SNS::Topic"
BUCKET_TYPE = "AWS::S3::Bucket"
DESTINATION_TYPES = frozenset({QUEUE_TYPE, TOPIC_TYPE, BUCKET_TYPE})

_CREATED = TABLE_TYPES | {MAPPING_TYPE}

# Source: "Template sections", CloudFormation User Guide; `extensions` is the framework's own.
_SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "extensions",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)

# What the framework puts into the template by itself.
_GENERATED = frozenset(
    {
        "ApiGatewayRestApi",
        "HttpApi",
        "IamRoleLambdaExecution",
        "ServerlessDeploymentBucket",
        "ServerlessDeploymentBucketPolicy",
        "WebsocketsApi",
    }
)


def read(
    resources: Node | None, pseudo: Mapping[str, str], generated: frozenset[str] = frozenset()
) -> tuple[Template, list[Notice]]:
    """The template that a `resources` section describes.

    Args:
        resources: the section, a map or a list of maps.
        pseudo: the pseudo parameters.
        generated: logical ids that the framework adds to this project's template.

    Raises:
        ProjectError: a section that CloudFormation does not know, a resource without a type.
    """
    sections: dict[str, Node] = {}
    notices = []
    for part in [] if resources is None else _parts(resources):
        for name, section in part.mapping("resources").items():
            if name not in _SECTIONS:
                raise section.key_error(
                    f"CloudFormation has no section {name}; a resource goes below resources.Resources"
                )
            sections[name] = _merged(sections[name], section) if name in sections else section

    template = Template(
        resources=_entries(sections, "Resources"),
        conditions=_entries(sections, "Conditions"),
        parameters=_entries(sections, "Parameters"),
        mappings=_entries(sections, "Mappings"),
        pseudo=pseudo,
        generated=_GENERATED | generated,
        extensions=_entries(sections, "extensions"),
    )
    for logical_id, extension in template.extensions.items():
        extension.mapping(f"the extension {logical_id}")
        if "EventSourceMappingDynamodb" not in logical_id:
            notices.append(extension.notice(f"the extension of {logical_id} is not used here"))
    for logical_id, resource in template.resources.items():
        resource.mapping(f"the resource {logical_id}")
        kind = resource.get("Type")
        if kind is None:
            raise resource.key_error(f"the resource {logical_id} has no Type")
        name = kind.text(f"Type of {logical_id}")
        # Nothing enforces permissions here, so that a role has nothing to say.
        if name not in _CREATED and not name.startswith("AWS::IAM::"):
            kept = "; failures meant for it are kept: everwarm failures" if name in DESTINATION_TYPES else ""
            notices.append(resource.notice(f"{logical_id} ({name}) is not created here{kept}"))
    return template, notices


def _parts(resources: Node) -> list[Node]:
    listed = resources.value if isinstance(resources.value, list) else [resources]
    return [part for part in listed if part.value is not None]


def _entries(sections: dict[str, Node], name: str) -> dict[str, Node]:
    given = sections[name].mapping(f"resources.{name}") if name in sections else {}
    return {key: value for key, value in given.items() if value.value is not None}


def _merged(first: Node, second: Node) -> Node:
    """Two values as one: maps key by key, and otherwise the second. A null takes nothing away."""
    if isinstance(first.value, dict) and isinstance(second.value, dict):
        both = dict(first.value)
        for key, value in second.value.items():
            both[key] = _merged(both[key], value) if key in both else value
        return dataclasses.replace(first, value=both)
    return first if second.value is None else second
