"""One file for each operation, or family of operations; `operations()` lists them all by their names."""

from collections.abc import Mapping
from functools import lru_cache

from everwarm.dynamodb.api.shapes import Shapes
from everwarm.lambdas.api.actions import (
    aliases,
    create_event_source_mapping,
    create_function,
    delete_function,
    event_invoke_config,
    event_source_mappings,
    function_concurrency,
    get_account_settings,
    get_function,
    invoke,
    list_functions,
    not_set,
    permissions,
    tags,
    update_event_source_mapping,
    update_function_code,
    update_function_configuration,
    versions,
)
from everwarm.lambdas.api.model import lambda_model
from everwarm.lambdas.api.operation import Operation, Run

_RUNS: dict[str, Run] = {
    "AddPermission": permissions.run_add,
    "CreateAlias": aliases.run_create,
    "CreateEventSourceMapping": create_event_source_mapping.run,
    "CreateFunction": create_function.run,
    "DeleteAlias": aliases.run_delete,
    "DeleteEventSourceMapping": event_source_mappings.run_delete,
    "DeleteFunction": delete_function.run,
    "DeleteFunctionConcurrency": function_concurrency.run_delete,
    "DeleteFunctionEventInvokeConfig": event_invoke_config.run_delete,
    "GetAccountSettings": get_account_settings.run,
    "GetAlias": aliases.run_get,
    "GetEventSourceMapping": event_source_mappings.run_get,
    "GetFunction": get_function.run,
    "GetFunctionCodeSigningConfig": not_set.run_code_signing,
    "GetFunctionConcurrency": function_concurrency.run_get,
    "GetFunctionConfiguration": get_function.run_configuration,
    "GetFunctionEventInvokeConfig": event_invoke_config.run_get,
    "GetFunctionRecursionConfig": not_set.run_recursion,
    "GetPolicy": permissions.run_get,
    "GetRuntimeManagementConfig": not_set.run_runtime_management,
    "Invoke": invoke.run,
    "InvokeAsync": invoke.run_async,
    "ListAliases": aliases.run_list,
    "ListEventSourceMappings": event_source_mappings.run_list,
    "ListFunctionEventInvokeConfigs": event_invoke_config.run_list,
    "ListFunctionUrlConfigs": not_set.run_urls,
    "ListFunctions": list_functions.run,
    "ListProvisionedConcurrencyConfigs": not_set.run_provisioned_concurrency,
    "ListTags": tags.run_list,
    "ListVersionsByFunction": versions.run_list,
    "PublishVersion": versions.run_publish,
    "PutFunctionConcurrency": function_concurrency.run_put,
    "PutFunctionEventInvokeConfig": event_invoke_config.run_put,
    "RemovePermission": permissions.run_remove,
    "TagResource": tags.run_tag,
    "UntagResource": tags.run_untag,
    "UpdateAlias": aliases.run_update,
    "UpdateEventSourceMapping": update_event_source_mapping.run,
    "UpdateFunctionCode": update_function_code.run,
    "UpdateFunctionConfiguration": update_function_configuration.run,
    "UpdateFunctionEventInvokeConfig": event_invoke_config.run_update,
}


@lru_cache(maxsize=1)
def operations() -> Mapping[str, Operation]:
    """Every operation, by its name."""
    model = lambda_model()
    shapes = Shapes(model)
    return {name: Operation(name, model.http(name), shapes.request_check(name), run) for name, run in _RUNS.items()}
