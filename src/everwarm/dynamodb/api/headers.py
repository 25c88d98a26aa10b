"""A request's line and headers, as far as the endpoint looks at them."""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from everwarm.listener import Scope


class Head(NamedTuple):
    """What comes before the body.

    Attributes:
        headers: by their names in lower case; of a header that is given twice, the last one.
    """

    method: str
    path: str
    query_string: bytes
    headers: dict[bytes, bytes]

    @classmethod
    def of(cls, scope: Scope) -> "Head":
        """The head of a request that the HTTP server has read."""
        headers: Any = scope["headers"]
        return cls(scope["method"], scope["path"], scope["query_string"], dict(headers))

    def text(self, name: bytes) -> str:
        """A header's value; empty where there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    def query(self) -> dict[str, str]:
        """The parameters of the query string."""
        if not self.query_string:
            return {}
        return dict(parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True))
