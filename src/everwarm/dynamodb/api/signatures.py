"""Whether a signature is true: worked out again by botocore's own signer, and compared.

Its form was looked at before (auth.py). Which keys there are: credentials.py.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from everwarm.dynamodb.api.auth import header_parameters
from everwarm.dynamodb.api.credentials import Keys
from everwarm.dynamodb.api.headers import Head
from everwarm.errors import IncompleteSignatureException, InvalidSignatureException, UnrecognizedClientException

TERMINATOR = "aws4_request"
MAX_AGE = timedelta(minutes=15)
MAX_AHEAD = timedelta(minutes=5)

_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_UNKNOWN = UnrecognizedClientException("The security token included in the request is invalid.")
_WRONG = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of itself."""

    credential: str
    signed_headers: str
    signature: str
    time: str
    token: str | None
    max_age: timedelta
    query: list[tuple[str, str]]


class _Signer(SigV4Auth):  # type: ignore[misc]
    def headers_to_sign(self, request: Any) -> Any:
        # The request has only headers that were signed; botocore would leave out some that others sign.
        return request.headers


def check_signature(head: Head, body: bytes, keys: Keys, now: float, service: str = "dynamodb") -> None:
    """
    Args:
        body: as it was sent.
        now: seconds since 1970.
        service: the one that is asked, as signatures name it.

    Raises:
        UnrecognizedClientException: nobody here has that access key.
        InvalidSignatureException: the signature is not of that key's owner, or too old.
        IncompleteSignatureException: parts of it are not of the right form.
    """
    claim = _claim(head)
    access_key, *scope = claim.credential.split("/")
    if len(scope) != 4:
        raise IncompleteSignatureException(
            f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{claim.credential}'"
        )
    key = keys.get(access_key)
    if key is None or key.token != claim.token:
        raise _UNKNOWN
    _check_scope(claim, service, *scope)
    _check_time(claim, now)
    region = scope[1]
    signer = _Signer(Credentials(access_key, key.secret, key.token), service, region)
    request = _request(head, body, claim)
    expected: str = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    true_body = head.text(b"x-amz-content-sha256") in ("", "UNSIGNED-PAYLOAD", sha256(body).hexdigest())
    if not true_body or not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise InvalidSignatureException(_WRONG)


def _claim(head: Head) -> _Claim:
    # One name may stand there more than once.
    pairs = parse_qsl(head.query_string.decode("latin-1"), keep_blank_values=True)
    if b"authorization" in head.headers:
        given = header_parameters(head.text(b"authorization"))
        token = head.text(b"x-amz-security-token") or None
        time = head.text(b"x-amz-date") or head.text(b"date")
        return _Claim(given["Credential"], given["SignedHeaders"], given["Signature"], time, token, MAX_AGE, pairs)
    query = dict(pairs)
    expires_s = query.get("X-Amz-Expires", "")
    max_age = timedelta(seconds=int(expires_s)) if expires_s.isdecimal() and len(expires_s) < 8 else MAX_AGE
    return _Claim(
        query["X-Amz-Credential"],
        query["X-Amz-SignedHeaders"],
        query["X-Amz-Signature"],
        query["X-Amz-Date"],
        query.get("X-Amz-Security-Token"),
        max_age,
        [pair for pair in pairs if pair[0] != "X-Amz-Signature"],
    )


def _check_scope(claim: _Claim, asked: str, date: str, region: str, service: str, terminator: str) -> None:
    if service != asked:
        raise InvalidSignatureException(f"Credential should be scoped to correct service: '{asked}'. ")
    if terminator != TERMINATOR:
        raise InvalidSignatureException(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'. "
        )
    if date != claim.time[: len("YYYYMMDD")]:
        raise InvalidSignatureException(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{date}' != '{claim.time[: len('YYYYMMDD')]}', from '{claim.time}'."
        )


def _check_time(claim: _Claim, now: float) -> None:
    try:
        signed = datetime.strptime(claim.time, _TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise IncompleteSignatureException(
            f"Date must be in ISO-8601 'basic format'. Got '{claim.time}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None
    today = datetime.fromtimestamp(now, UTC)
    if signed < today - claim.max_age:
        raise InvalidSignatureException(
            f"Signature expired: {claim.time} is now earlier than {today - claim.max_age:{_TIME_FORMAT}} "
            f"({today:{_TIME_FORMAT}} - {_minutes(claim.max_age)} min.)"
        )
    if signed > today + MAX_AHEAD:
        raise InvalidSignatureException(
            f"Signature not yet current: {claim.time} is still later than {today + MAX_AHEAD:{_TIME_FORMAT}} "
            f"({today:{_TIME_FORMAT}} + {_minutes(MAX_AHEAD)} min.)"
        )


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _request(head: Head, body: bytes, claim: _Claim) -> AWSRequest:
    """The request as it was when it was signed."""
    host = head.text(b"host")
    url = f"http://{host}{head.path}" + (
        f"?{urlencode(claim.query, quote_via=quote, safe='-_.~')}" if claim.query else ""
    )
    request = AWSRequest(head.method, url, data=body)
    for name in claim.signed_headers.split(";"):
        if name == "x-amz-content-sha256" or name.encode("latin-1", "replace") in head.headers:
            request.headers[name] = head.text(name.encode("latin-1"))
    request.context["timestamp"] = claim.time
    return request
