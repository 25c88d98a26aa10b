"""Resources that exist on AWS and are not created here, but whose names can be told: queues, topics, buckets.

So that a destination has its ARN, and a handler its `QUEUE_URL`, of AWS's form.

Not here: delivering to them (`everwarm.lambdas`).

Source: the "Return values" of AWS::SQS::Queue, AWS::SNS::Topic and AWS::S3::Bucket, CloudFormation reference.
"""

import re
from collections.abc import Callable

from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node
from everwarm.serverless.resources import BUCKET_TYPE, QUEUE_TYPE, TOPIC_TYPE

_NAMED_BY = {QUEUE_TYPE: "QueueName", TOPIC_TYPE: "TopicName", BUCKET_TYPE: "BucketName"}


def attributes(template: Template, stack_name: str, region: str, account: str) -> dict[str, dict[str, str]]:
    """What references to the queues, topics and buckets of a template stand for, by logical id.

    One without a name gets `<stack>-<logical id>`, as a table does; one whose name cannot be told here is left out.

    Raises:
        ProjectError: a name that refers to nothing.
    """
    found: dict[str, dict[str, str]] = {}
    for logical_id, resource in template.resources.items():
        kind = resource.get("Type")
        if kind is None or kind.value not in _NAMED_BY or not template.is_wanted(logical_id, resource):
            continue
        try:
            name = _name(template, str(kind.value), logical_id, resource, stack_name)
        except NotCreatedHere:
            continue
        found[logical_id] = _ATTRIBUTES[str(kind.value)](name, region, account)
    return found


def _name(template: Template, kind: str, logical_id: str, resource: Node, stack_name: str) -> str:
    properties = resource.get("Properties")
    given = None if properties is None else properties.get(_NAMED_BY[kind])
    value = None if given is None else template.evaluate(given)
    if value is not None and value.value is not None:
        return value.text(f"{_NAMED_BY[kind]} of {logical_id}")
    name = f"{stack_name}-{logical_id}"
    if kind == BUCKET_TYPE:
        return re.sub(r"[^a-z0-9.-]", "-", name.lower())[:63]
    fifo = None if properties is None else properties.get("FifoQueue") or properties.get("FifoTopic")
    return f"{name}.fifo" if fifo is not None and fifo.value in (True, "true") else name


def _queue(name: str, region: str, account: str) -> dict[str, str]:
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    return {"Ref": url, "Arn": f"arn:aws:sqs:{region}:{account}:{name}", "QueueName": name, "QueueUrl": url}


def _topic(name: str, region: str, account: str) -> dict[str, str]:
    arn = f"arn:aws:sns:{region}:{account}:{name}"
    return {"Ref": arn, "TopicArn": arn, "TopicName": name}


def _bucket(name: str, region: str, account: str) -> dict[str, str]:
    domain = f"{name}.s3.amazonaws.com"
    regional = f"{name}.s3.{region}.amazonaws.com"
    return {"Ref": name, "Arn": f"arn:aws:s3:::{name}", "DomainName": domain, "RegionalDomainName": regional}


_ATTRIBUTES: dict[str, Callable[[str, str, str], dict[str, str]]] = {
    QUEUE_TYPE: _queue,
    TOPIC_TYPE: _topic,
    BUCKET_TYPE: _bucket,
}
