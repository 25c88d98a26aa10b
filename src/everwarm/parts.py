"""The parts of a running stack beside its engine: functions, mappings, calls that nobody waits for, what was given up.

Not here: the engine (`everwarm.dynamodb.engine`); when all of it is started and stopped (`stack.py`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from everwarm import metrics
from everwarm.client import InProcessClient
from everwarm.clock import Clock
from everwarm.control import failures as control_of_failures
from everwarm.control import streams as control_of_streams
from everwarm.control.operation import Operation, ping
from everwarm.dynamodb.api.credentials import Keys
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import CHECKPOINT, FAILURE, FUNCTION, INVOCATION, MAPPING
from everwarm.errors import EverwarmError
from everwarm.lambdas.api.operation import Lambdas
from everwarm.lambdas.api.routes import prefixes
from everwarm.lambdas.api.server import application as lambda_application
from everwarm.lambdas.async_calls import AsyncCalls
from everwarm.lambdas.async_outcomes import Outcomes
from everwarm.lambdas.failures.destinations import Destinations
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.redrive import Redriver
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.mappings.checkpoint import StoreCheckpoints
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.registry.functions import Functions
from everwarm.lambdas.registry.mappings import Mappings
from everwarm.lambdas.registry.records import Records
from everwarm.lambdas.runtime.environment import Credentials
from everwarm.lambdas.runtime.machine import Machine
from everwarm.lambdas.runtime.output import Log
from everwarm.lambdas.runtime.pool import FunctionPool
from everwarm.lambdas.runtime.replies import Invoke
from everwarm.listener import AsgiApp
from everwarm.observer import Observer, safely
from everwarm.serverless import Project, Trigger
from everwarm.serverless.deploy import deploy_tables
from everwarm.stream_record import Record


@dataclass(frozen=True, slots=True)
class RunningTable:
    """A table of the project: its stream's ARN and TTL attribute are None where it has none."""

    name: str
    arn: str
    stream_arn: str | None
    time_to_live: str | None


class Parts:
    """They live on the stack's event loop, and are made on it.

    Attributes:
        client: the engine, as the parts reach it.
        functions, mappings: which there are.
        async_calls: takes the calls that nobody waits for.
        failures: keeps the batches that were given up.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        observer: Observer,
        *,
        log: Log,
        code_root: Path,
        endpoint_url: str,
        endpoints: Endpoints,
        credentials: Credentials,
    ) -> None:
        """Take up what is on the disk. Nothing runs yet.

        Args:
            log: gets every line that a function prints.
            code_root: where the code lies that came by the Lambda API.
            endpoint_url: where handlers reach all this.
            endpoints: where queues, topics and buckets are.
            credentials: what handlers sign with.
        """
        self.client = InProcessClient(engine)
        self.failures = FailureStore(engine.store, FAILURE, clock)
        self._engine = engine
        self._clock = clock
        self._observer = observer
        self._endpoint_url = endpoint_url
        self._destinations = Destinations(self.failures, endpoints, clock)
        self._checkpoints = StoreCheckpoints(engine.store, CHECKPOINT)
        self._machine = Machine(clock)
        make_pool = partial(
            FunctionPool,
            endpoint_url=endpoint_url,
            log=log,
            machine=self._machine,
            credentials=credentials,
        )
        self.functions = Functions(Records(engine.store, FUNCTION), code_root, make_pool, clock, engine.region)
        self.mappings = Mappings(
            Records(engine.store, MAPPING), self._make_worker, self.functions.invoker, self._checkpoints.forget
        )
        self.async_calls = AsyncCalls(
            Records(engine.store, INVOCATION), self.functions, Outcomes(endpoints, clock, engine.region), clock
        )
        self.functions.load()
        self.mappings.load()

    def apps(self, keys: Keys | None) -> dict[str, AsgiApp]:
        """What answers on the endpoint beside DynamoDB, by the first parts of paths.

        Args:
            keys: who may ask; None for everybody.
        """
        sources = metrics.Sources(self._engine, self.functions.counters, self.mappings.stats, self.failures)
        lambdas = Lambdas(
            self.functions,
            self.mappings,
            self.async_calls,
            self.client,
            self._clock,
            self._engine.region,
            self._endpoint_url,
        )
        return {
            metrics.PATH: metrics.application(sources, keys),
            **dict.fromkeys(prefixes(), lambda_application(lambdas, keys)),
        }

    def control_operations(self) -> dict[str, Operation]:
        """everwarm's own operations; those of another subject are one line more."""
        redriver = Redriver(self.failures, self.functions.invoke)
        engine = self._engine
        return {
            "ping": ping,
            **control_of_failures.operations(self.failures, self._clock, redriver),
            **control_of_streams.operations(engine.store, engine.streams, engine.tables),
        }

    async def deploy(self, project: Project) -> list[RunningTable]:
        """Take up what the project file has. Its tables are there on return; mappings do not run yet.

        Raises:
            ProjectError: it does not go together with what is there.
        """
        attributes = await deploy_tables(self.client, project)
        tables = []
        for resource in project.tables:
            found = attributes[resource.logical_id]
            tables.append(
                RunningTable(resource.name, found["Arn"], found.get("StreamArn"), resource.time_to_live_attribute)
            )
        for function in project.functions(attributes):
            self.functions.declare(function)
        for trigger in project.triggers:
            stream_arn = await _stream_arn(self.client, trigger)
            self.mappings.declare(Mapping(trigger.function_name, stream_arn, trigger.settings), self._clock.now())
        return tables

    async def start(self) -> None:
        """Begin to work; on return, what is written is delivered."""
        await self.mappings.start()
        self.async_calls.start()

    async def drain(self) -> None:
        """Take nothing on any more: calls under way get a few seconds to finish. They may write up to then."""
        await asyncio.gather(self.mappings.stop(), self.async_calls.stop())

    async def stop(self) -> None:
        """End all workers of functions."""
        await self.functions.stop()
        await self._machine.stop()

    def _make_worker(self, mapping: Mapping, invoke: Invoke) -> MappingWorker:
        called = safely(self._observer.called)

        def on_batch(records: Sequence[Record], outcome: Outcome) -> None:
            called(worker.mapping.function_name, records, outcome)

        worker = MappingWorker(
            mapping,
            self.client,
            self._checkpoints,
            invoke,
            self._clock,
            failures=self._destinations,
            on_batch=on_batch,
        )
        return worker


async def _stream_arn(client: InProcessClient, trigger: Trigger) -> str:
    """The ARN that the stream has here: the project file may have another one, AWS's."""
    name, place = trigger.table_name, trigger.node.key_place
    try:
        table = (await client.call("DescribeTable", {"TableName": name}))["Table"]
    except EverwarmError as err:
        raise place.error(f"this reads the stream of the table {name}, which does not exist") from err
    if "StreamSpecification" not in table:
        raise place.error(f"this reads the stream of the table {name}, which has none: it needs a StreamSpecification")
    arn: str = table["LatestStreamArn"]
    return arn
