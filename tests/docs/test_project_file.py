"""docs/serverless-yml.md: it has every setting of a stream event, and the event that it shows is one."""

import textwrap
from pathlib import Path

from everwarm.serverless import load
from everwarm.serverless.check import check
from everwarm.serverless.stream_event import PROPERTIES
from tests.docs.pages import Page

PAGE = Page(Path("docs/serverless-yml.md"))

PROJECT = """
service: shop
provider: {name: aws, runtime: python3.12}
functions:
  main:
    handler: main.handler
    timeout: 30
EVENTS
resources:
  Resources:
    GivenUp: {Type: AWS::SQS::Queue}
    Quotes:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: quotes
        KeySchema: [{AttributeName: symbol, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: symbol, AttributeType: S}]
        TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
"""


def test_every_setting_is_on_the_page() -> None:
    named = {name.partition(".")[0] for name in PAGE.inline()}
    assert PROPERTIES.keys() <= named


def test_the_event_that_is_shown_has_nothing_to_be_regretted(tmp_path: Path) -> None:
    [block] = [block for block in PAGE.blocks if block.language == "yaml"]
    text = PROJECT.replace("EVENTS\n", textwrap.indent(block.code, "    "))
    (tmp_path / "serverless.yml").write_text(text, encoding="utf-8")
    (tmp_path / "main.py").write_text("def handler(event, context): ...", encoding="utf-8")
    project = load(tmp_path / "serverless.yml", environ={})
    assert len(project.triggers) == 1
    assert [finding.code for finding in check(project)] == ["not-run-here"]
