from collections.abc import Callable
from pathlib import Path

import pytest

from everwarm.errors import ProjectError
from everwarm.lambdas.functions import AsyncSettings, Function
from everwarm.serverless import Project

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]

TABLE = (
    "resources: {Resources: {Rates: {Type: 'AWS::DynamoDB::Table', Properties: "
    "{KeySchema: [], AttributeDefinitions: [], StreamSpecification: {StreamViewType: KEYS_ONLY}}},"
    " Clicks: {Type: 'AWS::Kinesis::Stream'}, Dead: {Type: 'AWS::SQS::Queue'}, Told: {Type: 'AWS::SNS::Topic'},"
    " Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: kept}}}}\n"
)
ATTRIBUTES = {"Rates": {"Ref": "rates", "Arn": "arn:rates", "StreamArn": "arn:rates/stream/1"}}


def only(project: Project) -> Function:
    (function,) = project.functions(ATTRIBUTES)
    return function


def test_a_bare_function_gets_the_framework_s_defaults(project: Make, tmp_path: Path) -> None:
    function = only(project("functions:\n  main:\n    handler: src/main.handler\n"))
    # Names and defaults: "AWS Lambda Functions", Serverless Framework documentation.
    assert function == Function(
        name="shop-dev-main",
        handler="src/main.handler",
        code_dir=tmp_path,
        runtime="python3.12",
        memory_mb=1024,
        timeout_s=6,
        region="us-east-1",
        account="000000000000",
    )


def test_a_function_s_settings_lie_over_the_provider_s(project: Make) -> None:
    text = """
service: shop
provider:
  name: aws
  runtime: python3.11
  memorySize: 512
  timeout: 30
  environment: {A: provider, B: provider, C: provider}
functions:
  main:
    handler: main.handler
    name: refresher
    runtime: python3.13
    timeout: "60"
    environment: {B: function, C: null}
"""
    function = only(project(text, header=False))
    assert (function.name, function.runtime) == ("refresher", "python3.13")
    assert (function.memory_mb, function.timeout_s) == (512, 60)
    assert function.environment == {"A": "provider", "B": "function"}


def test_environment_values_become_text_and_references_real_names(project: Make) -> None:
    environment = (
        "{T: !Ref Rates, S: !GetAtt Rates.StreamArn, U: !Sub '${Rates}/${AWS::Region}', N: 12, F: 1.50, B: true,"
        " E: '', NONE: !Ref AWS::NoValue, FN: !GetAtt OnDashputLambdaFunction.Arn}"
    )
    text = f"functions:\n  on-put:\n    handler: a.b\n    environment: {environment}\n" + TABLE
    assert only(project(text)).environment == {
        "T": "rates",
        "S": "arn:rates/stream/1",
        "U": "rates/us-east-1",
        "N": "12",
        "F": "1.5",
        "B": "true",
        "E": "",
        "FN": "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-on-put",
    }


def test_a_variable_of_something_not_created_here_stays_unset_and_is_told_once(project: Make) -> None:
    text = (
        "service: shop\nprovider:\n  name: aws\n  runtime: python3.11\n  environment:\n    CLICKS: !Ref Clicks\n"
        "functions: {a: {handler: a.b}, b: {handler: a.b}}\n" + TABLE
    )
    found = project(text, header=False)
    assert [function.environment for function in found.functions(ATTRIBUTES)] == [{}, {}]
    told = [notice for notice in found.notices if "CLICKS" in notice.text]
    assert [(notice.line, notice.column) for notice in told] == [(6, 5)]


def test_a_variable_that_aws_alone_can_answer(project: Make) -> None:
    environment = "{ZONES: !Join [',', !GetAZs ''], SECRET: '{{resolve:ssm:/shop/key}}', PLAIN: x}"
    found = project(f"functions:\n  main:\n    handler: a.b\n    environment: {environment}\n")
    assert only(found).environment == {"SECRET": "{{resolve:ssm:/shop/key}}", "PLAIN": "x"}
    assert [notice.text.partition(": ")[0] for notice in found.notices] == [
        "the environment variable ZONES stays unset",
        "the environment variable SECRET stays as it is written",
    ]


# serverless-yml.md, section 3, "Environment": a value may be a CloudFormation function.
def test_queues_topics_and_buckets_are_not_created_but_have_names(project: Make) -> None:
    environment = (
        "{Q: !Ref Dead, QA: !GetAtt Dead.Arn, QN: !GetAtt Dead.QueueName, T: !Ref Told, TN: !GetAtt Told.TopicName,"
        " B: !Ref Bucket, BA: !GetAtt Bucket.Arn, N: !Join ['', [!Ref Bucket, '-', !Length [a, b]]],"
        " J: !ToJsonString {bucket: !Ref Bucket}}"
    )
    found = project(f"functions:\n  main:\n    handler: a.b\n    environment: {environment}\n" + TABLE)
    assert only(found).environment == {
        "Q": "https://sqs.us-east-1.amazonaws.com/000000000000/shop-dev-Dead",
        "QA": "arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead",
        "QN": "shop-dev-Dead",
        "T": "arn:aws:sns:us-east-1:000000000000:shop-dev-Told",
        "TN": "shop-dev-Told",
        "B": "kept",
        "BA": "arn:aws:s3:::kept",
        "N": "kept-2",
        "J": '{"bucket":"kept"}',
    }
    assert sum("is not created here" in notice.text for notice in found.notices) == 4


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("5", 5), ("!Ref Most", 20), ("null", None)])
def test_reserved_concurrency(project: Make, text: str, number: int | None) -> None:
    resources = "resources: {Parameters: {Most: {Type: Number, Default: 20}}}\n"
    found = project(f"functions: {{main: {{handler: a.b, reservedConcurrency: {text}}}}}\n{resources}")
    assert only(found).reserved_concurrency == number


def test_calls_that_nobody_waits_for(project: Make) -> None:
    settings = (
        "{handler: a.b, maximumRetryAttempts: 0, maximumEventAge: 60, onError: 'arn:aws:sns:eu-west-1:1:dead',"
        " destinations: {onSuccess: other, onFailure: {type: sqs, arn: !GetAtt Dead.Arn}}}"
    )
    found = project(f"functions:\n  main: {settings}\n  other: {{handler: a.b}}\n" + TABLE)
    main, other = found.functions(ATTRIBUTES)
    assert main.asynchronous == AsyncSettings(
        maximum_retry_attempts=0,
        maximum_event_age_s=60,
        on_success=other.arn,
        on_failure="arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead",
        dead_letter="arn:aws:sns:eu-west-1:1:dead",
    )
    # PutFunctionEventInvokeConfig: two retries, six hours.
    assert (other.asynchronous.maximum_retry_attempts, other.asynchronous.maximum_event_age_s) == (2, 21600)


def test_a_destination_that_is_not_run_here_is_told(project: Make) -> None:
    text = "functions:\n  main: {handler: a.b, destinations: {onFailure: web}}\n  web: {image: x}\n"
    found = project(text)
    assert only(found).asynchronous.on_failure is None
    assert [notice.line for notice in found.notices] == [4, 5]


@pytest.mark.parametrize(("stage", "names"), [("prod", ["shop-prod-main"]), ("dev", [])])
def test_a_function_whose_condition_does_not_hold_is_not_there(project: Make, stage: str, names: list[str]) -> None:
    conditions = "resources: {Conditions: {IsProd: !Equals ['${sls:stage}', prod]}}\n"
    found = project(f"functions: {{main: {{handler: a.b, condition: IsProd}}}}\n{conditions}", stage=stage)
    assert [function.name for function in found.functions({})] == names


def test_other_runtimes_are_told_and_not_run(project: Make) -> None:
    text = "functions:\n  web: {handler: a.b, runtime: java21}\n  box: {image: x}\n  ok: {handler: a.b}\n"
    found = project(text)
    assert [function.name for function in found.functions({})] == ["shop-dev-ok"]
    assert [(notice.line, notice.column) for notice in found.notices] == [(4, 3), (5, 3)]
    assert "the runtime java21; only Python (python3.x) and Node.js (nodejs20.x, say) run here" in found.notices[0].text


def test_without_a_runtime_it_is_node(project: Make) -> None:
    found = project("service: shop\nprovider: aws\nfunctions: {web: {handler: a.b}}\n", header=False)
    assert only(found).runtime == "nodejs20.x"


def test_functions_may_be_a_list_of_maps_and_come_from_files(project: Make) -> None:
    text = "functions:\n  - ${file(functions/a.yml)}\n  - b: {handler: b.b}\n"
    found = project(text, files={"functions/a.yml": "a:\n  handler: a.a\n"})
    assert [function.name for function in found.functions({})] == ["shop-dev-a", "shop-dev-b"]


def test_a_module_is_the_directory_of_its_function_s_code(project: Make, tmp_path: Path) -> None:
    # serverless-python-requirements, "Per-function requirements".
    function = only(project("functions: {main: {handler: main.handler, module: fetcher}}\n"))
    assert function.code_dir == tmp_path / "fetcher"


@pytest.mark.parametrize(
    ("settings", "column", "says"),
    [
        ("memorySize: 64", 29, "memorySize of function main is 64; it has to be from 128 to 10,240"),
        ("memorySize: 10241", 29, "from 128 to 10,240"),
        ("memorySize: lots", 29, "whole number, not the text 'lots'"),
        ("timeout: 0", 26, "from 1 to 900"),
        ("timeout: 901", 26, "from 1 to 900"),
        ("timeout: 1.5", 26, "whole number, not the number 1.5"),
        ("name: a b", 23, "letters, digits"),
        (f"name: {'a' * 65}", 23, "1 to 64"),
        ("environment: {A-B: 1}", 31, "'A-B'"),
        ("environment: {A: [1]}", 34, "has to be text, not a list"),
        ("environment: {A: !Ref Nobody}", 34, "called Nobody"),
        ("environment: x", 30, "has to be a map"),
        ("events: x", 25, "has to be a list"),
        ("reservedConcurrency: -1", 38, "0 or more"),
        ("maximumRetryAttempts: 3", 39, "from 0 to 2"),
        ("maximumEventAge: 59", 34, "from 60 to 21,600"),
        ("destinations: {onFailure: nobody}", 43, "neither an ARN nor a function of this file"),
        ("destinations: {onEnd: x}", 32, "no onEnd"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(error: Fail, settings: str, column: int, says: str) -> None:
    found = error(f"functions:\n  main: {{handler: a.b,\n{'':16}{settings}}}\n")
    assert (found.line, found.column) == (5, column)
    assert says in found.problem


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("functions:\n  main:\n  other: {handler: a.b}\n", 4, 3, "main has no handler"),
        ("functions:\n  main: handler.py\n", 4, 9, "has to be a map"),
        ("functions:\n  a: {handler: a.b, name: x}\n  b: {handler: a.b, name: x}\n", 5, 3, "both called x"),
        ("functions:\n  - a: {handler: a.b}\n  - a: {handler: a.b}\n", 5, 5, "stands twice"),
        ("functions:\n  - a\n", 4, 5, "has to be a map"),
    ],
)
def test_a_malformed_function_is_told_with_its_place(error: Fail, text: str, line: int, column: int, says: str) -> None:
    found = error(text)
    assert (found.line, found.column) == (line, column)
    assert says in found.problem
