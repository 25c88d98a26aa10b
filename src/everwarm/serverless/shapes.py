"""Values of a file as a request of the DynamoDB API, checked against the API's model.

CloudFormation takes `"5"` for 5 and `"true"` for true; the API does not, so values are converted to the model's types.
"""

from functools import cache
from typing import Any

from botocore.model import ServiceModel

from everwarm.dynamodb.api.model import load
from everwarm.serverless.nodes import Node


def request(operation: str, node: Node, name: str) -> dict[str, Any]:
    """A map as the request of an operation.

    Args:
        operation: the API's name of it, `CreateTable` say.
        node: the map, CloudFormation's functions already answered.
        name: what to call the map in an error.

    Raises:
        ProjectError: a member that is unknown, missing or of another type, a word that is not one of the allowed.
    """
    converted: dict[str, Any] = _convert(_input_shape(operation), node, name)
    return converted


def member(operation: str, member_name: str, node: Node, name: str) -> dict[str, Any]:
    """A map as one member of an operation's request; parameters and errors as for `request`."""
    converted: dict[str, Any] = _convert(_input_shape(operation).members[member_name], node, name)
    return converted


@cache
def _model() -> Any:
    return ServiceModel(load("dynamodb"))


def _input_shape(operation: str) -> Any:
    return _model().operation_model(operation).input_shape


def _convert(shape: Any, node: Node, name: str) -> Any:
    match shape.type_name:
        case "structure":
            return _structure(shape, node, name)
        case "list":
            return [_convert(shape.member, item, f"an entry of {name}") for item in node.sequence(name)]
        case "string":
            text = node.text(name)
            if shape.enum and text not in shape.enum:
                raise node.error(f"{name} is {text!r}; it has to be one of {', '.join(shape.enum)}")
            return text
        case "integer" | "long":
            return node.whole_number(name)
        case "boolean":
            return node.flag(name)
    raise node.error(f"{name} is not something that everwarm reads")


def _structure(shape: Any, node: Node, name: str) -> dict[str, Any]:
    given = {key: value for key, value in node.mapping(name).items() if value.value is not None}
    for key, value in given.items():
        if key not in shape.members:
            raise value.key_error(f"{name} has no {key}; it has {', '.join(shape.members)}")
    for key in shape.required_members:
        if key not in given:
            raise node.key_error(f"{name} has no {key}")
    return {key: _convert(shape.members[key], value, f"{key} of {name}") for key, value in given.items()}
