from collections.abc import Callable
from typing import Any

import pytest

from everwarm.errors import ProjectError
from everwarm.serverless import Project

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]


def resources(*properties: str, head: str = "") -> str:
    """A file with one table; the properties begin at line 9."""
    lines = "".join(f"        {line}\n" for line in properties)
    return (
        "resources:\n  Resources:\n    Rates:\n      Type: AWS::DynamoDB::Table\n"
        f"{head}      Properties:\n        KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n{lines}"
        "        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n"
    )


# Names on the left from the CloudFormation reference, on the right from the DynamoDB API reference.
def test_properties_become_a_create_table_request(project: Make) -> None:
    index = "{IndexName: by-id, KeySchema: [{AttributeName: id, KeyType: HASH}], Projection: {ProjectionType: ALL}"
    text = resources(
        "TableName: rates",
        "BillingMode: PROVISIONED",
        "ProvisionedThroughput: {ReadCapacityUnits: '5', WriteCapacityUnits: 5}",
        f"GlobalSecondaryIndexes: [{index}, ContributorInsightsSpecification: {{Enabled: true}}}}]",
        "SSESpecification: {SSEEnabled: 'true', SSEType: KMS}",
        "StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}",
        "Tags: [{Key: cost, Value: 7}]",
        "DeletionProtectionEnabled: false",
        "TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}",
    )
    (table,) = project(text).tables
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table.create_request == {
        "TableName": "rates",
        "KeySchema": key,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        "GlobalSecondaryIndexes": [{"IndexName": "by-id", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}],
        "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "Tags": [{"Key": "cost", "Value": "7"}],
        "DeletionProtectionEnabled": False,
    }
    assert table.time_to_live == {"AttributeName": "ttl", "Enabled": True}
    assert (table.logical_id, table.name, table.has_stream) == ("Rates", "rates", True)


def test_a_table_without_a_name_gets_a_stable_one(project: Make) -> None:
    (table,) = project(resources(), stage="test").tables
    assert (table.name, table.time_to_live, table.has_stream) == ("shop-test-Rates", None, False)


def test_a_time_to_live_that_is_off_needs_no_attribute(project: Make) -> None:
    (table,) = project(resources("TimeToLiveSpecification: {Enabled: false}")).tables
    assert table.time_to_live is None
    (table,) = project(resources("TimeToLiveSpecification: {AttributeName: ttl, Enabled: false}")).tables
    assert table.time_to_live == {"AttributeName": "ttl", "Enabled": False}


@pytest.mark.parametrize(("stage", "count"), [("prod", 1), ("dev", 0)])
def test_a_table_whose_condition_does_not_hold_is_not_there(project: Make, stage: str, count: int) -> None:
    text = resources(head="      Condition: IsProd\n") + "  Conditions: {IsProd: !Equals ['${sls:stage}', prod]}\n"
    assert len(project(text, stage=stage).tables) == count


def test_what_the_engine_does_not_have_is_told(project: Make) -> None:
    found = project(
        resources(
            "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}",
            "SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !GetAtt Key.Arn}",
        )
        + "    Key: {Type: 'AWS::KMS::Key'}\n"
    )
    assert [(notice.line, notice.text) for notice in found.notices] == [
        (9, "PointInTimeRecoverySpecification of Rates is not used here"),
        (10, "SSESpecification of Rates is left out: Key is not created here"),
        (12, "Key (AWS::KMS::Key) is not created here"),
    ]
    assert "SSESpecification" not in found.tables[0].create_request


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("TableNames: rates", 9, "no TableNames"),
        ("TableName: [a]", 20, "has to be text, not a list"),
        ("TableName: !Ref Queue", 20, "Queue"),
        ("BillingMode: FREE", 22, "'FREE'; it has to be one of PROVISIONED, PAY_PER_REQUEST"),
        ("DeletionProtectionEnabled: maybe", 36, "true or false"),
        ("StreamSpecification: {}", 9, "no StreamViewType"),
        ("StreamSpecification: {StreamViewType: NEW_IMAGES}", 47, "NEW_AND_OLD_IMAGES"),
        ("StreamSpecification: KEYS_ONLY", 30, "has to be a map"),
        ("TimeToLiveSpecification: {AttributeName: ttl}", 9, "no Enabled"),
        ("TimeToLiveSpecification: {Enabled: true}", 9, "no AttributeName"),
        ("ProvisionedThroughput: {ReadCapacityUnits: few, WriteCapacityUnits: 1}", 52, "whole number"),
        ("GlobalSecondaryIndexes: [{IndexName: a}]", 34, "no KeySchema"),
        ("Tags: [{Key: a}]", 16, "no Value"),
    ],
)
def test_a_wrong_property_is_told_with_its_place(error: Fail, line: str, column: int, says: str) -> None:
    found = error(resources(line) + "    Queue: {Type: 'AWS::SQS::Queue'}\n")
    assert (found.line, found.column) == (9, column)
    assert says in found.problem


def test_keys_are_required(error: Fail) -> None:
    found = error("resources:\n  Resources:\n    Rates: {Type: 'AWS::DynamoDB::Table'}\n")
    assert (found.line, found.column, found.problem) == (5, 5, "Rates has no KeySchema")


def test_two_tables_of_one_name_are_an_error(error: Fail) -> None:
    table = "{Type: 'AWS::DynamoDB::Table', Properties: {TableName: one, KeySchema: [], AttributeDefinitions: []}}"
    found = error(f"resources:\n  Resources:\n    A: {table}\n    B: {table}\n")
    assert (found.line, found.column, found.problem) == (6, 5, "B and A are both called one")


def test_resources_may_be_a_list_whose_parts_are_merged(project: Make) -> None:
    text = "resources:\n  - ${file(a.yml)}\n  - Resources: {Rates: {Properties: {TableName: other}}}\n  - null\n"
    part: Any = resources("TableName: rates").removeprefix("resources:\n")
    part = "\n".join(line.removeprefix("  ") for line in part.splitlines())
    assert [table.name for table in project(text, files={"a.yml": part}).tables] == ["other"]


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("resources:\n  Rates: {Type: 'AWS::DynamoDB::Table'}\n", 4, 3, "below resources.Resources"),
        ("resources:\n  Resources:\n    Rates: {}\n", 5, 5, "no Type"),
        ("resources:\n  Resources: [1]\n", 4, 14, "has to be a map"),
        ("resources: x\n", 3, 12, "has to be a map"),
    ],
)
def test_a_malformed_section_is_told_with_its_place(error: Fail, text: str, line: int, column: int, says: str) -> None:
    found = error(text)
    assert (found.line, found.column) == (line, column)
    assert says in found.problem


def test_iam_is_passed_over_and_extensions_are_told(project: Make) -> None:
    role = "Resources: {Role: {Type: 'AWS::IAM::Role'}}"
    found = project(f"resources:\n  {role}\n  extensions: {{MainLambdaFunction: {{Properties: {{}}}}}}\n")
    assert [(notice.line, notice.column) for notice in found.notices] == [(5, 16)]
    assert "the extension of MainLambdaFunction" in found.notices[0].text


# "Naming rules" in the DynamoDB developer guide: 3 to 255 characters, a-z, A-Z, 0-9, _, - and dots.
@pytest.mark.parametrize("name", ["ab", "a b c", "x" * 256])
def test_a_name_that_no_table_can_have_is_refused_at_its_place(error: Fail, name: str) -> None:
    found = error(resources(f"TableName: '{name}'"))
    assert "3 to 255 letters" in found.problem
    assert (found.line, found.column) == (9, 20)
