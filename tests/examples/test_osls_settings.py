"""A project with every setting: what everwarm takes it for is what osls compiles it to, property by property."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from everwarm.serverless import Project, load
from everwarm.serverless.nodes import Node
from everwarm.serverless.packaging import package
from tests.examples.osls import pack, without_npm

pytestmark = without_npm

PROJECT = """
service: shop
useDotenv: true

provider:
  name: aws
  runtime: python3.12
  region: eu-west-1
  timeout: 20
  environment:
    TABLE: !Ref Orders
    SHARED: provider
    GONE: provider
    FROM_FILE: ${env:x}
  iam:
    role:
      statements:
        - Effect: Allow
          Action: [dynamodb:PutItem]
          Resource: !GetAtt Orders.Arn

custom:
  sizes: {dev: 250}

package:
  individually: true
  patterns:
    - '!**'
    - '{main,util}.py'
    - 'lib/**/*.py'
    - '!**/test_*'

functions:
  every:
    handler: main.handler
    memorySize: 512
    reservedConcurrency: 3
    maximumRetryAttempts: 1
    maximumEventAge: 120
    onError: arn:aws:sns:eu-west-1:123456789012:dead
    destinations:
      onSuccess: on_put-fast
      onFailure: {type: sqs, arn: !GetAtt Dead.Arn}
    environment:
      SHARED: function
      GONE: null
      QUEUE: !Ref Dead
      JOINED: !Join ['/', [!Ref Orders, 'x']]
      SUB: !Sub '${Orders}-${AWS::Region}'
      NUMBER: 12
      EMPTY: ''
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt Orders.StreamArn
          batchSize: ${self:custom.sizes.${sls:stage}}
          batchWindow: 5
          startingPosition: LATEST
          enabled: false
          parallelizationFactor: 4
          maximumRetryAttempts: 0
          maximumRecordAgeInSeconds: 3600
          bisectBatchOnFunctionError: true
          functionResponseType: ReportBatchItemFailures
          destinations:
            onFailure: {arn: !GetAtt Dead.Arn, type: sqs}
          filterPatterns:
            - eventName: [REMOVE]
              userIdentity: {type: [Service], principalId: [dynamodb.amazonaws.com]}
            - dynamodb:
                NewImage:
                  price: {N: ['1.50', {numeric: ['>', 1e-7, '<=', 1.50]}, 1e21]}
                  10: {S: [{prefix: "a\\"ä"}]}
                  9: {BOOL: [true], NULL: [null], S: [{exists: false}]}
      - stream: arn:aws:dynamodb:eu-west-1:123456789012:table/other-table/stream/2024-01-01T00:00:00.000
  on_put-fast:
    handler: lib/put.handler
    package:
      patterns: ['!lib/deep/**', notes.txt]
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt Orders.StreamArn
          destinations: {onFailure: 'arn:aws:s3:::failures'}
          bisectBatchOnFunctionError: false
          batchWindow: 0
      - stream:
          type: dynamodb
          arn: !ImportValue somebody-elses-stream
  bare:
    handler: main.handler
    events:
      - stream: {type: dynamodb, arn: !Ref StreamOfAnother}
      - stream:
          type: dynamodb
          arn: !Join ['/', [!GetAtt Orders.Arn, 'stream/any']]
          tumblingWindowInSeconds: 30
          destinations: {onFailure: {arn: 'arn:aws:sns:eu-west-1:123456789012:dead'}}

resources:
  Parameters:
    StreamOfAnother:
      Type: String
      Default: arn:aws:dynamodb:eu-west-1:123456789012:table/another/stream/2024-01-01T00:00:00.000
  Resources:
    Orders:
      Type: AWS::DynamoDB::Table
      Properties:
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
    Dead:
      Type: AWS::SQS::Queue
  extensions:
    BareEventSourceMappingDynamodbStreamOfAnother:
      Properties:
        BatchSize: 7
        MaximumRetryAttempts: 2
"""
FILES = [
    "main.py",
    "util.py",
    "notes.txt",
    "other.py",
    "lib/put.py",
    "lib/deep/a.py",
    "lib/deep/test_a.py",
    "lib/data.json",
    ".env",
    ".everwarm/data",
    ".git/HEAD",
    "test_main.py",
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("settings") / "shop"
    for name in FILES:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text("x = 1\n", encoding="utf-8")
    (directory / "serverless.yml").write_text(PROJECT, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def packed(osls: Path, directory: Path) -> Path:
    return pack(osls, directory, home=directory.parent)


@pytest.fixture(scope="module")
def compiled(packed: Path) -> dict[str, Any]:
    """The resources of the template, by logical id."""
    template = json.loads((packed / "cloudformation-template-update-stack.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = template["Resources"]
    return found


@pytest.fixture(scope="module")
def project(directory: Path) -> Project:
    return load(directory / "serverless.yml", environ={})


def plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return [plain(child) for child in node.value] if isinstance(node.value, list) else node.value


def of_type(compiled: dict[str, Any], kind: str) -> dict[str, Any]:
    return {key: value["Properties"] for key, value in compiled.items() if value["Type"] == kind}


# serverless-yml.md, sections 1 and 2: defaults, names, logical ids, and the JSON text of filter patterns.
def test_every_stream_event_becomes_the_same_mapping(project: Project, compiled: dict[str, Any]) -> None:
    ours = {
        trigger.logical_id: {key: plain(node) for key, node in trigger.properties.items()}
        for trigger in project.triggers
    }
    theirs = of_type(compiled, "AWS::Lambda::EventSourceMapping")
    # A stream of another stack is none that could be run here.
    imported = theirs.pop("OnUnderscoreputDashfastEventSourceMappingDynamodbSomebodyelsesstream")
    assert imported["EventSourceArn"] == {"Fn::ImportValue": "somebody-elses-stream"}
    assert any("another stack" in notice.text for notice in project.notices)
    assert ours == theirs


def test_functions_are_called_and_limited_alike(project: Project, compiled: dict[str, Any]) -> None:
    theirs = of_type(compiled, "AWS::Lambda::Function")
    assert {source.logical_id for source in project.sources} == set(theirs)
    for function, source in zip(project.functions(project.template.attributes), project.sources, strict=True):
        properties = theirs[source.logical_id]
        assert function.name == properties["FunctionName"]
        assert function.handler == properties["Handler"]
        assert function.runtime == properties["Runtime"]
        assert function.memory_mb == properties["MemorySize"]
        assert function.timeout_s == properties["Timeout"]
        assert function.reserved_concurrency == properties.get("ReservedConcurrentExecutions")
        assert function.asynchronous.dead_letter == properties.get("DeadLetterConfig", {}).get("TargetArn")


# A null takes a variable of the provider's away; the values before CloudFormation has answered its functions.
def test_environments_are_alike(project: Project, compiled: dict[str, Any]) -> None:
    theirs = of_type(compiled, "AWS::Lambda::Function")
    for source in project.sources:
        ours = {name: plain(node) for name, node in source.environment.items() if node.value is not None}
        # What osls turns into text at once, we do when the function is built.
        ours = {name: str(value) if isinstance(value, int) else value for name, value in ours.items()}
        variables = theirs[source.logical_id]["Environment"]["Variables"]
        assert ours == {name: value for name, value in variables.items() if value is not None}


def test_calls_that_nobody_waits_for_are_alike(project: Project, compiled: dict[str, Any]) -> None:
    [config] = of_type(compiled, "AWS::Lambda::EventInvokeConfig").values()
    every, other, _ = project.functions(project.template.attributes)
    assert every.asynchronous.maximum_retry_attempts == config["MaximumRetryAttempts"]
    assert every.asynchronous.maximum_event_age_s == config["MaximumEventAgeInSeconds"]
    destinations = config["DestinationConfig"]
    assert destinations["OnSuccess"]["Destination"] == {"Fn::GetAtt": ["OnUnderscoreputDashfastLambdaFunction", "Arn"]}
    assert every.asynchronous.on_success == other.arn
    assert destinations["OnFailure"]["Destination"] == {"Fn::GetAtt": ["Dead", "Arn"]}
    assert every.asynchronous.on_failure == project.template.attributes["Dead"]["Arn"]


# serverless-yml.md, section 7, "Selection".
@pytest.mark.parametrize("key", ["every", "on_put-fast", "bare"])
def test_packages_hold_the_same_files(project: Project, packed: Path, key: str) -> None:
    [source] = [source for source in project.sources if source.key == key]
    ours = package(project.root, source.node, "serverless.yml")
    with zipfile.ZipFile(packed / f"{key}.zip") as archive:
        theirs = set(archive.namelist())
    assert {name for name in [*FILES, "serverless.yml"] if ours.has(name)} == theirs


# What `everwarm check` says with the rule nameless-arn.
def test_osls_cannot_package_every_arn(osls: Path, tmp_path: Path) -> None:
    text = PROJECT.replace("arn: !GetAtt Orders.StreamArn", "arn: !Sub '${Orders.StreamArn}'")
    (tmp_path / "serverless.yml").write_text(text, encoding="utf-8")
    for name in ("main.py", ".env"):
        (tmp_path / name).write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="TypeError"):
        pack(osls, tmp_path, home=tmp_path)
    assert load(tmp_path / "serverless.yml", environ={}).triggers
