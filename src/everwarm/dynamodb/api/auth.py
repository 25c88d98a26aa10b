"""Whether a request says who asks: AWS's Signature Version 4, in a header or in the query string.

Here only its form is looked at, as it always is on AWS. Whether it is true: signatures.py, if credentials are given.
"""

import re
from functools import lru_cache

from everwarm.dynamodb.api.headers import Head, Headers
from everwarm.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)

_IN_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
_IN_HEADER = ("Credential", "Signature", "SignedHeaders")
_START = re.compile(rb"AWS4-HMAC-SHA256 Credential=[^=, ]+, SignedHeaders=[^=, ]+,")
_SEPARATORS = re.compile(r"[, ]+")


def well_formed(headers: Headers, query_string: bytes) -> bool:
    """Whether a request is certainly signed in the way that most are: completely, in its headers. Quick."""
    start, _, signature = headers.get(b"authorization", b"").rpartition(b" Signature=")
    return bool(signature and _begins_well(start) and not query_string and b"x-amz-date" in headers)


def check_form(head: Head) -> None:
    """Whether a request is signed in any way that AWS knows.

    Raises:
        MissingAuthenticationTokenException: there is no signature.
        IncompleteSignatureException: it lacks a part.
        InvalidSignatureException: there are two.
    """
    if well_formed(head.headers, head.query_string):
        return
    header = head.text(b"authorization")
    in_query = "X-Amz-Algorithm" in head.query()
    if b"authorization" in head.headers:
        if in_query:
            raise InvalidSignatureException(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
            )
        if header.strip().startswith("AWS4-"):
            _check_header(header, head)
            return
    elif in_query:
        _check_query(head.query())
        return
    raise MissingAuthenticationTokenException("Request is missing Authentication Token")


def header_parameters(header: str) -> dict[str, str]:
    """The parameters of an `Authorization` header, those that have a value."""
    parts = (part.partition("=") for part in _SEPARATORS.split(header.strip())[1:])
    return {name: value for name, _, value in parts if value}


@lru_cache(maxsize=1024)
def _begins_well(start: bytes) -> bool:
    """Whether a header is complete up to its signature. That much of it is the same for all requests of a day."""
    return _START.fullmatch(start) is not None


def _check_query(query: dict[str, str]) -> None:
    missing = [name for name in _IN_QUERY if not query.get(name)]
    if missing:
        problems = "".join(f"AWS query-string parameters must include '{name}'. " for name in missing)
        raise IncompleteSignatureException(f"{problems}Re-examine the query-string parameters.")


def _check_header(header: str, head: Head) -> None:
    given = header_parameters(header)
    problems = [f"Authorization header requires '{name}' parameter. " for name in _IN_HEADER if name not in given]
    if b"x-amz-date" not in head.headers and b"date" not in head.headers:
        problems.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
    if problems:
        raise IncompleteSignatureException(f"{''.join(problems)}Authorization={header}")
