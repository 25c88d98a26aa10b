"""One file for each operation; `operations()` lists them all, by the target that names them on the wire."""

from collections.abc import Mapping
from functools import lru_cache

from everwarm.dynamodb.api.actions import (
    batch_execute_statement,
    batch_get_item,
    batch_write_item,
    create_table,
    delete_item,
    delete_resource_policy,
    delete_table,
    describe_continuous_backups,
    describe_endpoints,
    describe_limits,
    describe_stream,
    describe_table,
    describe_time_to_live,
    execute_statement,
    execute_transaction,
    get_item,
    get_records,
    get_resource_policy,
    get_shard_iterator,
    list_streams,
    list_tables,
    list_tags_of_resource,
    put_item,
    put_resource_policy,
    query,
    scan,
    tag_resource,
    transact_get_items,
    transact_write_items,
    untag_resource,
    update_continuous_backups,
    update_item,
    update_table,
    update_time_to_live,
)
from everwarm.dynamodb.api.operation import Operation, Run
from everwarm.dynamodb.api.shapes import Shapes, dynamodb_shapes, streams_shapes

_DYNAMODB: dict[str, Run] = {
    "BatchExecuteStatement": batch_execute_statement.run,
    "BatchGetItem": batch_get_item.run,
    "BatchWriteItem": batch_write_item.run,
    "CreateTable": create_table.run,
    "DeleteItem": delete_item.run,
    "DeleteResourcePolicy": delete_resource_policy.run,
    "DeleteTable": delete_table.run,
    "DescribeContinuousBackups": describe_continuous_backups.run,
    "DescribeEndpoints": describe_endpoints.run,
    "DescribeLimits": describe_limits.run,
    "DescribeTable": describe_table.run,
    "DescribeTimeToLive": describe_time_to_live.run,
    "ExecuteStatement": execute_statement.run,
    "ExecuteTransaction": execute_transaction.run,
    "GetItem": get_item.run,
    "GetResourcePolicy": get_resource_policy.run,
    "ListTables": list_tables.run,
    "ListTagsOfResource": list_tags_of_resource.run,
    "PutItem": put_item.run,
    "PutResourcePolicy": put_resource_policy.run,
    "Query": query.run,
    "Scan": scan.run,
    "TagResource": tag_resource.run,
    "TransactGetItems": transact_get_items.run,
    "TransactWriteItems": transact_write_items.run,
    "UntagResource": untag_resource.run,
    "UpdateContinuousBackups": update_continuous_backups.run,
    "UpdateItem": update_item.run,
    "UpdateTable": update_table.run,
    "UpdateTimeToLive": update_time_to_live.run,
}

_STREAMS: dict[str, Run] = {
    "DescribeStream": describe_stream.run,
    "GetRecords": get_records.run,
    "GetShardIterator": get_shard_iterator.run,
    "ListStreams": list_streams.run,
}


@lru_cache(maxsize=1)
def operations() -> Mapping[str, Operation]:
    """Every operation, by the target that names it on the wire."""
    return {
        **_operations("DynamoDB_20120810", _DYNAMODB, dynamodb_shapes()),
        **_operations("DynamoDBStreams_20120810", _STREAMS, streams_shapes()),
    }


def _operations(prefix: str, runs: dict[str, Run], shapes: Shapes) -> dict[str, Operation]:
    return {f"{prefix}.{name}": Operation(name, shapes.request_check(name), run) for name, run in runs.items()}
