"""What belongs to a function besides: concurrency, asynchronous calls, tags, permissions, the account's quotas."""

import json
from typing import Any

import pytest

from tests.wire.functions import creation, make_function
from tests.wire.refused import refused

ARN = "arn:aws:lambda:us-east-1:000000000000:function"
NOBODY = f"Function not found: {ARN}:nobody"


def test_reserved_concurrency(lambda_: Any, function: str) -> None:
    """PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency."""
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName=function)
    put = lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=5)
    assert put["ReservedConcurrentExecutions"] == 5
    assert lambda_.get_function_concurrency(FunctionName=function)["ReservedConcurrentExecutions"] == 5
    settings = lambda_.get_account_settings()["AccountLimit"]
    assert settings["UnreservedConcurrentExecutions"] <= settings["ConcurrentExecutions"] - 5
    deleted = lambda_.delete_function_concurrency(FunctionName=function)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName=function)


def test_more_concurrency_than_an_account_has(lambda_: Any, function: str) -> None:
    with refused(
        "InvalidParameterValueException",
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100].",
    ):
        lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=901)


def test_concurrency_below_nothing(unchecked_lambda: Any, function: str) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: "
        "Member must have value greater than or equal to 0",
    ):
        unchecked_lambda.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=-1)


def test_concurrency_of_a_function_that_is_not_there(lambda_: Any) -> None:
    with refused("ResourceNotFoundException", NOBODY):
        lambda_.put_function_concurrency(FunctionName="nobody", ReservedConcurrentExecutions=1)
    with refused("ResourceNotFoundException", NOBODY):
        lambda_.get_function_concurrency(FunctionName="nobody")
    with refused("ResourceNotFoundException", NOBODY):
        lambda_.delete_function_concurrency(FunctionName="nobody")


def test_event_invoke_config(lambda_: Any, function: str) -> None:
    """Section 10, settings: Put forgets what is not given, Update keeps it."""
    put = lambda_.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=1)
    assert put["FunctionArn"] == f"{ARN}:{function}:$LATEST"
    assert put["MaximumRetryAttempts"] == 1
    assert put["MaximumEventAgeInSeconds"] == 21_600
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    updated = lambda_.update_function_event_invoke_config(FunctionName=function, MaximumEventAgeInSeconds=60)
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (1, 60)
    got = lambda_.get_function_event_invoke_config(FunctionName=function)
    assert (got["MaximumRetryAttempts"], got["MaximumEventAgeInSeconds"]) == (1, 60)
    [listed] = lambda_.list_function_event_invoke_configs(FunctionName=function)["FunctionEventInvokeConfigs"]
    assert listed == {name: value for name, value in got.items() if name != "ResponseMetadata"}
    put = lambda_.put_function_event_invoke_config(FunctionName=function, MaximumEventAgeInSeconds=120)
    assert (put["MaximumRetryAttempts"], put["MaximumEventAgeInSeconds"]) == (2, 120)
    deleted = lambda_.delete_function_event_invoke_config(FunctionName=function)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.list_function_event_invoke_configs(FunctionName=function)["FunctionEventInvokeConfigs"] == []


@pytest.mark.parametrize("operation", ["get", "delete", "update"])
def test_event_invoke_config_that_is_not_there(lambda_: Any, function: str, operation: str) -> None:
    more = {"MaximumRetryAttempts": 1} if operation == "update" else {}
    with refused(
        "ResourceNotFoundException", f"The function {ARN}:{function}:$LATEST doesn't have an EventInvokeConfig"
    ):
        getattr(lambda_, f"{operation}_function_event_invoke_config")(FunctionName=function, **more)


def test_event_invoke_config_of_nothing(lambda_: Any, function: str) -> None:
    with refused(
        "InvalidParameterValueException", "You must specify at least one of error handling or destination setting."
    ):
        lambda_.put_function_event_invoke_config(FunctionName=function)


@pytest.mark.parametrize(
    ("member", "value", "constraint"),
    [
        ("MaximumRetryAttempts", 3, "less than or equal to 2"),
        ("MaximumRetryAttempts", -1, "greater than or equal to 0"),
        ("MaximumEventAgeInSeconds", 59, "greater than or equal to 60"),
        ("MaximumEventAgeInSeconds", 21_601, "less than or equal to 21600"),
    ],
)
def test_event_invoke_config_out_of_range(
    unchecked_lambda: Any, function: str, member: str, value: int, constraint: str
) -> None:
    """Section 10, settings: MaximumRetryAttempts 0 to 2, MaximumEventAgeInSeconds 60 to 21,600."""
    place = member[:1].lower() + member[1:]
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must have "
        f"value {constraint}",
    ):
        unchecked_lambda.put_function_event_invoke_config(FunctionName=function, **{member: value})


def test_tags_of_a_function(lambda_: Any) -> None:
    """TagResource 204, UntagResource 204, ListTags 200."""
    made = lambda_.create_function(**creation(Tags={"a": "1", "b": "2"}))
    arn = made["FunctionArn"]
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"a": "1", "b": "2"}
    assert lambda_.tag_resource(Resource=arn, Tags={"b": "3", "c": ""})["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"a": "1", "b": "3", "c": ""}
    untagged = lambda_.untag_resource(Resource=arn, TagKeys=["a", "c", "nobody's"])
    assert untagged["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"b": "3"}
    lambda_.delete_function(FunctionName=made["FunctionName"])


def test_tags_of_a_function_that_is_not_there(lambda_: Any) -> None:
    with refused("ResourceNotFoundException", NOBODY):
        lambda_.list_tags(Resource=f"{ARN}:nobody")
    with refused("ResourceNotFoundException", NOBODY):
        lambda_.tag_resource(Resource=f"{ARN}:nobody", Tags={"a": "b"})


def test_tags_of_a_version(lambda_: Any, function: str) -> None:
    with refused("InvalidParameterValueException", begins="Tags on function aliases and versions are not supported."):
        lambda_.list_tags(Resource=f"{ARN}:{function}:$LATEST")


def test_tags_by_a_name(unchecked_lambda: Any, function: str) -> None:
    with refused("ValidationException", begins=f"1 validation error detected: Value '{function}' at 'resource' failed"):
        unchecked_lambda.list_tags(Resource=function)


def test_too_many_tags(lambda_: Any, function: str) -> None:
    with refused("InvalidParameterValueException"):
        lambda_.tag_resource(Resource=f"{ARN}:{function}", Tags={f"k{n}": "v" for n in range(51)})
    assert lambda_.list_tags(Resource=f"{ARN}:{function}")["Tags"] == {}


def test_permissions(lambda_: Any, function: str) -> None:
    """AddPermission, GetPolicy, RemovePermission."""
    added = lambda_.add_permission(
        FunctionName=function,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::bucket",
    )
    statement = {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": f"{ARN}:{function}",
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}},
    }
    assert json.loads(added["Statement"]) == statement
    policy = json.loads(lambda_.get_policy(FunctionName=function)["Policy"])
    assert policy == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    with refused(
        "ResourceConflictException",
        "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing "
        "statement.",
    ):
        lambda_.add_permission(
            FunctionName=function, StatementId="s3", Action="lambda:InvokeFunction", Principal="000000000000"
        )
    lambda_.remove_permission(FunctionName=function, StatementId="s3")
    with refused("ResourceNotFoundException", "The resource you requested does not exist."):
        lambda_.get_policy(FunctionName=function)


def test_a_permission_that_is_not_there(lambda_: Any, function: str) -> None:
    with refused("ResourceNotFoundException", "Statement s3 is not found in resource policy."):
        lambda_.remove_permission(FunctionName=function, StatementId="s3")


def test_account_settings(lambda_: Any) -> None:
    """GetAccountSettings: the quotas of section 9, and what is used."""
    before = lambda_.get_account_settings()
    assert before["AccountLimit"]["CodeSizeUnzipped"] == 262_144_000
    assert before["AccountLimit"]["CodeSizeZipped"] == 52_428_800
    assert before["AccountLimit"]["ConcurrentExecutions"] == 1000
    name = make_function(lambda_)
    after = lambda_.get_account_settings()
    assert after["AccountUsage"]["FunctionCount"] == before["AccountUsage"]["FunctionCount"] + 1
    assert after["AccountUsage"]["TotalCodeSize"] > before["AccountUsage"]["TotalCodeSize"]
    lambda_.delete_function(FunctionName=name)


def test_what_nobody_has_set(lambda_: Any, function: str) -> None:
    """Tools ask every function for these, and go on if it has none."""
    assert lambda_.get_function_code_signing_config(FunctionName=function)["CodeSigningConfigArn"] == ""
    assert lambda_.get_function_recursion_config(FunctionName=function)["RecursiveLoop"] == "Terminate"
    assert lambda_.get_runtime_management_config(FunctionName=function)["UpdateRuntimeOn"] == "Auto"
    assert lambda_.list_function_url_configs(FunctionName=function)["FunctionUrlConfigs"] == []
    listed = lambda_.list_provisioned_concurrency_configs(FunctionName=function)
    assert listed["ProvisionedConcurrencyConfigs"] == []
    with refused("ResourceNotFoundException", NOBODY):
        lambda_.get_function_code_signing_config(FunctionName="nobody")
