from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import CODE, Found

Find = Callable[..., Found]

STATEMENTS = """\
      statements:
        - Effect: Allow
          Action: [dynamodb:PutItem, dynamodb:GetItem]
          Resource: !GetAtt Orders.Arn
"""
IAM = f"  iam:\n    role:\n{STATEMENTS}"
DESTINATION = "{onFailure: 'arn:aws:sqs:eu-west-1:123456789012:failures'}"
BUCKET = "{onFailure: 'arn:aws:s3:::failures'}"


def statements(*lines: str, effect: str = "Allow") -> tuple[str, str]:
    text = "".join(f"          {line}\n" for line in lines)
    return STATEMENTS, f"      statements:\n        - Effect: {effect}\n{text}"


# serverless-yml.md, section 2: table access is never added by the framework.
@pytest.mark.parametrize("iam", ["", "  iam: {role: {statements: []}}\n"])
def test_a_role_with_no_rights_on_the_table(found: Find, iam: str) -> None:
    result = found((IAM, iam))
    assert result.codes == ["missing-table-permission"]
    finding = result.only("missing-table-permission")
    assert finding.weight is Weight.WARNING
    assert finding.what == "function main calls PutItem on orders, which its role does not allow"
    # What is to be pasted mends it.
    lines = finding.fix.splitlines()
    assert lines.pop(0) == "provider:"
    assert found((IAM, "\n".join(lines) + "\n")).codes == []


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("table.get_item(Key={})", None),
        ("table.put_item(Item={})", None),
        ("table.update_item(Key={})", "UpdateItem"),
        ("table.delete_item(Key={})", "DeleteItem"),
        ("table.query(KeyConditionExpression='a')", "Query"),
        ("table.scan()", "Scan"),
        ("table.batch_writer()", "BatchWriteItem"),
        ("dynamodb.batch_get_item(RequestItems={})", "BatchGetItem"),
    ],
)
def test_a_right_that_the_code_needs(found: Find, call: str, action: str | None) -> None:
    result = found(code=f"def handler(event, context):\n    {call}\n")
    assert result.codes == (["missing-table-permission"] if action else [])
    if action:
        assert f"calls {action} on orders" in result.only("missing-table-permission").what
        assert result.line("missing-table-permission") == "statements:"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("Action: dynamodb:*", "Resource: '*'"), False),
        (("Action: '*'", "Resource: '*'"), False),
        (("Action: [DynamoDB:putitem]", "Resource: !GetAtt Orders.Arn"), False),
        (("Action: ['dynamodb:*Item']", "Resource: [!Sub '${Orders.Arn}', !Sub '${Orders.Arn}/index/*']"), False),
        (("Action: ['dynamodb:PutItem']", "Resource: arn:aws:dynamodb:eu-west-1:123456789012:table/orders"), False),
        (("Action: ['dynamodb:PutItem']", "Resource: !Sub 'arn:aws:dynamodb:*:${AWS::AccountId}:table/ord*'"), False),
        (("NotAction: ['s3:*']", "Resource: '*'"), False),
        # What is not known here may well be this table.
        (("Action: ['dynamodb:PutItem']", "Resource: !ImportValue orders"), False),
        (("Action: ['dynamodb:PutItem']", "Resource: !Sub '${Orders.Arn}/index/*'"), True),
        (("Action: ['dynamodb:PutItem']", "Resource: arn:aws:dynamodb:eu-west-1:123456789012:table/other"), True),
        (("Action: ['dynamodb:GetItem']", "Resource: '*'"), True),
        (("NotAction: ['dynamodb:*']", "Resource: '*'"), True),
    ],
)
def test_statements_of_every_form(found: Find, lines: tuple[str, ...], told: bool) -> None:
    assert found(statements(*lines)).codes == (["missing-table-permission"] if told else [])


def test_a_denial_counts_more(found: Find) -> None:
    deny = "        - {Effect: Deny, Action: 'dynamodb:Put*', Resource: '*'}\n"
    assert found((STATEMENTS, STATEMENTS + deny)).codes == ["missing-table-permission"]


# serverless-yml.md, section 4, row by row.
@pytest.mark.parametrize(
    ("iam", "told"),
    [
        ("  iamRoleStatements: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]\n", False),
        ("  iamRoleStatements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]\n", True),
        ("  iam: {role: 'arn:aws:iam::123456789012:role/mine'}\n", False),
        ("  iam: {role: {'Fn::ImportValue': mine}}\n", False),
        ("  role: arn:aws:iam::123456789012:role/mine\n", False),
        ("  iam: {role: {managedPolicies: ['arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess']}}\n", False),
        ("  iamManagedPolicies: ['arn:aws:iam::123456789012:policy/mine']\n", False),
        (
            "  iam: {role: {managedPolicies: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']}}\n",
            True,
        ),
    ],
)
def test_iam_in_every_spelling(found: Find, iam: str, told: bool) -> None:
    assert found((IAM, iam)).codes == (["missing-table-permission"] if told else [])


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("iam: {role: {statements: [{Effect: Allow, Action: 'dynamodb:PutItem', Resource: '*'}]}}", False),
        ("iam: {role: {statements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}", True),
        ("iam: {inheritStatements: true, role: {statements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}", False),
        ("iamRoleStatements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]", True),
        (
            "iamRoleStatementsInherit: true\n    iamRoleStatements: [{Effect: Allow, Action: 's3:*', Resource: '*'}]",
            False,
        ),
        ("role: arn:aws:iam::123456789012:role/mine", False),
    ],
)
def test_a_role_of_the_function_s_own(found: Find, setting: str, told: bool) -> None:
    result = found(("    timeout: 30\n", f"    timeout: 30\n    {setting}\n"))
    assert result.codes == (["missing-table-permission"] if told else [])


def test_a_table_that_the_function_does_not_name(found: Find) -> None:
    assert found((IAM, ""), ("!Ref Orders}", "other}")).codes == []
    code = CODE.replace("table.", "resource.Table('orders').")
    assert found((IAM, ""), ("!Ref Orders}", "other}"), code=code).codes == ["missing-table-permission"]


def test_a_name_and_no_right_where_there_is_no_code_to_ask(found: Find) -> None:
    result = found((IAM, ""), code=None)
    assert "its role allows nothing on it" in result.only("missing-table-permission").what


ROLE = """\
    Mine:
      Type: AWS::IAM::Role
      Properties:
        Policies:
          - PolicyDocument:
              Statement:
                - {Effect: Allow, Action: 'dynamodb:PutItem', Resource: !GetAtt Orders.Arn}
                - {Effect: Allow, Action: ACTIONS, Resource: !GetAtt Orders.StreamArn}
                - {Effect: Allow, Action: SENDING, Resource: '*'}
"""


# serverless-yml.md, section 2: rights are added only when the framework's own role is used.
@pytest.mark.parametrize("role", ["  iam: {role: !GetAtt Mine.Arn}\n", "  role: Mine\n"])
@pytest.mark.parametrize(
    ("actions", "sending", "code"),
    [
        ("['dynamodb:*']", "'sqs:SendMessage'", None),
        ("['dynamodb:GetRecords', 'dynamodb:ListStreams']", "'sqs:SendMessage'", "missing-stream-permission"),
        ("['dynamodb:*']", "'sqs:ListQueues'", "missing-destination-permission"),
    ],
)
def test_a_role_among_the_resources(found: Find, role: str, actions: str, sending: str, code: str | None) -> None:
    more = ROLE.replace("ACTIONS", actions).replace("SENDING", sending)
    result = found((IAM, role), more=more)
    assert result.codes == ([code] if code else [])
    if code == "missing-stream-permission":
        assert "DescribeStream, GetShardIterator on the stream of orders" in result.only(code).what


# AWSLambdaDynamoDBExecutionRole: event-source-mapping.md, section 11.
def test_aws_s_own_policy_for_streams(found: Find) -> None:
    more = (
        "    Mine:\n      Type: AWS::IAM::Role\n      Properties:\n        ManagedPolicyArns:\n"
        "          - arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole\n"
        "    More:\n      Type: AWS::IAM::Policy\n      Properties:\n        Roles: [!Ref Mine]\n"
        "        PolicyDocument:\n          Statement:\n"
        "            - {Effect: Allow, Action: ['sqs:*', 'dynamodb:PutItem'], Resource: '*'}\n"
    )
    assert found((IAM, "  iam: {role: !GetAtt Mine.Arn}\n"), more=more).codes == []


# serverless-yml.md, section 1: an S3 ARN passes, but the framework then grants SQS rights only.
def test_a_bucket_as_destination(found: Find) -> None:
    result = found((DESTINATION, BUCKET))
    assert result.codes == ["missing-destination-permission"]
    assert "s3:PutObject, s3:ListBucket on arn:aws:s3:::failures" in result.only("missing-destination-permission").what
    allowed = (
        "        - {Effect: Allow, Action: 's3:*', Resource: ['arn:aws:s3:::failures', 'arn:aws:s3:::failures/*']}\n"
    )
    assert found((DESTINATION, BUCKET), (STATEMENTS, STATEMENTS + allowed)).codes == []
