from collections.abc import Callable

import pytest

from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]

DESTINATION = "{onFailure: 'arn:aws:sqs:eu-west-1:123456789012:failures'}"
RESOURCES = (
    "    Queue: {Type: AWS::SQS::Queue}\n    Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}\n"
    "    Topic: {Type: AWS::SNS::Topic}\n"
)


def to(found: Find, destination: str) -> Found:
    result = found((DESTINATION, destination), more=RESOURCES)
    result.findings = [finding for finding in result.findings if finding.code != "not-run-here"]
    return result


# event-source-mapping.md, section 1: standard SQS queue, standard SNS topic, or S3 bucket.
@pytest.mark.parametrize(
    "destination",
    [
        "{onFailure: 'arn:aws:sqs:eu-west-1:123456789012:failures.fifo'}",
        "{onFailure: 'arn:aws:sns:eu-west-1:123456789012:failures.fifo'}",
        "{onFailure: {arn: !GetAtt Fifo.Arn, type: sqs}}",
    ],
)
def test_a_fifo_queue(found: Find, destination: str) -> None:
    result = to(found, destination)
    assert result.codes == ["fifo-destination"]
    assert result.line("fifo-destination").startswith("destinations:")


@pytest.mark.parametrize(
    ("destination", "told"),
    [
        ("{onFailure: {arn: !GetAtt Queue.Arn, type: sqs}}", False),
        ("{onFailure: {arn: !Ref Topic, type: sns}}", False),
        ("{onFailure: {arn: !GetAtt Queue.Arn, type: sns}}", True),
        ("{onFailure: {arn: !Ref Topic, type: sqs}}", True),
    ],
)
def test_a_type_that_is_not_the_arn_s(found: Find, destination: str, told: bool) -> None:
    assert to(found, destination).codes == (["destination-type"] if told else [])
