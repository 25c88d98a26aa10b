"""JSON as JavaScript's `JSON.stringify` writes it. The expected texts are Node.js's own."""

import pytest

from everwarm.serverless.json_text import json_text
from everwarm.serverless.yaml_file import load


def text_of(yaml: str) -> str:
    return json_text(load(yaml, "serverless.yml"))


# serverless-yml.md, section 2: each filterPatterns entry as JSON text.
@pytest.mark.parametrize(
    ("yaml", "text"),
    [
        ("{dynamodb: {Keys: {id: {S: [a]}}}}", '{"dynamodb":{"Keys":{"id":{"S":["a"]}}}}'),
        ("[null, true, false, '', ~]", '[null,true,false,"",null]'),
        ('["a\\"b", "\\\\", "\\n\\t\\u0001", "ä€😀", "/"]', '["a\\"b","\\\\","\\n\\t\\u0001","ä€😀","/"]'),
        ("{}", "{}"),
        ("[]", "[]"),
        # Keys that look like an index of an array come first, in the order of numbers.
        ("{b: 1, 10: 2, a: 3, 9: 4, '01': 5, -1: 6}", '{"9":4,"10":2,"b":1,"a":3,"01":5,"-1":6}'),
        ("{4294967294: 1, 4294967295: 2, 0: 3}", '{"0":3,"4294967294":1,"4294967295":2}'),
        # A key is what YAML takes it for, as text; the type key NULL of DynamoDB needs quotes.
        ("{NULL: 1, 'NULL': 2, True: 3, 1.0: 4}", '{"1":4,"null":1,"NULL":2,"true":3}'),
        # Functions of CloudFormation stay what they are.
        ("{r: !Ref Rates, g: !GetAtt Rates.Arn}", '{"r":{"Ref":"Rates"},"g":{"Fn::GetAtt":["Rates","Arn"]}}'),
    ],
)
def test_values(yaml: str, text: str) -> None:
    assert text_of(yaml) == text


@pytest.mark.parametrize(
    ("yaml", "text"),
    [
        ("0", "0"),
        ("-0.0", "0"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        ("-0.5", "-0.5"),
        ("100", "100"),
        ("1e3", "1000"),
        ("123456789.125", "123456789.125"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("1.5e-7", "1.5e-7"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("1.25e+30", "1.25e+30"),
        ("9007199254740993", "9007199254740992"),
        ("12345678901234567890", "12345678901234567000"),
        ("0x1F", "31"),
        (".nan", "null"),
        (".inf", "null"),
        ("-.inf", "null"),
    ],
)
def test_numbers(yaml: str, text: str) -> None:
    assert text_of(yaml) == text
