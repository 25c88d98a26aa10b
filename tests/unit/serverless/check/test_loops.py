from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import CODE, Found

Find = Callable[..., Found]

FILTER = """\
          filterPatterns:
            - eventName: [REMOVE]
              userIdentity: {type: [Service]}
"""


def filtered(pattern: str) -> tuple[str, str]:
    return FILTER, f"          filterPatterns: [{pattern}]\n"


# event-source-mapping.md, section 11: recursive-loop detection does not cover DynamoDB.
def test_a_function_that_its_own_writes_call(found: Find) -> None:
    result = found((FILTER, ""))
    assert result.codes == ["own-writes"]
    assert result.line("own-writes") == "stream:"
    finding = result.only("own-writes")
    assert finding.weight is Weight.WARNING
    # What is to be pasted mends it.
    assert found((FILTER, "".join(f"          {line}\n" for line in finding.fix.splitlines()))).codes == []


def test_a_function_that_tells_them_apart_pays_for_the_calls_all_the_same(found: Find) -> None:
    code = CODE + "    if event['Records'][0]['eventName'] != 'REMOVE': return\n"
    assert found((FILTER, ""), code=code).only("own-writes").weight is Weight.NOTICE


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("{eventName: [INSERT, MODIFY]}", True),
        ("{eventName: [MODIFY]}", True),
        ("{eventName: [{anything-but: [REMOVE]}]}", True),
        ("{eventName: [REMOVE]}", False),
        # A put of an item that is there is a MODIFY.
        ("{eventName: [INSERT]}", False),
        # What looks at the record is taken to be there for this.
        ("{dynamodb: {NewImage: {state: {S: [new]}}}}", False),
        ("{userIdentity: {type: [Service]}}", False),
        # One that lets them through is enough.
        ("{eventName: [REMOVE]}, {eventName: [MODIFY]}", True),
    ],
)
def test_filters_that_keep_its_writes_out(found: Find, pattern: str, told: bool) -> None:
    assert found(filtered(pattern)).codes == (["own-writes"] if told else [])


def test_code_that_writes_nothing(found: Find) -> None:
    assert found((FILTER, ""), code="def handler(event, context):\n    table.get_item(Key={})\n").codes == []


def test_code_whose_writes_are_in_another_module(found: Find) -> None:
    files = {"lib/__init__.py": "", "lib/store.py": "def fill(t): t.put_item(Item={})\n"}
    code = "from lib import store\n\ndef handler(event, context): store.fill(1)\n"
    assert found((FILTER, ""), code=code, files=files).codes == ["own-writes"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("Action: dynamodb:*\n          Resource: '*'", True),
        ("Action: 'dynamodb:Put*'\n          Resource: !Sub '${Orders.Arn}*'", True),
        ("Action: [dynamodb:PutItem]\n          Resource: arn:aws:dynamodb:eu-west-1:123456789012:table/orders", True),
        ("Action: [dynamodb:PutItem]\n          Resource: arn:aws:dynamodb:*:*:table/others", False),
        ("Action: [dynamodb:GetItem, dynamodb:Query]\n          Resource: !GetAtt Orders.Arn", False),
    ],
)
def test_a_role_that_may_not_write_there(found: Find, statement: str, told: bool) -> None:
    right = "Action: [dynamodb:PutItem, dynamodb:GetItem]\n          Resource: !GetAtt Orders.Arn"
    assert ("own-writes" in found((FILTER, ""), (right, statement)).codes) is told


OTHER = """\
    Counts:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: counts
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
"""


# The commonest use of a stream: what changes in one table is counted in another.
@pytest.mark.parametrize(("tables", "told"), [("!Ref Counts", False), ("!Ref Orders, COUNTS: !Ref Counts", True)])
def test_a_function_that_writes_to_another_table(found: Find, tables: str, told: bool) -> None:
    everything = ("Resource: !GetAtt Orders.Arn", "Resource: '*'")
    result = found((FILTER, ""), ("!Ref Orders}", f"{tables}}}"), everything, more=OTHER)
    assert result.codes == (["own-writes"] if told else [])
