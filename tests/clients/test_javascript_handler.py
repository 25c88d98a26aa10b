"""A project in Node.js, end to end: an entry expires, and a handler with the AWS SDK for JavaScript writes it again."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.npm import install
from tests.stack.support import Witness, client, eventually

JS = Path(__file__).parent / "js"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None,
    reason="the AWS SDK for JavaScript needs Node.js (node and npm), which is not on this machine",
)

SERVERLESS_YML = """
service: rates
provider: {name: aws, runtime: nodejs20.x, environment: {TABLE: !Ref Rates}}
functions:
  refresh:
    handler: src/refresh.handler
    timeout: 60
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt Rates.StreamArn
          filterPatterns: [{eventName: [REMOVE]}]
resources:
  Resources:
    Rates:
      Type: AWS::DynamoDB::Table
      Properties:
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: pair, AttributeType: S}]
        KeySchema: [{AttributeName: pair, KeyType: HASH}]
        TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
"""

# The first call fails, as sources do.
HANDLER = """
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb"

const table = DynamoDBDocumentClient.from(new DynamoDBClient())
let calls = 0

export const handler = async (event, context) => {
  calls += 1
  if (calls === 1) throw new RangeError("the source is down")
  for (const { dynamodb } of event.Records) {
    const pair = dynamodb.Keys.pair.S
    console.log("refreshing", pair)
    await table.send(new PutCommand({ TableName: process.env.TABLE, Item: { pair, rate: 1.5, calls } }))
  }
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    sdk = install(JS, "aws-sdk-js")
    (tmp_path / "serverless.yml").write_text(SERVERLESS_YML)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "refresh.mjs").write_text(HANDLER)
    (tmp_path / "node_modules").symlink_to(sdk / "node_modules")
    return tmp_path


def test_an_entry_is_kept_warm(project: Path) -> None:
    clock, witness = ManualClock(), Witness()
    with Stack(project, memory=True, clock=clock, observer=witness, environ={}) as stack:
        dynamodb = client("dynamodb", stack.endpoint)
        name = stack.tables[0].name
        key = {"pair": {"S": "EUR/KRW"}}
        dynamodb.put_item(TableName=name, Item={**key, "ttl": {"N": str(int(clock.now()) + 60)}})
        clock.advance(60)

        def fresh() -> Any:
            item = dynamodb.get_item(TableName=name, Key=key).get("Item", {})
            return item if "rate" in item else None

        # The second try comes after a pause on the clock; a start of Node.js takes its time.
        item = eventually(fresh, timeout_s=30, meanwhile=lambda: clock.advance(0.5))
        assert item == {**key, "rate": {"N": "1.5"}, "calls": {"N": "2"}}
        dynamodb.close()
    assert [outcome.error for outcome in witness.outcomes if not outcome.ok] == ["RangeError: the source is down"]
    [line] = [(request_id, text) for _, request_id, text in witness.lines if "refreshing" in text]
    assert line[1].endswith(f"Z\t{line[0]}\tINFO\trefreshing EUR/KRW")
