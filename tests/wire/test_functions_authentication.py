"""Who may use the Lambda API: as for DynamoDB, a signature of a key that is let in, for the service `lambda`."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from everwarm.stack import Stack
from tests.wire.functions import make_function
from tests.wire.refused import refused

CREDENTIALS = "[default]\naws_access_key_id = one\naws_secret_access_key = secret\n"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("guarded")
    file = directory / "credentials"
    file.write_text(CREDENTIALS)
    with Stack(directory, memory=True, credentials=file) as stack:
        yield stack.endpoint


def client(endpoint: str, key: str, secret: str, service: str = "lambda") -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}),
    )


def test_a_key_that_is_let_in(guarded: str) -> None:
    """ARNs in paths, repeated query parameters, and binary payloads are all part of what is signed."""
    lambda_ = client(guarded, "one", "secret")
    name = make_function(lambda_, Tags={"a": "1", "b c": "2", "d": "3"})
    arn = lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert lambda_.get_function(FunctionName=arn, Qualifier="$LATEST")["Configuration"]["FunctionName"] == name
    lambda_.untag_resource(Resource=arn, TagKeys=["a", "b c"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"d": "3"}
    assert lambda_.invoke(FunctionName=arn, Payload=b'"\xc3\xa9"')["Payload"].read().decode() == '"\\u00e9"'


def test_a_wrong_secret(guarded: str) -> None:
    with refused("InvalidSignatureException", begins="The request signature we calculated does not match") as caught:
        client(guarded, "one", "wrong").list_functions()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_key_that_nobody_has(guarded: str) -> None:
    with refused("UnrecognizedClientException", "The security token included in the request is invalid.") as caught:
        client(guarded, "two", "secret").list_functions()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_handler_is_let_in(guarded: str) -> None:
    lambda_ = client(guarded, "one", "secret")
    source = """
        import boto3
        def handler(event, context):
            found = boto3.client("lambda").get_function(FunctionName=context.function_name)
            return found["Configuration"]["Handler"]
    """
    name = make_function(lambda_, source)
    assert lambda_.invoke(FunctionName=name)["Payload"].read() == b'"main.handler"'
