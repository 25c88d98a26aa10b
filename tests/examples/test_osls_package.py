"""examples/rates is a project for the Serverless Framework, too: its open fork `osls` turns it into CloudFormation."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.examples.osls import pack, without_npm

pytestmark = without_npm


@pytest.fixture(scope="module")
def package(osls: Path, example_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `.serverless` directory that `osls package` makes out of a copy of the example."""
    work = tmp_path_factory.mktemp("osls")
    project = work / "rates"
    shutil.copytree(example_dir, project, ignore=shutil.ignore_patterns("__pycache__", ".everwarm", ".serverless"))
    return pack(osls, project, home=work)


@pytest.fixture(scope="module")
def resources(package: Path) -> dict[str, Any]:
    template = json.loads((package / "cloudformation-template-update-stack.json").read_text())
    found: dict[str, Any] = template["Resources"]
    return found


def of_type(resources: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]


def test_the_functions(resources: dict[str, Any]) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    assert [function["Handler"] for function in functions] == ["main.handler", "cached.handler"]
    for function in functions:
        assert function["Runtime"] == "python3.11"
        assert (function["MemorySize"], function["Timeout"]) == (256, 180)
        assert function["Role"] == {"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]}
        variables = function["Environment"]["Variables"]
        assert (variables["TABLE_NAME"], variables["CACHE_TABLE_NAME"]) == (
            {"Ref": "RatesTable"},
            {"Ref": "CacheTable"},
        )


# A handler fails at its first import if a module of it is missing; the source and the seed stay at home.
def test_the_archive_has_the_functions_and_nothing_else(package: Path) -> None:
    with zipfile.ZipFile(package / "everwarm-rates.zip") as archive:
        assert set(archive.namelist()) == {"main.py", "cached.py", "entries.py"}


def test_the_role_may_read_the_streams_and_write_the_tables(resources: dict[str, Any]) -> None:
    [role] = of_type(resources, "AWS::IAM::Role")
    allowed = {
        (action, json.dumps(resource))
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    }
    for table in ("RatesTable", "CacheTable"):
        stream = json.dumps({"Fn::GetAtt": [table, "StreamArn"]})
        reading = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
        assert {(f"dynamodb:{action}", stream) for action in reading} <= allowed
        assert ("dynamodb:PutItem", json.dumps({"Fn::GetAtt": [table, "Arn"]})) in allowed
    # What the library asks for: reads, and transactions, which need the right to each of their parts.
    cache = json.dumps({"Fn::GetAtt": ["CacheTable", "Arn"]})
    needed = ("GetItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "DescribeTable", "DescribeTimeToLive")
    assert {(f"dynamodb:{action}", cache) for action in needed} <= allowed
    assert ("sqs:SendMessage", json.dumps({"Fn::GetAtt": ["GivenUp", "Arn"]})) in allowed


def test_the_plain_handler_is_called_by_time_to_live(resources: dict[str, Any]) -> None:
    mapping, _ = of_type(resources, "AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["RatesTable", "StreamArn"]}
    assert mapping["FunctionName"] == {"Fn::GetAtt": ["MainLambdaFunction", "Arn"]}
    assert (mapping["BatchSize"], mapping["StartingPosition"]) == (100, "TRIM_HORIZON")
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": ["GivenUp", "Arn"]}}}
    [one] = mapping["FilterCriteria"]["Filters"]
    assert json.loads(one["Pattern"])["userIdentity"]["principalId"] == ["dynamodb.amazonaws.com"]


def test_the_library_s_handler_is_called_by_timers_and_answers_for_each_record(resources: dict[str, Any]) -> None:
    _, mapping = of_type(resources, "AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["CacheTable", "StreamArn"]}
    assert mapping["FunctionName"] == {"Fn::GetAtt": ["CachedLambdaFunction", "Arn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["MaximumRetryAttempts"] == 3
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": ["GivenUp", "Arn"]}}}
    [one] = mapping["FilterCriteria"]["Filters"]
    assert json.loads(one["Pattern"]) == {
        "eventName": ["REMOVE"],
        "dynamodb": {"Keys": {"key": {"S": [{"prefix": "timer#"}]}}},
    }


def test_the_tables(resources: dict[str, Any]) -> None:
    tables = of_type(resources, "AWS::DynamoDB::Table")
    assert [table["KeySchema"] for table in tables] == [
        [{"AttributeName": "content", "KeyType": "HASH"}],
        [{"AttributeName": "key", "KeyType": "HASH"}],
    ]
    for table in tables:
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
