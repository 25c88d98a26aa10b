"""The event source mappings that there are, and their workers, which come and go while the stack runs.

A change is done in two steps, as on AWS: it is kept and answered at once, and carried out in the background, where a
call under way may take its time. Meanwhile the state says so.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable

from everwarm.errors import ResourceInUseException, ResourceNotFoundException
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.stats import Stats
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.registry.mapping_record import MappingRecord, State
from everwarm.lambdas.registry.records import Records
from everwarm.lambdas.runtime.replies import Invoke
from everwarm.log import get_logger

_log = get_logger(__name__)

NOT_FOUND = "The resource you requested does not exist."


class RunningMapping:
    """A mapping and its worker.

    Attributes:
        record: what is wanted.
        state: how far that is carried out.
        worker: who does it.
    """

    def __init__(self, record: MappingRecord, state: State, worker: MappingWorker) -> None:
        self.record = record
        self.state = state
        self.worker = worker

    async def start(self) -> None:
        """Have the worker run; on return, what is written is delivered."""
        self.worker.start()
        await self.worker.begun.wait()


class Mappings:
    """Finds, runs and changes mappings. All of it runs on the stack's event loop."""

    def __init__(
        self,
        records: Records,
        make_worker: Callable[[Mapping, Invoke], MappingWorker],
        invoker: Callable[[str, str | None], Invoke],
        forget: Callable[[str], Awaitable[None]],
    ) -> None:
        """
        Args:
            records: where mappings are kept.
            make_worker: makes what carries out a mapping.
            invoker: the port to the function of a name, or to a version of it.
            forget: throws away all positions of a mapping.
        """
        self._records = records
        self._make_worker = make_worker
        self._invoker = invoker
        self._forget = forget
        self._running: dict[str, RunningMapping] = {}
        self._changes: set[asyncio.Task[None]] = set()
        self._stopping = False

    def load(self) -> None:
        """Take up the mappings that the API has made. They do not run yet."""
        for _, record in self._records.all():
            self._take_up(MappingRecord.from_record(record))

    def declare(self, mapping: Mapping, now_s: float) -> None:
        """Take up a mapping of the project file, in the place of one between the same two. It does not run yet."""
        for mapping_id, running in list(self._running.items()):
            other = running.record.mapping
            if (other.function_name, other.stream_arn) == (mapping.function_name, mapping.stream_arn):
                _log.warning("a mapping of the project file takes the place of another one", mapping=mapping_id)
                del self._running[mapping_id]
        self._take_up(MappingRecord(mapping, modified_s=now_s, declared=True))

    async def start(self) -> None:
        """Run all that there are; on return, what is written is delivered."""
        await asyncio.gather(*(self._begin(running) for running in list(self._running.values())))

    async def stop(self) -> None:
        """End all workers: calls under way get a few seconds to finish, or go back."""
        self._stopping = True
        await asyncio.gather(*(running.worker.stop() for running in self._running.values()))
        await asyncio.gather(*self._changes, return_exceptions=True)

    def retry_now(self) -> None:
        """Have all batches that have failed sent again at once: the code of functions has changed."""
        for running in self._running.values():
            running.worker.retry_now()

    def all(self) -> list[RunningMapping]:
        """All mappings, in the order in which they were made or read."""
        return list(self._running.values())

    def stats(self) -> list[tuple[Mapping, Stats]]:
        """What the worker of each mapping tells. From any thread."""
        return [(running.worker.mapping, running.worker.stats) for running in self.all()]

    def find(self, mapping_id: str) -> RunningMapping:
        """
        Raises:
            ResourceNotFoundException: there is no such mapping.
        """
        running = self._running.get(mapping_id)
        if running is None:
            raise ResourceNotFoundException(NOT_FOUND)
        return running

    async def create(self, record: MappingRecord) -> RunningMapping:
        """Take up a mapping and begin to run it. It is durable on return."""
        running = self._take_up(record)
        try:
            await self._keep(record)
        except BaseException:
            del self._running[record.id]
            raise
        self._in_background(self._begin(running))
        return running

    async def change(self, record: MappingRecord) -> RunningMapping:
        """Carry out a mapping in another way. It goes on behind the last record that is done. Durable on return.

        Raises:
            ResourceNotFoundException: there is no such mapping.
            ResourceInUseException: an earlier change is still being carried out.
        """
        running = self._settled(record.id, "update")
        state, before = running.state, running.record.mapping.settings.enabled
        enabled = record.mapping.settings.enabled
        running.state = State.UPDATING if before == enabled else State.ENABLING if enabled else State.DISABLING
        try:
            await self._keep(record)
        except BaseException:
            running.state = state
            raise
        running.record = record
        self._in_background(self._exchange(running))
        return running

    async def tag(self, mapping_id: str, tags: dict[str, str]) -> None:
        """Give a mapping other tags; its worker does not notice.

        Raises:
            ResourceNotFoundException: there is no such mapping.
        """
        running = self.find(mapping_id)
        record = dataclasses.replace(running.record, tags=tags)
        await self._keep(record)
        running.record = record

    async def delete(self, mapping_id: str) -> RunningMapping:
        """Forget a mapping and its positions; it vanishes when its worker has ended.

        Raises:
            ResourceNotFoundException: there is no such mapping.
            ResourceInUseException: an earlier change is still being carried out.
        """
        running = self._settled(mapping_id, "delete")
        state, running.state = running.state, State.DELETING
        if not running.record.declared:
            try:
                await self._records.delete(mapping_id)
            except BaseException:
                running.state = state
                raise
        self._in_background(self._vanish(running))
        return running

    def _settled(self, mapping_id: str, verb: str) -> RunningMapping:
        running = self.find(mapping_id)
        if not running.state.settled:
            raise ResourceInUseException(f"Cannot {verb} the event source mapping because it is in use.")
        return running

    def _port(self, record: MappingRecord) -> Invoke:
        return self._invoker(record.mapping.function_name, record.mapping.qualifier)

    def _take_up(self, record: MappingRecord) -> RunningMapping:
        running = RunningMapping(record, State.CREATING, self._make_worker(record.mapping, self._port(record)))
        self._running[record.id] = running
        return running

    async def _begin(self, running: RunningMapping) -> None:
        if self._stopping:
            return  # it is kept, and begins at the next start
        await running.start()
        running.state = State.ENABLED if running.record.mapping.settings.enabled else State.DISABLED

    async def _exchange(self, running: RunningMapping) -> None:
        mapping = running.record.mapping
        await running.worker.stop()
        await running.worker.change(mapping, self._port(running.record))
        await self._begin(running)

    async def _vanish(self, running: RunningMapping) -> None:
        await running.worker.stop()
        with contextlib.suppress(KeyError):
            del self._running[running.record.id]
        await self._forget(running.record.id)

    async def _keep(self, record: MappingRecord) -> None:
        if not record.declared:
            await self._records.put(record.id, record.to_record())

    def _in_background(self, change: Awaitable[None]) -> None:
        async def carry_out() -> None:
            try:
                await change
            except Exception:
                _log.exception("a change of a mapping could not be carried out")

        task = asyncio.create_task(carry_out(), name="change of a mapping")
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
