"""A function as it is deployed: what its workers run, and what the Lambda API shows of it besides.

Not here: the form in which the API shows it (`everwarm.lambdas.api.configuration`).
"""

import dataclasses
import uuid
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from everwarm.lambdas.functions import LATEST, Function


@dataclass(frozen=True, slots=True)
class Code:
    """Where a function's code lies.

    Attributes:
        directory: what came by the API is unpacked below it, see `package.py`; of the project file's functions it is
            the project's own.
        sha256: of the package, in base64, as the API shows it.
        size_bytes: of the package.
    """

    directory: Path
    sha256: str
    size_bytes: int

    @classmethod
    def of_package(cls, package: bytes, directory: Path) -> "Code":
        """The code of a zip file that is unpacked in `directory`."""
        return cls(directory, b64encode(sha256(package).digest()).decode(), len(package))


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name for a version, or for two of them.

    Attributes:
        version: the one that it stands for.
        weights: of other versions: the share of the calls that they get.
        revision: another one after each change.
    """

    version: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))

    def choose(self, chance: float) -> str:
        """The version of one call.

        Args:
            chance: from 0 to 1; 1 is always the version that it stands for.
        """
        for version, weight in self.weights.items():
            if chance < weight:
                return version
            chance -= weight
        return self.version


@dataclass(frozen=True, slots=True)
class Deployed:
    """One function.

    Attributes:
        function: what the workers run; its `name` is the function's.
        code: its package.
        settings: what else CreateFunction was given, in the form of its request: `Role`, `Description` and so on.
        modified_s: when it was last changed, in epoch seconds.
        revision: another one after each change.
        tags: by their keys.
        event_invoke: MaximumRetryAttempts, MaximumEventAgeInSeconds and DestinationConfig of asynchronous calls, in
            the form of PutFunctionEventInvokeConfig, and LastModified in epoch seconds; None where nobody has set them.
        policy: the statements of its policy, by their ids.
        versions: those that were published, by their numbers; each one a function by itself, that never changes.
        last_version: the number of the one that was published last, though it may be deleted.
        aliases: by their names.
        declared: it is in the project file, so changes of it last until the next start only.
    """

    function: Function
    code: Code
    settings: Mapping[str, Any]
    modified_s: float
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))
    tags: Mapping[str, str] = field(default_factory=dict)
    event_invoke: Mapping[str, Any] | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, "Deployed"] = field(default_factory=dict)
    last_version: int = 0
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    declared: bool = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name

    @property
    def arn(self) -> str:
        """The function's ARN, without a version."""
        return self.function.arn

    @classmethod
    def from_project(cls, function: Function, now_s: float) -> "Deployed":
        """A function of the project file. Nothing was packaged: the file of its handler stands for the code."""
        module = function.code_dir / f"{function.handler.rpartition('.')[0]}.py"
        source = module.read_bytes() if module.is_file() else b""
        settings: dict[str, Any] = {"Role": f"arn:aws:iam::{function.account}:role/{function.name}"}
        if function.asynchronous.dead_letter is not None:
            settings["DeadLetterConfig"] = {"TargetArn": function.asynchronous.dead_letter}
        event_invoke = function.asynchronous.to_event_invoke()
        return cls(
            function,
            Code.of_package(source, function.code_dir),
            settings,
            modified_s=now_s,
            event_invoke=None if event_invoke is None else {**event_invoke, "LastModified": now_s},
            declared=True,
        )

    def changed(self, now_s: float, **changes: Any) -> "Deployed":
        """The function after a change, with a revision of its own."""
        return dataclasses.replace(self, modified_s=now_s, revision=str(uuid.uuid4()), **changes)

    def at(self, qualifier: str | None, chance: float = 1.0) -> "Deployed | None":
        """The version that goes by a qualifier, its number or an alias; None if there is no such one.

        Args:
            chance: from 0 to 1, for an alias of two versions.
        """
        if qualifier is not None and qualifier in self.aliases:
            qualifier = self.aliases[qualifier].choose(chance)
        return self if qualifier in (None, LATEST) else self.versions.get(qualifier)

    def published(self, description: str | None = None) -> tuple["Deployed", "Deployed"]:
        """The function with one version more, and that version; if nothing has changed since, the last one again."""
        last = self.versions.get(str(self.last_version))
        if last is not None and last._is_like(self):
            return self, last
        number = self.last_version + 1
        settings = self.settings if description is None else {**self.settings, "Description": description}
        version = Deployed(
            dataclasses.replace(self.function, version=str(number)), self.code, settings, self.modified_s
        )
        return dataclasses.replace(self, versions={**self.versions, str(number): version}, last_version=number), version

    def directories(self) -> set[Path]:
        """Where code of this function lies that is still to be had, its versions' included."""
        return {self.code.directory, *(version.code.directory for version in self.versions.values())}

    def _is_like(self, other: "Deployed") -> bool:
        """Whether code and settings are the same."""
        function = dataclasses.replace(
            self.function, version=other.function.version, reserved_concurrency=other.function.reserved_concurrency
        )
        mine, others = ({**one.settings, "Description": ""} for one in (self, other))
        return self.code == other.code and function == other.function and mine == others

    def to_record(self) -> dict[str, Any]:
        """What is kept of it on the disk. The place of its code is kept as a name beside others."""
        function = dataclasses.asdict(self.function)
        function["code_dir"] = self.code.directory.name
        del function["asynchronous"]  # of the project file's functions alone, which are not kept
        return {
            "function": function,
            "sha256": self.code.sha256,
            "size_bytes": self.code.size_bytes,
            "settings": self.settings,
            "modified_s": self.modified_s,
            "revision": self.revision,
            "tags": self.tags,
            "event_invoke": self.event_invoke,
            "policy": self.policy,
            "versions": {number: version.to_record() for number, version in self.versions.items()},
            "last_version": self.last_version,
            "aliases": {name: dataclasses.asdict(alias) for name, alias in self.aliases.items()},
        }

    @classmethod
    def from_record(cls, record: dict[str, Any], code_root: Path) -> "Deployed":
        """What was kept on the disk.

        Args:
            code_root: where the code of all functions is.
        """
        own = dict(record)
        settings = dict(own.pop("function"))
        directory = code_root / settings.pop("code_dir")
        function = Function(**settings, code_dir=directory / "code")
        code = Code(directory, own.pop("sha256"), own.pop("size_bytes"))
        versions = {number: cls.from_record(version, code_root) for number, version in own.pop("versions", {}).items()}
        aliases = {name: Alias(**alias) for name, alias in own.pop("aliases", {}).items()}
        return cls(function, code, versions=versions, aliases=aliases, **own)
