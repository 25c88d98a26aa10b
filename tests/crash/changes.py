"""Changes of functions and mappings through the Lambda API, while a stack is written to and killed.

A function `extra` and its mapping are made once and stay; their settings change all the time. Another one, `brief`,
comes and goes. Shards are split, up to `MOST_SHARDS`. What was answered has to hold after the next start.
"""

import http.client
import io
import json
import random
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from everwarm.control.client import RunningStack
from everwarm.errors import ControlError, NotRunning
from tests.crash.project import HANDLER
from tests.stack.support import client

EXTRA = "extra"
BRIEF = "brief"
ASKED = "shop-dev-asked"

MOST_SHARDS = 4

# What AWS refuses while an earlier change is being carried out, and what a change that was not answered may leave.
_FOR_NOW = ("ResourceInUseException", "ResourceConflictException", "ResourceNotFoundException")


@dataclass
class Changer:
    """One client that changes mappings, over the lives of many stacks.

    Attributes:
        mapping_id: of the mapping of `extra`; None until it was made and answered.
        maybe: the settings that it may have: those that were answered last, and those that were asked for since.
        answered: how many changes were answered.
        shards: how many are open, at the least.
        asked, accepted: the number of the last asynchronous call, and of all that were taken.
    """

    notes: Path
    chance: random.Random
    mapping_id: str | None = None
    maybe: list[dict[str, Any]] = field(default_factory=list)
    answered: int = 0
    shards: int = 0
    asked: int = 0
    accepted: set[int] = field(default_factory=set)

    def work(self, endpoint: str, stream_arn: str, stop: Event) -> None:
        """Change something now and then, until nobody answers any more, or `stop`."""
        functions = client("lambda", endpoint)
        control = RunningStack(endpoint)
        try:
            self.check(functions)
            self._check_shards(control)
            while not stop.wait(self.chance.uniform(0.02, 0.2)):
                try:
                    kind = self.chance.random()
                    if kind < 0.1:
                        self._split(control)
                    elif kind < 0.4:
                        self._ask(functions)
                    else:
                        self._one(functions, stream_arn)
                except ClientError as err:
                    if err.response["Error"]["Code"] not in _FOR_NOW:
                        raise
        except (BotoCoreError, NotRunning, ConnectionError, http.client.HTTPException):
            pass  # it has been killed, or is ending
        finally:
            functions.close()

    def check(self, functions: Any) -> None:
        """What was answered holds after a start."""
        if self.mapping_id is not None:
            found = functions.get_event_source_mapping(UUID=self.mapping_id)
            settings = {name: found[name] for name in ("BatchSize", "ParallelizationFactor")}
            assert settings in self.maybe, f"{settings} is none of {self.maybe}"
            functions.get_function(FunctionName=EXTRA)
            self.maybe = [settings]

    def _ask(self, functions: Any) -> None:
        """Call a function asynchronously."""
        self.asked += 1
        number = self.asked
        functions.invoke(FunctionName=ASKED, InvocationType="Event", Payload=json.dumps({"id": number}))
        self.accepted.add(number)

    def _check_shards(self, control: RunningStack) -> None:
        open_shards = control.call("streams/describe", stream="cache")["stream"]["open_shards"]
        assert open_shards >= self.shards, f"{open_shards} shards are open, of {self.shards}"
        self.shards = open_shards

    def _split(self, control: RunningStack) -> None:
        shards = [shard for shard in control.call("streams/describe", stream="cache")["shards"] if shard["open"]]
        if len(shards) < MOST_SHARDS:
            try:
                control.call("streams/split", stream="cache", shard=self.chance.choice(shards)["id"])
            except ControlError:
                return  # it has just been replaced, being old
            self.shards = len(shards) + 1
            self.answered += 1

    def settle(self, functions: Any) -> None:
        """Have the mapping of `extra` run."""
        assert self.mapping_id is not None
        functions.update_event_source_mapping(UUID=self.mapping_id, Enabled=True)

    def _one(self, functions: Any, stream_arn: str) -> None:
        if self.mapping_id is None:
            self._make(functions, stream_arn)
        elif self.chance.random() < 0.2:
            self._come_and_go(functions, stream_arn)
        else:
            settings = self._settings()
            self.maybe.append(settings)
            enabled = self.chance.random() < 0.8
            try:
                functions.update_event_source_mapping(UUID=self.mapping_id, Enabled=enabled, **settings)
            except ClientError:
                self.maybe.pop()
                raise
            self.maybe = [settings]
        self.answered += 1

    def _settings(self) -> dict[str, Any]:
        return {"BatchSize": self.chance.choice([5, 50, 100]), "ParallelizationFactor": self.chance.choice([1, 3])}

    def _make(self, functions: Any, stream_arn: str) -> None:
        names = {function["FunctionName"] for function in functions.list_functions()["Functions"]}
        if EXTRA not in names:
            self._make_function(functions, EXTRA)
        found = functions.list_event_source_mappings(FunctionName=EXTRA)["EventSourceMappings"]
        if not found:
            settings = self._settings()
            functions.create_event_source_mapping(
                FunctionName=EXTRA, EventSourceArn=stream_arn, StartingPosition="TRIM_HORIZON", **settings
            )
            found = functions.list_event_source_mappings(FunctionName=EXTRA)["EventSourceMappings"]
        self.maybe = [{name: found[0][name] for name in ("BatchSize", "ParallelizationFactor")}]
        self.mapping_id = found[0]["UUID"]

    def _come_and_go(self, functions: Any, stream_arn: str) -> None:
        names = {function["FunctionName"] for function in functions.list_functions()["Functions"]}
        if BRIEF not in names:
            self._make_function(functions, BRIEF)
            functions.create_event_source_mapping(
                FunctionName=BRIEF, EventSourceArn=stream_arn, StartingPosition="LATEST", BatchSize=10
            )
            return
        for mapping in functions.list_event_source_mappings(FunctionName=BRIEF)["EventSourceMappings"]:
            functions.delete_event_source_mapping(UUID=mapping["UUID"])
        functions.delete_function(FunctionName=BRIEF)

    def _make_function(self, functions: Any, name: str) -> None:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as file:
            file.writestr("main.py", HANDLER)
        functions.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="main.steady",
            Code={"ZipFile": package.getvalue()},
            Timeout=60,
            Environment={"Variables": {"NOTES": str(self.notes)}},
        )
