"""UpdateEventSourceMapping: other settings for a mapping, or another function. What is not given stays as it is."""

import dataclasses

from everwarm.lambdas.api import mapping_settings, names
from everwarm.lambdas.api.actions.create_event_source_mapping import check_function
from everwarm.lambdas.api.mapping_configuration import configuration
from everwarm.lambdas.api.operation import Lambdas, Request, Response


async def run(lambdas: Lambdas, request: Request) -> Response:
    record = lambdas.mappings.find(request["UUID"]).record
    mapping = record.mapping
    function_name, qualifier = mapping.function_name, mapping.qualifier
    if "FunctionName" in request:
        name = names.parse(request["FunctionName"], lambdas.region)
        check_function(lambdas, name)
        function_name, qualifier = name.name, name.qualifier
    mapping = dataclasses.replace(
        mapping,
        function_name=function_name,
        qualifier=qualifier,
        settings=mapping_settings.changed(mapping.settings, request),
    )
    # Else the UUID of one from the project file would follow its function.
    mapping = dataclasses.replace(mapping, given_id=record.id)
    record = dataclasses.replace(
        record,
        mapping=mapping,
        modified_s=lambdas.clock.now(),
        shown={**record.shown, **mapping_settings.kept(request)},
    )
    running = await lambdas.mappings.change(record)
    return configuration(running, lambdas.region)
