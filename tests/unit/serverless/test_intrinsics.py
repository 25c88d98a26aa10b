from typing import Any

import pytest

from everwarm.errors import ProjectError
from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node
from everwarm.serverless.yaml_file import load

SECTIONS = load(
    """
resources: {Queue: {Type: "AWS::SQS::Queue"}, Rates: {Type: "AWS::DynamoDB::Table"}}
parameters:
  Color: {Type: String, Default: red}
  Subnets: {Type: CommaDelimitedList, Default: "a, b"}
  Unset: {Type: String}
conditions:
  IsProd: !Equals [!Ref AWS::StackName, shop-prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
  Circle: !Not [!Condition Circle]
mappings:
  Sizes: {dev: {batch: 5}}
""",
    "a.yml",
)
TEMPLATE = Template(
    **{name: section.mapping(name) for name, section in SECTIONS.mapping("").items()},
    pseudo={"AWS::Region": "eu-west-1", "AWS::StackName": "shop-dev"},
    attributes={"Rates": {"Ref": "rates-dev", "Arn": "arn:rates", "StreamArn": "arn:rates/stream/1"}},
    generated=frozenset({"HttpApi"}),
)


def evaluate(text: str) -> Any:
    def strip(node: Node | None) -> Any:
        if node is None:
            return None
        if isinstance(node.value, dict):
            return {key: strip(child) for key, child in node.value.items()}
        return [strip(child) for child in node.value] if isinstance(node.value, list) else node.value

    return strip(TEMPLATE.evaluate(load(text, "a.yml")))


# Most are the examples of the CloudFormation User Guide, "Intrinsic function reference".
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Rates", "rates-dev"),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref Color", "red"),
        ("!Ref Subnets", ["a", "b"]),
        ("!GetAtt Rates.StreamArn", "arn:rates/stream/1"),
        ("Fn::GetAtt: Rates.Arn", "arn:rates"),
        ("!Join [':', [a, b, c]]", "a:b:c"),
        ("!Split ['|', 'a|b|c']", ["a", "b", "c"]),
        ("!Select ['1', [apples, grapes, oranges]]", "grapes"),
        ("!Select [2, !Split ['/', 'a/b/c']]", "c"),
        (
            "!Sub '${Rates} in ${AWS::Region}: ${Rates.Arn}, ${!Literal}'",
            "rates-dev in eu-west-1: arn:rates, ${Literal}",
        ),
        ("!Sub ['${Who}-${Color}', {Who: !Ref Rates}]", "rates-dev-red"),
        ("!If [IsProd, big, small]", "small"),
        ("!If [IsDev, [1, 2], 3]", [1, 2]),
        ("!If [Both, 1, !If [Either, 2, 3]]", 2),
        ("!FindInMap [Sizes, dev, batch]", 5),
        ("!Base64 abc", "YWJj"),
        ("{a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, 1]}", {"b": [1]}),
        ("!Ref AWS::NoValue", None),
        ("{Ref: Rates, other: 1}", {"Ref": "Rates", "other": 1}),
    ],
)
def test_a_function_is_answered(text: str, expected: object) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize("text", ["!Cidr [a, b, c]", "!GetAZs eu-west-1", "!Select [0, !GetAZs '']", "!Transform {}"])
def test_what_aws_alone_can_answer(text: str) -> None:
    with pytest.raises(NotCreatedHere, match="answered by AWS alone"):
        evaluate(text)


@pytest.mark.parametrize(
    "text", ["!Ref Queue", "!GetAtt Queue.Arn", "!Sub '${HttpApi}'", "!ImportValue other-stack-arn"]
)
def test_what_exists_on_aws_only_is_told_apart(text: str) -> None:
    with pytest.raises(NotCreatedHere, match="not created here"):
        evaluate(f"a: {text}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("!Ref Nobody", "called Nobody"),
        ("!Ref Unset", "no Default"),
        ("!Ref [a]", "not a list"),
        ("!GetAtt Rates.Nothing", "no attribute Nothing, only Arn, StreamArn"),
        ("!GetAtt Rates", "a logical id and an attribute"),
        ("!Sub '${Nobody.Arn}'", "called Nobody"),
        ("!Sub '${Subnets}'", "not a list"),
        ("!Sub '${AWS::NoValue}'", "no value"),
        ("!Sub [a]", "a text and a map"),
        ("!Join [a]", "2 values"),
        ("!Select [3, [a, b]]", "no value 3 in the list of 2"),
        ("!Split ['', a]", "empty"),
        ("!If [Nobody, a, b]", "condition called Nobody"),
        ("!If [IsProd, a]", "two values"),
        ("!FindInMap [Sizes, prod, batch]", "Sizes.prod.batch"),
        ("{'Fn::Nobody': [a, b]}", "Fn::Nobody"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ProjectError) as raised:
        evaluate(f"a: 1\nb:\n  c: {text}\n")
    assert says in raised.value.problem
    assert not isinstance(raised.value, NotCreatedHere)
    # A function's own value, or, for a wrong argument, that argument on the same line.
    assert raised.value.line == 3
    assert raised.value.column is not None
    assert raised.value.column >= 6


def test_a_condition_that_asks_for_itself_is_an_error() -> None:
    with pytest.raises(ProjectError, match="Circle refers to itself"):
        evaluate("!If [Circle, 1, 2]")
