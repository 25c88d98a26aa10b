"""The functions that there are: those of the project file, and those that were made by the Lambda API.

The latter are kept in the store, a record each, and their code below the data directory. One that has the name of a
function of the project file is set aside for as long as the file has it.
"""

import asyncio
import dataclasses
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from everwarm.account import ACCOUNT
from everwarm.clock import Clock
from everwarm.errors import ResourceConflictException, ResourceNotFoundException
from everwarm.lambdas.functions import LATEST, Function
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.records import Records
from everwarm.lambdas.runtime.counters import Counters
from everwarm.lambdas.runtime.pool import FunctionPool
from everwarm.lambdas.runtime.replies import Invoke, Reply
from everwarm.log import get_logger

_log = get_logger(__name__)


class _Running:
    """A function and its workers."""

    def __init__(self, deployed: Deployed, pool: FunctionPool) -> None:
        self.deployed = deployed
        # By version; those of published ones when they are first called.
        self.pools = {LATEST: pool}
        # Of the code before the last change: calls that began with it may still read their files.
        self.outdated: Path | None = None


class Functions:
    """Finds, calls and changes functions. All of it runs on the stack's event loop.

    Attributes:
        code_root: below it lies the code that came by the API.
    """

    def __init__(
        self,
        records: Records,
        code_root: Path,
        make_pool: Callable[[Function], FunctionPool],
        clock: Clock,
        region: str,
    ) -> None:
        """
        Args:
            records: where functions are kept.
            code_root: made when it is needed.
            make_pool: makes the workers of a function.
            region: in ARNs.
        """
        self.code_root = code_root
        self.region = region
        self._records = records
        self._make_pool = make_pool
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._changing = asyncio.Lock()

    def load(self) -> None:
        """Take up the functions that the API has made, and throw away code that none of them has any more."""
        used: set[Path] = set()
        for _, record in self._records.all():
            deployed = Deployed.from_record(record, self.code_root)
            used |= deployed.directories()
            self._run(deployed)
        if self.code_root.is_dir():
            for directory in set(self.code_root.iterdir()) - used:
                shutil.rmtree(directory, ignore_errors=True)

    def declare(self, function: Function) -> None:
        """Take up a function of the project file."""
        if function.name in self._running:
            _log.warning(
                "a function of the project file takes the place of one that was made through the Lambda API",
                function=function.name,
            )
        self._run(Deployed.from_project(function, self._clock.now()))

    def all(self) -> list[Deployed]:
        """All functions, by name."""
        return [self._running[name].deployed for name in sorted(self._running)]

    def counters(self) -> list[tuple[str, Counters]]:
        """What the calls of each function have come to. From any thread."""
        return [(name, running.pools[LATEST].counters) for name, running in list(self._running.items())]

    def has(self, name: str) -> bool:
        """Whether there is a function of this name."""
        return name in self._running

    def find(self, name: str) -> Deployed:
        """
        Raises:
            ResourceNotFoundException: there is no such function.
        """
        return self._find(name).deployed

    def invoker(self, name: str, qualifier: str | None = None) -> Invoke:
        """The port for triggers: calls whichever function has this name at that moment."""

        async def invoke(event: bytes) -> Reply:
            return await self.invoke(name, event, qualifier=qualifier)

        return invoke

    async def invoke(
        self,
        name: str,
        event: bytes,
        *,
        qualifier: str | None = None,
        request_id: str | None = None,
        wait: bool = True,
        client_context: str | None = None,
    ) -> Reply:
        """Call a function; as `FunctionPool.invoke`.

        Args:
            qualifier: a version's number or an alias.

        Raises:
            ResourceNotFoundException: there is no such function.
            Throttled: the call was not taken.
            FunctionError: it cannot be started at all.
        """
        running = self._find(name)
        version = running.deployed.at(qualifier, random.random())  # noqa: S311 - to share out calls, not to hide anything
        if version is None:
            raise self._not_found(f"{name}:{qualifier}")
        number = version.function.version
        pool = running.pools.get(number)
        if pool is None:
            pool = running.pools[number] = self._make_pool(_as_reserved(version, running.deployed))
        reply = await pool.invoke(event, request_id=request_id, wait=wait, client_context=client_context)
        return reply if number == LATEST else dataclasses.replace(reply, executed_version=number)

    async def create(self, deployed: Deployed) -> None:
        """Take up a function. It is durable on return.

        Raises:
            ResourceConflictException: there is one of its name.
        """
        async with self._changing:
            if deployed.name in self._running:
                raise ResourceConflictException(f"Function already exist: {deployed.name}")
            await self._keep(deployed)
            self._run(deployed)

    async def change(self, name: str, change: Callable[[Deployed], Deployed]) -> Deployed:
        """Change a function. Calls under way end as they began; those that follow get what is new.

        Args:
            change: a pure function. What it raises is raised here, and then nothing is changed.

        Raises:
            ResourceNotFoundException: there is no such function.
        """
        async with self._changing:
            running = self._find(name)
            before, deployed = running.deployed, change(running.deployed)
            await self._keep(deployed)
            running.deployed = deployed
            if deployed.function != before.function:
                await running.pools[LATEST].replace(deployed.function)
            if deployed.function.reserved_concurrency != before.function.reserved_concurrency:
                for number, pool in running.pools.items():
                    if number != LATEST:
                        await pool.replace(_as_reserved(deployed.versions[number], deployed))
            for number in before.versions.keys() - deployed.versions.keys():
                if (ended := running.pools.pop(number, None)) is not None:
                    await ended.stop()
            for directory in before.directories() - deployed.directories():
                await self.discard(running.outdated)
                running.outdated = directory
            return deployed

    async def delete(self, name: str) -> None:
        """Forget a function and its code. Calls under way end with it.

        Raises:
            ResourceNotFoundException: there is no such function.
        """
        async with self._changing:
            running = self._find(name)
            if not running.deployed.declared:
                await self._records.delete(name)
            del self._running[name]
            await asyncio.gather(*(pool.stop() for pool in running.pools.values()))
            await self.discard(running.outdated)
            for directory in running.deployed.directories():
                await self.discard(directory)

    async def discard(self, directory: Path | None) -> None:
        """Remove code that came by the API; a project's directory is not ours."""
        if directory is not None and directory.parent == self.code_root:
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)

    async def reload(self) -> None:
        """The project's code has changed: its functions get new workers."""
        declared = [running for running in self._running.values() if running.deployed.declared]
        pools = [pool for running in declared for pool in running.pools.values()]
        await asyncio.gather(*(pool.replace(pool.function) for pool in pools))

    async def stop(self) -> None:
        """End all workers, and the calls under way with them."""
        pools = [pool for running in self._running.values() for pool in running.pools.values()]
        await asyncio.gather(*(pool.stop() for pool in pools))

    def _find(self, name: str) -> _Running:
        running = self._running.get(name)
        if running is None:
            raise self._not_found(name)
        return running

    def _not_found(self, name: str) -> ResourceNotFoundException:
        return ResourceNotFoundException(f"Function not found: arn:aws:lambda:{self.region}:{ACCOUNT}:function:{name}")

    def _run(self, deployed: Deployed) -> None:
        self._running[deployed.name] = _Running(deployed, self._make_pool(deployed.function))

    async def _keep(self, deployed: Deployed) -> None:
        if not deployed.declared:
            await self._records.put(deployed.name, deployed.to_record())


def _as_reserved(version: Deployed, deployed: Deployed) -> Function:
    """What the workers of a version run: how many there may be is a matter of the function."""
    return dataclasses.replace(version.function, reserved_concurrency=deployed.function.reserved_concurrency)
