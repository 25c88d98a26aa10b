"""Who asks: a request has to look signed; whether its signature is true is looked at where credentials are given."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from everwarm.clock import ManualClock
from everwarm.errors import CredentialsError
from everwarm.stack import Stack
from tests.wire.raw import AUTHORIZATION, CORAL, ask, headers, post, send
from tests.wire.refused import refused

QUERY = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "any/20260101/us-east-1/dynamodb/aws4_request",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Expires": "300",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "0123456789abcdef",
}

NO_CREDENTIAL = "Authorization header requires 'Credential' parameter. "
NO_SIGNATURE = "Authorization header requires 'Signature' parameter. "
NO_HEADERS = "Authorization header requires 'SignedHeaders' parameter. "
NO_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "


def path(query: dict[str, str]) -> str:
    return "/?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())


@pytest.mark.parametrize("authorization", [None, "Basic YTpi", "AWS4"])
def test_no_signature(connection: http.client.HTTPConnection, authorization: str | None) -> None:
    assert post(connection, "ListTables", b"{}", authorization=authorization) == (
        400,
        {
            "__type": f"{CORAL}#MissingAuthenticationTokenException",
            "message": "Request is missing Authentication Token",
        },
    )


@pytest.mark.parametrize(
    ("authorization", "date", "problems"),
    [
        ("AWS4-HMAC-SHA256", "20260101T000000Z", NO_CREDENTIAL + NO_SIGNATURE + NO_HEADERS),
        ("AWS4-", None, NO_CREDENTIAL + NO_SIGNATURE + NO_HEADERS + NO_DATE),
        (
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host",
            "20260101T000000Z",
            NO_SIGNATURE,
        ),
        ("AWS4-HMAC-SHA256 Credential=,Signature=b,SignedHeaders=c", "20260101T000000Z", NO_CREDENTIAL),
        (AUTHORIZATION, None, NO_DATE),
    ],
)
def test_half_a_signature(
    connection: http.client.HTTPConnection, authorization: str, date: str | None, problems: str
) -> None:
    assert post(connection, "ListTables", b"{}", authorization=authorization, x_amz_date=date) == (
        400,
        {
            "__type": f"{CORAL}#IncompleteSignatureException",
            "message": f"{problems}Authorization={authorization}",
        },
    )


def test_a_date_header_will_do(connection: http.client.HTTPConnection) -> None:
    status, _ = post(connection, "ListTables", b"{}", x_amz_date=None, date="Thu, 01 Jan 2026 00:00:00 GMT")
    assert status == 200


def test_a_signature_in_the_query(connection: http.client.HTTPConnection) -> None:
    status, _, _ = send(connection, "ListTables", b"{}", path(QUERY), authorization=None)
    assert status == 200


def test_two_signatures(connection: http.client.HTTPConnection) -> None:
    status, _, body = send(connection, "ListTables", b"{}", path(QUERY))
    assert (status, json.loads(body)) == (
        400,
        {
            "__type": f"{CORAL}#InvalidSignatureException",
            "message": "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        },
    )


def test_half_a_signature_in_the_query(connection: http.client.HTTPConnection) -> None:
    half = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": ""}
    status, _, body = send(connection, "ListTables", b"{}", path(half), authorization=None)
    assert (status, json.loads(body)) == (
        400,
        {
            "__type": f"{CORAL}#IncompleteSignatureException",
            "message": (
                "AWS query-string parameters must include 'X-Amz-Credential'. "
                "AWS query-string parameters must include 'X-Amz-Signature'. "
                "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
                "AWS query-string parameters must include 'X-Amz-Date'. "
                "Re-examine the query-string parameters."
            ),
        },
    )


# AWS looks at the operation and reads the JSON before it asks who is there, and checks the request after that.
def test_the_order_of_checks(connection: http.client.HTTPConnection) -> None:
    def code(action: str, body: bytes) -> str:
        answer = post(connection, action, body, authorization=None)[1]
        return str(answer["__type"]).partition("#")[2]

    assert code("MakeCoffee", b"{") == "SerializationException"
    assert code("MakeCoffee", b"{}") == "UnknownOperationException"
    assert code("GetItem", b"{}") == "MissingAuthenticationTokenException"
    # A body that is not there is missed last.
    assert code("MakeCoffee", b"") == "UnknownOperationException"
    assert code("GetItem", b"") == "MissingAuthenticationTokenException"
    assert post(connection, "GetItem", b"") == (400, {"__type": f"{CORAL}#SerializationException"})


CREDENTIALS = """\
[default]
aws_access_key_id = AKIDANN
aws_secret_access_key = ann/secret+with=signs

[region-only]
region = eu-west-1

[visitor]
aws_access_key_id = ASIAVISITOR
aws_secret_access_key = visitor-secret
aws_session_token = visitor-token
"""
ANN = Credentials("AKIDANN", "ann/secret+with=signs")
VISITOR = Credentials("ASIAVISITOR", "visitor-secret", "visitor-token")

UNKNOWN_CLIENT = "The security token included in the request is invalid."
WRONG = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@pytest.fixture(scope="module")
def now() -> ManualClock:
    """botocore signs with the machine's time, so it begins there."""
    return ManualClock(datetime.now(UTC).timestamp())


@pytest.fixture(scope="module")
def guarded(now: ManualClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An endpoint that lets Ann and a visitor in, and nobody else."""
    directory = tmp_path_factory.mktemp("guarded")
    file = directory / "credentials"
    file.write_text(CREDENTIALS)
    with Stack(directory, memory=True, clock=now, credentials=file) as stack:
        yield stack.endpoint


@pytest.fixture
def door(guarded: str) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(guarded)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        yield connection


def client(guarded: str, who: Credentials) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=guarded,
        region_name="eu-west-1",
        aws_access_key_id=who.access_key,
        aws_secret_access_key=who.secret_key,
        aws_session_token=who.token,
        config=Config(retries={"max_attempts": 0}),
    )


@pytest.mark.parametrize("who", [ANN, VISITOR], ids=["ann", "visitor"])
def test_true_signatures(guarded: str, who: Credentials) -> None:
    assert client(guarded, who).list_tables()["TableNames"] == []


@pytest.mark.parametrize(
    ("who", "code", "message"),
    [
        (Credentials("AKIDBOB", "bob"), "UnrecognizedClientException", UNKNOWN_CLIENT),
        (Credentials("ASIAVISITOR", "visitor-secret"), "UnrecognizedClientException", UNKNOWN_CLIENT),
        (Credentials("ASIAVISITOR", "visitor-secret", "old"), "UnrecognizedClientException", UNKNOWN_CLIENT),
        (Credentials("AKIDANN", "guessed"), "InvalidSignatureException", WRONG),
    ],
)
def test_false_signatures(guarded: str, who: Credentials, code: str, message: str) -> None:
    with refused(code, message):
        client(guarded, who).list_tables()


def signed(guarded: str, body: bytes, signer: type[SigV4Auth] = SigV4Auth) -> AWSRequest:
    request = AWSRequest("POST", guarded + "/", data=body, headers=headers("ListTables", authorization=None))
    del request.headers["x-amz-date"]
    signer(ANN, "dynamodb", "us-east-1").add_auth(request)
    return request


def deliver(door: http.client.HTTPConnection, request: AWSRequest, body: bytes) -> tuple[int, str]:
    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    status, _, answer = ask(door, "POST", target, body, dict(request.headers.items()))
    return status, json.loads(answer).get("message", "")


def test_a_body_that_was_changed_on_its_way(guarded: str, door: http.client.HTTPConnection) -> None:
    assert deliver(door, signed(guarded, b"{}"), b"{}")[0] == 200
    assert deliver(door, signed(guarded, b"{}"), b"{ }") == (400, WRONG)


def test_a_header_that_was_changed_on_its_way(guarded: str, door: http.client.HTTPConnection) -> None:
    request = signed(guarded, b"{}")
    request.headers.replace_header("x-amz-target", "DynamoDB_20120810.DeleteTable")
    assert deliver(door, request, b"{}") == (400, WRONG)


class QueryAuth(SigV4QueryAuth):  # type: ignore[misc]
    """botocore's signs URLs without a body; this one says that there is one."""

    def payload(self, request: AWSRequest) -> str:
        return sha256(b"{}").hexdigest()


def test_a_presigned_url(guarded: str, door: http.client.HTTPConnection) -> None:
    request = signed(guarded, b"", QueryAuth)
    assert "X-Amz-Signature" in request.url
    assert deliver(door, request, b"{}")[0] == 200
    request.url = request.url.replace("X-Amz-Expires=3600", "X-Amz-Expires=9600")
    assert deliver(door, request, b"{}") == (400, WRONG)


def test_a_signature_for_another_service(guarded: str, door: http.client.HTTPConnection) -> None:
    request = signed(guarded, b"{}")
    request.headers.replace_header(
        "Authorization", request.headers["Authorization"].replace("/dynamodb/aws4_request", "/s3/aws4_request")
    )
    problem = "Credential should be scoped to correct service: 'dynamodb'. "
    assert deliver(door, request, b"{}") == (400, problem)


# The key that is derived from a secret is one day's.
def test_a_signature_of_another_day(guarded: str, door: http.client.HTTPConnection) -> None:
    request = signed(guarded, b"{}")
    time = request.context["timestamp"]
    authorization = request.headers["Authorization"].replace(f"/{time[:8]}/", "/20200101/")
    request.headers.replace_header("Authorization", authorization)
    assert deliver(door, request, b"{}") == (
        400,
        (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'20200101' != '{time[:8]}', from '{time}'."
        ),
    )


# A signature is good for 15 minutes.
def test_an_old_signature(guarded: str, door: http.client.HTTPConnection, now: ManualClock) -> None:
    request = signed(guarded, b"{}")
    when = request.context["timestamp"]
    now.advance(20 * 60)
    today = datetime.fromtimestamp(now.now(), UTC)
    limit = today - timedelta(minutes=15)
    assert deliver(door, request, b"{}") == (
        400,
        f"Signature expired: {when} is now earlier than {limit:%Y%m%dT%H%M%SZ} ({today:%Y%m%dT%H%M%SZ} - 15 min.)",
    )


def test_what_is_not_signed_at_all(door: http.client.HTTPConnection) -> None:
    assert post(door, "ListTables", b"{}", authorization=None)[1]["__type"].endswith(
        "MissingAuthenticationTokenException"
    )
    assert ask(door, "GET")[0] == 200


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "cannot be read as a file of credentials"),
        ("", "no profile has an aws_access_key_id"),
        ("[default]\nregion = eu-west-1\n", "no profile has an aws_access_key_id"),
        ("[default]\naws_access_key_id = a\n", "the profile default needs both"),
        ("aws_access_key_id = a\n", "cannot be read as a file of credentials"),
    ],
)
def test_a_file_that_will_not_do(tmp_path: Path, text: str | None, problem: str) -> None:
    file = tmp_path / "credentials"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CredentialsError, match=problem):
        Stack(tmp_path, memory=True, credentials=file)
