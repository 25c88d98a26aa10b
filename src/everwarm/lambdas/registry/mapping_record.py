"""An event source mapping as the registry has it: what is carried out, and what the Lambda API shows of it besides."""

import dataclasses
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition


class State(StrEnum):
    """What a mapping is doing, in the words of the Lambda API."""

    CREATING = "Creating"
    ENABLING = "Enabling"
    ENABLED = "Enabled"
    DISABLING = "Disabling"
    DISABLED = "Disabled"
    UPDATING = "Updating"
    DELETING = "Deleting"

    @property
    def settled(self) -> bool:
        """Whether it stays so until somebody changes it."""
        return self in (State.ENABLED, State.DISABLED)


@dataclass(frozen=True, slots=True)
class MappingRecord:
    """One mapping.

    Attributes:
        mapping: what is carried out.
        modified_s: when it was last changed, in epoch seconds.
        shown: what the API was given and nothing here obeys, in the form of its response: `KMSKeyArn` and the like.
        tags: by their keys.
        declared: it is in the project file, so changes of it last until the next start only.
    """

    mapping: Mapping
    modified_s: float
    shown: MappingOf[str, Any] = field(default_factory=dict)
    tags: MappingOf[str, str] = field(default_factory=dict)
    declared: bool = False

    @property
    def id(self) -> str:
        """The UUID."""
        return self.mapping.id

    def to_record(self) -> dict[str, Any]:
        """What is kept of it on the disk."""
        record = dataclasses.asdict(self)
        del record["declared"]
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "MappingRecord":
        """What was kept on the disk."""
        own = dict(record)
        mapping = dict(own.pop("mapping"))
        if "qualifier" in own:  # where earlier versions kept it
            mapping["qualifier"] = own.pop("qualifier")
        settings = dict(mapping.pop("settings"))
        settings["starting_position"] = StartingPosition(settings["starting_position"])
        settings["filters"] = tuple(settings["filters"])
        return cls(Mapping(**mapping, settings=MappingSettings(**settings)), **own)
