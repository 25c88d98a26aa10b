"""`AWS::DynamoDB::GlobalTable`: one replica of it is a table here."""

from collections.abc import Callable

import pytest

from everwarm.errors import ProjectError
from everwarm.serverless import Project

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]

TEXT = """
resources:
  Resources:
    Rates:
      Type: AWS::DynamoDB::GlobalTable
      Properties:
        TableName: rates
        BillingMode: PROVISIONED
        WriteProvisionedThroughputSettings: {WriteCapacityAutoScalingSettings: {MinCapacity: 1, MaxCapacity: 9}}
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        GlobalSecondaryIndexes:
          - IndexName: by-id
            KeySchema: [{AttributeName: id, KeyType: HASH}]
            Projection: {ProjectionType: ALL}
            WriteProvisionedThroughputSettings: {WriteCapacityAutoScalingSettings: {MinCapacity: 1, MaxCapacity: 9}}
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
        TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
        SSESpecification: {SSEEnabled: true}
        Replicas:
          - {Region: us-west-2, TableClass: STANDARD_INFREQUENT_ACCESS}
          - {Region: !Ref AWS::Region, DeletionProtectionEnabled: true, Tags: [{Key: a, Value: b}]}
functions:
  main:
    handler: main.handler
    environment: {TABLE: !Ref Rates}
    events:
      - stream: {type: dynamodb, arn: !GetAtt Rates.StreamArn}
"""


# "AWS::DynamoDB::GlobalTable", CloudFormation reference.
def test_the_replica_of_the_region_is_a_table(project: Make) -> None:
    found = project(TEXT)
    (table,) = found.tables
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table.create_request == {
        "TableName": "rates",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": key,
        "GlobalSecondaryIndexes": [{"IndexName": "by-id", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": {"Enabled": True},
        "DeletionProtectionEnabled": True,
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    assert table.time_to_live_attribute == "ttl"
    assert [(trigger.table_name, trigger.table_logical_id) for trigger in found.triggers] == [("rates", "Rates")]
    assert found.functions(found.template.attributes)[0].environment == {"TABLE": "rates"}
    assert [(notice.line, "in other regions" in notice.text) for notice in found.notices] == [(22, True)]


def test_without_a_replica_in_the_region_the_first_counts(project: Make) -> None:
    (table,) = project(TEXT, options={"region": "eu-west-1"}).tables
    assert "TableClass" not in table.create_request
    (table,) = project(TEXT.replace("!Ref AWS::Region", "us-east-2")).tables
    assert table.create_request["TableClass"] == "STANDARD_INFREQUENT_ACCESS"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("StreamViewType: NEW_AND_OLD_IMAGES", "StreamViewType: ALL", "NEW_AND_OLD_IMAGES"),
        ("        SSESpecification:", "        Colour: red\n        SSESpecification:", "no Colour"),
    ],
)
def test_what_is_wrong_is_told(error: Fail, old: str, new: str, says: str) -> None:
    assert says in error(TEXT.replace(old, new)).problem
