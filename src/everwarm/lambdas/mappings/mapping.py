"""What a mapping is: one stream, one function, and the settings between them."""

import uuid
from dataclasses import dataclass, field

from everwarm.lambdas.mappings.settings import MappingSettings


@dataclass(frozen=True, slots=True)
class Mapping:
    """An event source mapping.

    Attributes:
        function_name: the deployed name of the function.
        stream_arn: the stream that is read.
        settings: how.
        given_id: its UUID, if it has one of its own.
        qualifier: the version or alias that was named beside the function; None where none was.
    """

    function_name: str
    stream_arn: str
    settings: MappingSettings = field(default_factory=MappingSettings)
    given_id: str | None = None
    qualifier: str | None = None

    @property
    def id(self) -> str:
        """The UUID. Unless it was given one, it is the same for the same function and stream, so that a restart finds
        the mapping's position.
        """
        return self.given_id or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.stream_arn}#{self.function_name}"))
