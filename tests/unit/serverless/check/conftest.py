"""Projects to be checked: one with nothing to say about, and what is found once a part of it is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from everwarm.serverless import load
from everwarm.serverless.check import Finding, check
from everwarm.serverless.yaml_file import load as load_yaml

CLEAN = """\
service: shop
provider:
  name: aws
  runtime: python3.12
  environment: {TABLE: !Ref Orders}
  iam:
    role:
      statements:
        - Effect: Allow
          Action: [dynamodb:PutItem, dynamodb:GetItem]
          Resource: !GetAtt Orders.Arn
package:
  patterns: ['!.everwarm/**']
functions:
  main:
    handler: main.handler
    timeout: 30
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt Orders.StreamArn
          batchSize: 50
          filterPatterns:
            - eventName: [REMOVE]
              userIdentity: {type: [Service]}
          maximumRetryAttempts: 3
          bisectBatchOnFunctionError: true
          destinations: {onFailure: 'arn:aws:sqs:eu-west-1:123456789012:failures'}
resources:
  Resources:
    Orders:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: orders
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
"""
CODE = """\
def handler(event, context):
    table.put_item(Item={})
"""

Change = tuple[str, str]


class Found:
    """What was found in a project."""

    def __init__(self, findings: list[Finding], text: str) -> None:
        self.findings = findings
        for finding in findings:  # what is to be pasted is YAML, or else a sentence
            if not finding.fix.endswith("."):
                load_yaml(finding.fix, finding.code)
        self._lines = text.splitlines()

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    def only(self, code: str) -> Finding:
        """The one finding of a rule."""
        [finding] = [finding for finding in self.findings if finding.code == code]
        return finding

    def line(self, code: str) -> str:
        """The line that the one finding of a rule points at, from its column on."""
        place = self.only(code).place
        return self._lines[place.line - 1][place.column - 1 :]


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Found]:
    """`found((old, new), ..., code=..., files=..., more=...)`: what is found once `old` has become `new`.

    The code is that of main.py; None for no such file. What `more` has goes to the end of the project file.
    """

    def make(
        *changes: Change,
        code: str | None = CODE,
        files: dict[str, str] | None = None,
        more: str = "",
        text: str = CLEAN,
    ) -> Found:
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "serverless.yml"
        path.write_text(text + more, encoding="utf-8")
        for name, content in ({} if code is None else {"main.py": code} | (files or {})).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        return Found(check(load(path, environ={})), text + more)

    return make
