"""The DynamoDB API as a call: the seam between the engine and everything that stands on it.

Functions, mappings, caches and the console know a `Client` and nothing of the engine, so they run unchanged on this
process's engine (`InProcessClient`), on any endpoint that speaks the protocol, and on AWS (`HttpClient`).
"""

from typing import Any, Protocol


class Client(Protocol):
    """What its users may ask of DynamoDB and DynamoDB Streams."""

    async def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run one operation, `PutItem` or `GetRecords` say, with a request and a response of the wire's form.

        Raises:
            ApiError: what AWS would answer.
        """
        ...

    def stream_mark(self, stream_arn: str) -> int:
        """A mark of where the stream stands now, to be passed to `stream_changed`. Take it before you read."""
        ...

    async def stream_changed(self, stream_arn: str, mark: int) -> None:
        """Return once the stream has, or may have, records that it did not have at `mark`.

        In this process that is the moment of the write; over HTTP it is a pause between two polls.
        """
        ...
