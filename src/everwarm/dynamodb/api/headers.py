"""A request's line and headers, as far as the endpoint looks at them."""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from everwarm.listener import Scope

Headers = dict[bytes, bytes]
"""By their names in lower case; of a header that is given twice, the last one."""


def headers_of(scope: Scope) -> Headers:
    """The headers of a request that the HTTP server has read."""
    headers: Any = scope["headers"]
    return dict(headers)


class Head(NamedTuple):
    """What comes before the body. Only who has to look closely makes one."""

    method: str
    path: str
    query_string: bytes
    headers: Headers

    @classmethod
    def of(cls, scope: Scope, headers: Headers) -> "Head":
        """The head of a request whose headers are known already."""
        return cls(scope["method"], scope["path"], scope["query_string"], headers)

    def text(self, name: bytes) -> str:
        """A header's value; empty where there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    def query(self) -> dict[str, str]:
        """The parameters of the query string."""
        if not self.query_string:
            return {}
        return dict(parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True))
