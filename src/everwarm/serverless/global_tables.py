"""`AWS::DynamoDB::GlobalTable` as the `AWS::DynamoDB::Table` that one of its replicas is: that of the project's region.

Its throughput is set for reading and writing apart, by a scaling that is not here; so the table is paid by request.

Not here: tables (`tables.py`). Source: "AWS::DynamoDB::GlobalTable", CloudFormation reference.
"""

import dataclasses

from everwarm.errors import ProjectError
from everwarm.serverless.intrinsics import Template
from everwarm.serverless.nodes import Node, Notice

# What a table does not have.
_OF_GLOBAL_TABLES = frozenset(
    {
        "BillingMode",
        "GlobalTableSettingsReplicationMode",
        "GlobalTableSourceArn",
        "GlobalTableWitnesses",
        "MultiRegionConsistency",
        "ReadOnDemandThroughputSettings",
        "ReadProvisionedThroughputSettings",
        "Replicas",
        "WriteOnDemandThroughputSettings",
        "WriteProvisionedThroughputSettings",
    }
)
# What a replica says of the table in its region.
_OF_REPLICAS = ("DeletionProtectionEnabled", "TableClass", "Tags")


def as_table(logical_id: str, resource: Node, template: Template) -> tuple[Node, list[Notice]]:
    """The resource with the properties of a table, and a notice of the replicas that are elsewhere.

    Raises:
        ProjectError: properties or replicas of a wrong form.
    """
    given = resource.get("Properties")
    properties = {} if given is None else given.mapping(f"Properties of {logical_id}")
    replicas = properties.get("Replicas")
    listed = [] if replicas is None else replicas.sequence(f"Replicas of {logical_id}")
    table = {name: value for name, value in properties.items() if name not in _OF_GLOBAL_TABLES}
    table["BillingMode"] = Node.of("PAY_PER_REQUEST", resource.place)
    if (indexes := table.get("GlobalSecondaryIndexes")) is not None and isinstance(indexes.value, list):
        table["GlobalSecondaryIndexes"] = dataclasses.replace(indexes, value=[_index(index) for index in indexes.value])
    if (here := _replica(listed, template)) is not None:
        table |= {name: value for name in _OF_REPLICAS if (value := here.get(name)) is not None}
    notices = []
    if replicas is not None and len(listed) > 1:
        notices.append(replicas.notice(f"the replicas of {logical_id} in other regions are not created here"))
    whole = dataclasses.replace(given or resource, value=table)
    kept = resource.value if isinstance(resource.value, dict) else {}
    return dataclasses.replace(resource, value={**kept, "Properties": whole}), notices


def _replica(listed: list[Node], template: Template) -> Node | None:
    """The replica of the project's region; the first where none is there."""
    for replica in listed:
        region = replica.get("Region")
        try:
            value = None if region is None else template.evaluate(region)
        except ProjectError:
            continue
        if value is not None and value.value == template.pseudo.get("AWS::Region"):
            return replica
    return listed[0] if listed else None


def _index(index: Node) -> Node:
    if not isinstance(index.value, dict):
        return index
    kept = {name: value for name, value in index.value.items() if name not in _OF_GLOBAL_TABLES}
    return dataclasses.replace(index, value=kept)
