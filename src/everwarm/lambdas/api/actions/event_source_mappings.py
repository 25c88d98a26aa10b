"""GetEventSourceMapping, ListEventSourceMappings, DeleteEventSourceMapping."""

from everwarm.lambdas.api import names
from everwarm.lambdas.api.mapping_configuration import configuration
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.api.paging import page
from everwarm.lambdas.registry.mappings import RunningMapping

PAGE = 100


async def run_get(lambdas: Lambdas, request: Request) -> Response:
    """GetEventSourceMapping."""
    return configuration(lambdas.mappings.find(request["UUID"]), lambdas.region)


async def run_list(lambdas: Lambdas, request: Request) -> Response:
    """ListEventSourceMappings: of a function, of a stream, or all."""
    found = sorted(lambdas.mappings.all(), key=_id)
    if (source := request.get("EventSourceArn")) is not None:
        found = [running for running in found if running.record.mapping.stream_arn == source]
    if (given := request.get("FunctionName")) is not None:
        name = names.parse(given, lambdas.region).name
        found = [running for running in found if running.record.mapping.function_name == name]
    shown, more = page(found, _id, request, PAGE)
    return {"EventSourceMappings": [configuration(running, lambdas.region) for running in shown], **more}


async def run_delete(lambdas: Lambdas, request: Request) -> Response:
    """DeleteEventSourceMapping."""
    return configuration(await lambdas.mappings.delete(request["UUID"]), lambdas.region)


def _id(running: RunningMapping) -> str:
    return running.record.id
