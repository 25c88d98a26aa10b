"""Tables among the resources as CreateTable and UpdateTimeToLive requests.

CloudFormation's names become the API's; members, types and allowed words are checked against the API's own model
(botocore's), so that a slip of the pen is found with its line. What only the service can judge, whether the key is
among the attribute definitions say, is left to it.

Not here: creating the tables (`deploy.py`).
Source: "AWS::DynamoDB::Table", CloudFormation reference.
"""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

from everwarm.serverless import global_tables, shapes
from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node, Notice, Place
from everwarm.serverless.resources import GLOBAL_TABLE_TYPE, TABLE_TYPES

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")

# Properties that CreateTable does not have: they are other operations' or other services'.
_NOT_USED = frozenset(
    {
        "ContributorInsightsSpecification",
        "ImportSourceSpecification",
        "KinesisStreamSpecification",
        "PointInTimeRecoverySpecification",
        "ResourcePolicy",
    }
)


@dataclass(frozen=True, slots=True)
class TableResource:
    """A table of the project.

    Attributes:
        logical_id: its name inside the file.
        create_request: the request for CreateTable.
        time_to_live: the `TimeToLiveSpecification` for UpdateTimeToLive; None where the file has none.
        place: where it stands in the file.
    """

    logical_id: str
    create_request: dict[str, Any]
    time_to_live: dict[str, Any] | None
    place: Place = field(repr=False, compare=False)

    @property
    def time_to_live_attribute(self) -> str | None:
        """The attribute that TTL goes by; None where it is off."""
        specification = self.time_to_live or {}
        return specification["AttributeName"] if specification.get("Enabled") else None

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.create_request["TableName"])

    @property
    def has_stream(self) -> bool:
        """Whether the table writes a stream."""
        return "StreamSpecification" in self.create_request


def read(template: Template, stack_name: str) -> tuple[list[TableResource], list[Notice]]:
    """The tables of a template.

    A table without a name gets `<stack>-<logical id>`; CloudFormation adds 13 random characters to that, which would
    make another table of it at each start.

    Args:
        stack_name: the CloudFormation stack's, `<service>-<stage>`.

    Raises:
        ProjectError: an unknown property, a value of the wrong type, two tables of one name.
    """
    tables: dict[str, TableResource] = {}
    notices: list[Notice] = []
    for logical_id, resource in template.resources.items():
        kind = resource.get("Type")
        if kind is None or kind.value not in TABLE_TYPES or not template.is_wanted(logical_id, resource):
            continue
        if kind.value == GLOBAL_TABLE_TYPE:
            resource, replica_notices = global_tables.as_table(logical_id, resource, template)
            notices += replica_notices
        properties, left_out = _properties(logical_id, resource, template)
        notices += left_out
        table = _table(logical_id, resource, properties, f"{stack_name}-{logical_id}")
        if table.name in tables:
            raise resource.key_error(f"{logical_id} and {tables[table.name].logical_id} are both called {table.name}")
        tables[table.name] = table
    return list(tables.values()), notices


def _properties(logical_id: str, resource: Node, template: Template) -> tuple[dict[str, Node], list[Notice]]:
    """The properties that CreateTable and UpdateTimeToLive have, with CloudFormation's functions answered."""
    properties: dict[str, Node] = {}
    notices: list[Notice] = []
    given = resource.get("Properties")
    for name, node in (given.mapping(f"Properties of {logical_id}") if given is not None else {}).items():
        if name in _NOT_USED:
            notices.append(node.notice(f"{name} of {logical_id} is not used here"))
            continue
        try:
            value = template.evaluate(node)
        except NotCreatedHere as error:
            if name == "TableName":
                raise
            notices.append(node.notice(f"{name} of {logical_id} is left out: {error.problem}"))
            continue
        if value is not None and value.value is not None:
            properties[name] = value
    return properties, notices


def _table(logical_id: str, resource: Node, properties: dict[str, Node], default_name: str) -> TableResource:
    for required in ("KeySchema", "AttributeDefinitions"):
        if required not in properties:
            raise resource.key_error(f"{logical_id} has no {required}")
    time_to_live = properties.pop("TimeToLiveSpecification", None)
    named = properties.setdefault("TableName", Node.of(default_name, resource.place))
    if isinstance(named.value, str) and not _TABLE_NAME.fullmatch(named.value):
        raise named.error(
            f"the table {logical_id} is called {named.value!r}; "
            "a table's name has 3 to 255 letters, digits, underscores, hyphens and dots"
        )
    if (stream := properties.get("StreamSpecification")) is not None:
        properties["StreamSpecification"] = _stream(logical_id, stream)
    if (encryption := properties.get("SSESpecification")) is not None:
        properties["SSESpecification"] = _renamed(encryption, {"SSEEnabled": "Enabled"})
    if (indexes := properties.get("GlobalSecondaryIndexes")) is not None:
        without_insights = [_without(index, "ContributorInsightsSpecification") for index in _list(indexes)]
        properties["GlobalSecondaryIndexes"] = dataclasses.replace(indexes, value=without_insights)
    request = dataclasses.replace(resource, value=dict(properties))
    return TableResource(
        logical_id,
        shapes.request("CreateTable", request, f"the table {logical_id}"),
        None if time_to_live is None else _time_to_live(logical_id, time_to_live),
        resource.key_place,
    )


def _stream(logical_id: str, stream: Node) -> Node:
    name = f"StreamSpecification of {logical_id}"
    if "StreamViewType" not in stream.mapping(name):
        raise stream.key_error(f"{name} has no StreamViewType")
    members = {key: value for key, value in stream.mapping(name).items() if key != "ResourcePolicy"}
    return dataclasses.replace(stream, value={**members, "StreamEnabled": Node.of(True, stream.place)})


def _time_to_live(logical_id: str, time_to_live: Node) -> dict[str, Any] | None:
    name = f"TimeToLiveSpecification of {logical_id}"
    enabled = time_to_live.mapping(name).get("Enabled")
    if enabled is not None and not enabled.flag(f"Enabled in {name}") and time_to_live.get("AttributeName") is None:
        return None
    return shapes.member("UpdateTimeToLive", "TimeToLiveSpecification", time_to_live, name)


def _renamed(node: Node, names: dict[str, str]) -> Node:
    if not isinstance(node.value, dict):
        return node
    return dataclasses.replace(node, value={names.get(key, key): value for key, value in node.value.items()})


def _without(node: Node, key: str) -> Node:
    if not isinstance(node.value, dict):
        return node
    return dataclasses.replace(node, value={name: value for name, value in node.value.items() if name != key})


def _list(node: Node) -> list[Node]:
    return node.sequence("GlobalSecondaryIndexes")
