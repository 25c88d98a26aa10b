"""Tells a queue, a topic or a bucket of a failure, with boto3. Its calls block, so they belong in a thread.

Not here: whether that is done, and what happens if it cannot be (`destinations.py`).
"""

import os
import threading
from collections.abc import Mapping
from typing import Any

import orjson

from everwarm.lambdas.failures.endpoints import AWS
from everwarm.lambdas.failures.record import failure_record, object_key, record_with_payload
from everwarm.lambdas.mappings.destination import Destination, Service
from everwarm.lambdas.mappings.failed import FailedBatch

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
TRIES = 3

ANYBODY = "everwarm"
"""Credentials for endpoints that do not look at them, as emulators do not."""


class Sender:
    """Sends to the queues, topics and buckets of one endpoint."""

    def __init__(self, endpoint: str) -> None:
        """
        Args:
            endpoint: its URL, or `AWS`.
        """
        self._endpoint = endpoint
        # A session makes clients for one thread at a time; the clients themselves may be shared.
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._found: dict[str, str] = {}

    def send(self, destination: Destination, failed: FailedBatch) -> None:
        """Tell a destination of a batch. It has been told on return.

        Raises:
            botocore.exceptions.BotoCoreError: the endpoint could not be reached.
            botocore.exceptions.ClientError: it refused.
            LookupError: there is no such topic.
        """
        region = failed.mapping.stream_arn.split(":")[3]
        if destination.service is Service.S3:
            self.tell(destination, region, orjson.dumps(record_with_payload(failed)), key=object_key(failed))
        else:
            self.tell(destination, region, orjson.dumps(failure_record(failed)))

    def tell(
        self,
        destination: Destination,
        region: str,
        body: bytes,
        *,
        key: str = "",
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Send a message, or put an object. It has been told on return.

        Args:
            region: of a destination whose ARN has none.
            body: JSON.
            key: of the object, where it is a bucket.
            attributes: of the message, where it is not.

        Raises:
            BotoCoreError, ClientError, LookupError: as `send`.
        """
        client = self._client(destination.service, destination.region or region)
        match destination.service:
            case Service.SQS:
                url = self._queue_url(client, destination)
                client.send_message(QueueUrl=url, MessageBody=body.decode(), MessageAttributes=attributes or {})
            case Service.SNS:
                arn = self._topic_arn(client, destination)
                client.publish(TopicArn=arn, Message=body.decode(), MessageAttributes=attributes or {})
            case Service.S3:
                client.put_object(Bucket=destination.name, Key=key, Body=body, ContentType="application/json")

    def _client(self, service: Service, region: str) -> Any:
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._made(service, region)
            return self._clients[service, region]

    def _made(self, service: Service, region: str) -> Any:
        # Imported here: most projects never send anything.
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            # What was given to us counts, whatever a profile says besides.
            ignore_configured_endpoint_urls=True,
            s3={} if self._endpoint == AWS else {"addressing_style": "path"},
        )
        session = boto3.session.Session()
        if self._endpoint == AWS:
            return session.client(service, region_name=region, config=config)
        credentials = {}
        if not os.environ.get("AWS_ACCESS_KEY_ID"):
            # Or else botocore looks for some, as far as the network.
            credentials = {"aws_access_key_id": ANYBODY, "aws_secret_access_key": ANYBODY}
        return session.client(service, region_name=region, config=config, endpoint_url=self._endpoint, **credentials)

    def _queue_url(self, client: Any, queue: Destination) -> str:
        """The URL of a queue. An emulator's account need not be ours, so there the name is enough."""
        if queue.arn not in self._found:
            owner = {"QueueOwnerAWSAccountId": queue.account} if self._endpoint == AWS else {}
            self._found[queue.arn] = client.get_queue_url(QueueName=queue.name, **owner)["QueueUrl"]
        return self._found[queue.arn]

    def _topic_arn(self, client: Any, topic: Destination) -> str:
        """The ARN of a topic, likewise."""
        if self._endpoint == AWS:
            return topic.arn
        if topic.arn not in self._found:
            pages = client.get_paginator("list_topics").paginate()
            arns = [listed["TopicArn"] for page in pages for listed in page["Topics"]]
            named = [arn for arn in arns if arn.rpartition(":")[2] == topic.name]
            if not named:
                raise LookupError(f"there is no topic {topic.name}")
            self._found[topic.arn] = topic.arn if topic.arn in named else named[0]
        return self._found[topic.arn]
