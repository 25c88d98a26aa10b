import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everwarm.errors import ProjectError
from everwarm.serverless import Project, find_project_file, load

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]

# A project as people write it: names through `custom`, tables in a file of their own, limits for each stage.
SERVERLESS = """
service: rates
frameworkVersion: "3"
configValidationMode: error

plugins:
  - serverless-python-requirements

custom:
  table: ${self:service}-${sls:stage}
  batchSize: {dev: 100, prod: 1000}
  pythonRequirements: {dockerizePip: non-linux}

provider:
  name: aws
  runtime: python3.11
  stage: ${opt:stage, 'dev'}
  region: ${opt:region, env:AWS_REGION, 'eu-west-1'}
  environment:
    TABLE: ${self:custom.table}
    SOURCE: ${param:source, 'http://127.0.0.1:9000'}
  iam:
    role:
      statements:
        - Effect: Allow
          Action: [dynamodb:PutItem, dynamodb:GetItem]
          Resource: !GetAtt RatesTable.Arn
  iamRoleStatements:
    - {Effect: Allow, Action: "dynamodb:*", Resource: "*"}

params:
  prod: {source: https://rates.example}

functions:
  main:
    handler: main.handler
    memorySize: 256
    timeout: 180
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt RatesTable.StreamArn
          batchSize: ${self:custom.batchSize.${sls:stage}}
      - httpApi: GET /rates

resources: ${file(./tables.yml)}
outputs: {x: 1}
"""
TABLES = """
Resources:
  RatesTable:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: ${self:custom.table}
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: content, AttributeType: S}
      KeySchema:
        - {AttributeName: content, KeyType: HASH}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
Outputs:
  Stream: {Value: !GetAtt RatesTable.StreamArn}
"""


@pytest.mark.parametrize(
    ("stage", "region", "batch_size", "source"),
    [("dev", "eu-west-1", 100, "http://127.0.0.1:9000"), ("prod", "ap-northeast-2", 1000, "https://rates.example")],
)
def test_a_whole_project(project: Make, stage: str, region: str, batch_size: int, source: str) -> None:
    options = {} if stage == "dev" else {"stage": stage, "region": region}
    found = project(SERVERLESS, header=False, files={"tables.yml": TABLES}, options=options)
    assert (found.service, found.stage, found.region, found.account) == ("rates", stage, region, "000000000000")
    (table,) = found.tables
    assert table.name == f"rates-{stage}"
    assert table.time_to_live == {"AttributeName": "ttl", "Enabled": True}
    (trigger,) = found.triggers
    assert (trigger.function_name, trigger.settings.batch_size) == (f"rates-{stage}-main", batch_size)
    (function,) = found.functions({"RatesTable": {"Ref": table.name, "Arn": "a", "StreamArn": "b"}})
    assert function.environment == {"TABLE": f"rates-{stage}", "SOURCE": source}
    assert (function.memory_mb, function.timeout_s, function.region) == (256, 180, region)
    assert [(notice.line, notice.text) for notice in found.notices] == [
        (6, "plugins are not run here"),
        (44, "the httpApi event of function main is not run here"),
    ]


def test_what_is_given_at_the_command_line_counts_first(project: Make) -> None:
    given = {"stage": "test", "params": {"source": "x"}, "environ": {"AWS_REGION": "us-west-2"}}
    text = SERVERLESS.replace("prod: 1000", "test: 1")
    found = project(text, header=False, files={"tables.yml": TABLES}, **given)
    assert (found.stage, found.region, found.triggers[0].settings.batch_size) == ("test", "us-west-2", 1)
    (function,) = found.functions({"RatesTable": {"Ref": "rates-test"}})
    assert function.environment["SOURCE"] == "x"


def test_functions_are_not_made_before_their_tables(project: Make) -> None:
    found = project(SERVERLESS, header=False, files={"tables.yml": TABLES})
    with pytest.raises(ProjectError, match="not created yet: RatesTable"):
        found.functions({})


def test_pseudo_parameters_and_the_stack_s_name(project: Make) -> None:
    text = (
        "functions:\n  main:\n    handler: a.b\n    environment:\n"
        "      ALL: !Sub '${AWS::StackName} ${AWS::Region} ${AWS::AccountId} ${AWS::Partition} ${AWS::URLSuffix}'\n"
    )
    (function,) = project(text, stage="test").functions({})
    assert function.environment["ALL"] == "shop-test us-east-1 000000000000 aws amazonaws.com"


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "not nothing"),
        ("- a\n", 1, 1, "not a list"),
        ("provider: {name: aws}\n", 1, 1, "no service"),
        ("service: a b\nprovider: {name: aws}\n", 1, 10, "'a b'"),
        ("service: shop\n", 1, 1, "no provider"),
        ("service: shop\nprovider: {runtime: python3.11}\n", 2, 1, "name: aws"),
        ("service: shop\nprovider: {name: azure}\n", 2, 18, "not the text 'azure'"),
        ("service: shop\nprovider: google\n", 2, 11, "has to be aws"),
        ("service: shop\nprovider: [aws]\n", 2, 11, "has to be a map"),
        ("service: shop\nprovider: aws\nfunctions: {a: {handler: \n", 4, 1, "not YAML"),
        ("service: shop\nprovider: aws\ncustom: ${env:NOBODY}\n", 3, 9, "NOBODY"),
    ],
)
def test_a_wrong_file_is_told_with_line_and_column(error: Fail, text: str, line: int, column: int, says: str) -> None:
    found = error(text, header=False)
    assert (found.line, found.column) == (line, column)
    assert says in found.problem
    assert str(found).startswith(f"{found.path}:{line}:{column}: ")


def test_service_as_a_map_and_unknown_sections(project: Make) -> None:
    found = project(
        "service: {name: shop}\nprovider: aws\nstepFunctions: {a: 1}\nuseDotenv: true\npackage: {individually: true}\n",
        header=False,
    )
    assert found.service == "shop"
    assert [(notice.line, notice.text.split(":")[0]) for notice in found.notices] == [
        (3, "the section stepFunctions is not used here"),
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="No such file"):
        load(tmp_path / "serverless.yml", environ={})
    (tmp_path / "serverless.yml").write_bytes(b"service: \xff\n")
    with pytest.raises(ProjectError, match="not UTF-8"):
        load(tmp_path / "serverless.yml", environ={})


def test_the_project_file_of_a_directory(tmp_path: Path) -> None:
    assert find_project_file(tmp_path) is None
    (tmp_path / "serverless.yaml").touch()
    assert find_project_file(tmp_path) == tmp_path / "serverless.yaml"
    (tmp_path / "serverless.yml").touch()
    assert find_project_file(tmp_path) == tmp_path / "serverless.yml"


def test_a_project_file_in_json(tmp_path: Path) -> None:
    text = '{\n\t"service": "shop",\n\t"provider": {"name": "aws", "runtime": "python3.12"},\n\t"functions": []\n}\n'
    (tmp_path / "serverless.json").write_text(text, encoding="utf-8")
    found = find_project_file(tmp_path)
    assert found == tmp_path / "serverless.json"
    assert load(found, environ={}).service == "shop"


# Else the engine would run alone, as if there were no project.
@pytest.mark.parametrize("name", ["serverless.js", "serverless.ts", "serverless.mjs"])
def test_a_project_file_that_is_a_program(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ProjectError, match="serverless print"):
        find_project_file(tmp_path)
    (tmp_path / "serverless.yml").touch()
    assert find_project_file(tmp_path) == tmp_path / "serverless.yml"


def test_a_long_chain_of_variables_is_an_error_not_a_crash(error: Fail) -> None:
    chain = "".join(f"  a{n}: ${{self:custom.a{n + 1}}}\n" for n in range(2000))
    assert "nested too deeply" in error(f"custom:\n{chain}  a2000: 1\n").problem


# Any value at any place: a file of the right sections and wrong contents. The first set of values is a right one.
_ODD = st.one_of(
    st.sampled_from(["x", "1", "-1", "null", "true", "[]", "{}", "''", ".nan", ".inf", "1e400"]),
    st.sampled_from(["${self:custom}", "${self:service}", "!Ref T", "!Ref Nobody", "!GetAtt T.StreamArn", "!GetAtt T"]),
    st.sampled_from(["!Sub '${T}'", "!If [A, b, c]", "!Select [0, [a]]"]),
)
_HOLES = """
service: shop
custom: {}
provider: {{name: aws, runtime: python3.11, stage: {}, environment: {}}}
functions: {{a: {{handler: a.b, timeout: {}, memorySize: {}, environment: {{A: {}}}, events: [{{stream: {{
  type: dynamodb, arn: {}, batchSize: {}, enabled: {}, startingPosition: {}, parallelizationFactor: {} }} }}, {}]}}}}
resources: {{Conditions: {{A: {}}}, Parameters: {{P: {}}}, Resources: {{T: {{Type: "AWS::DynamoDB::Table",
  Properties: {{TableName: {}, KeySchema: {}, AttributeDefinitions: [],
  StreamSpecification: {{StreamViewType: KEYS_ONLY}}, TimeToLiveSpecification: {} }} }}, R: {} }} }}
"""
_GOOD = ["{}", "dev", "{}", "6", "128", "x", "!GetAtt T.StreamArn", "10", "true", "LATEST", "1", "{http: x}"]
_GOOD += ["!Equals [a, b]", "{}", "rates", "[]", "{AttributeName: ttl, Enabled: true}", "{Type: X}"]


def test_the_file_that_is_spoilt_below_is_a_right_one(project: Make) -> None:
    assert len(project(_HOLES.format(*_GOOD), header=False).triggers) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_no_file_raises_anything_but_project_error(project: Make, data: st.DataObject) -> None:
    good = list(_GOOD)
    for hole in data.draw(st.sets(st.integers(0, len(_GOOD) - 1), max_size=3)):
        good[hole] = data.draw(_ODD)
    with contextlib.suppress(ProjectError):
        project(_HOLES.format(*good), header=False).functions({"T": {"Ref": "t", "Arn": "a", "StreamArn": "s"}})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.sampled_from(SERVERLESS.splitlines(keepends=True)), max_size=30).map("".join))
def test_lines_in_any_order_raise_nothing_but_project_error(project: Make, text: str) -> None:
    with contextlib.suppress(ProjectError):
        project(text, header=False, files={"tables.yml": TABLES})
