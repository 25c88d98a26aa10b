"""TagResource, UntagResource, ListTags: tags of functions and of mappings, by their ARNs."""

import dataclasses
from collections.abc import Callable

from everwarm.errors import InvalidParameterValueException, ResourceNotFoundException
from everwarm.lambdas.api import names
from everwarm.lambdas.api.function_settings import check_tags
from everwarm.lambdas.api.operation import Lambdas, Request, Response

Tags = dict[str, str]


async def run_tag(lambdas: Lambdas, request: Request) -> Response:
    """TagResource."""
    if not request["Tags"]:
        raise InvalidParameterValueException("An error occurred and the request cannot be processed.")
    await _change(lambdas, request["Resource"], lambda tags: {**tags, **request["Tags"]})
    return None


async def run_untag(lambdas: Lambdas, request: Request) -> Response:
    """UntagResource."""
    gone = set(request["TagKeys"])
    await _change(
        lambdas, request["Resource"], lambda tags: {key: value for key, value in tags.items() if key not in gone}
    )
    return None


async def run_list(lambdas: Lambdas, request: Request) -> Response:
    """ListTags."""
    mapping_id = _mapping_id(lambdas, request["Resource"])
    if mapping_id is not None:
        return {"Tags": dict(lambdas.mappings.find(mapping_id).record.tags)}
    return {"Tags": dict(lambdas.functions.find(_function_name(lambdas, request["Resource"])).tags)}


async def _change(lambdas: Lambdas, arn: str, change: Callable[[Tags], Tags]) -> None:
    def changed(tags: Tags) -> Tags:
        result = change(tags)
        check_tags(result)
        return result

    mapping_id = _mapping_id(lambdas, arn)
    if mapping_id is not None:
        await lambdas.mappings.tag(mapping_id, changed(dict(lambdas.mappings.find(mapping_id).record.tags)))
        return
    await lambdas.functions.change(
        _function_name(lambdas, arn),
        lambda deployed: dataclasses.replace(deployed, tags=changed(dict(deployed.tags))),
    )


def _mapping_id(lambdas: Lambdas, arn: str) -> str | None:
    """The UUID in the ARN of a mapping that there is; None for the ARN of something else."""
    kind, _, mapping_id = arn.split(":", 5)[5].partition(":")
    if kind != "event-source-mapping":
        return None
    if not any(running.record.id == mapping_id for running in lambdas.mappings.all()):
        raise ResourceNotFoundException(f"Event source mapping not found: {arn}")
    return mapping_id


def _function_name(lambdas: Lambdas, arn: str) -> str:
    if not arn.split(":", 5)[5].startswith("function:"):
        raise ResourceNotFoundException(f"The resource you requested does not exist: {arn}")
    name = names.parse(arn, lambdas.region)
    if name.qualifier is not None:
        raise InvalidParameterValueException(
            "Tags on function aliases and versions are not supported. Please specify either a function ARN, an "
            "event source mapping ARN or a code signing config ARN."
        )
    return name.name
