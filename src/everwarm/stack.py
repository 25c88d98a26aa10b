"""A running whole: engine, functions, mappings and HTTP endpoint, started and stopped together.

    with Stack("examples/rates") as stack:
        boto3.client("dynamodb", endpoint_url=stack.endpoint)

Everything runs on an event loop in a thread of its own, so a `Stack` is used from ordinary code.
"""

import asyncio
import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ParamSpec

import structlog
import uvloop
from watchfiles import PythonFilter, awatch

from everwarm import metrics
from everwarm.account import DEFAULT_REGION
from everwarm.client import InProcessClient
from everwarm.clock import Clock, SystemClock
from everwarm.control import failures as control_of_failures
from everwarm.control.operation import PREFIX, Operation, ping
from everwarm.control.server import control
from everwarm.control.whereabouts import DATA_DIRECTORY, Whereabouts
from everwarm.dynamodb.api.credentials import Key, made_up, read_keys
from everwarm.dynamodb.api.server import application
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import CHECKPOINT, FAILURE, FUNCTION, MAPPING
from everwarm.dynamodb.streams.settings import RETENTION_S, SHARD_AGE, StreamSettings
from everwarm.dynamodb.ttl.options import TimeToLiveOptions
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.endpoint import route
from everwarm.errors import EverwarmError, ProjectError
from everwarm.lambdas.failures.destinations import Destinations
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.kept import Kept
from everwarm.lambdas.failures.redrive import Redriver
from everwarm.lambdas.failures.store import Counts, FailureStore
from everwarm.lambdas.functions import Function
from everwarm.lambdas.logs.entry import LOG_DIRECTORY
from everwarm.lambdas.logs.writer import LogWriter
from everwarm.lambdas.mappings.batch import Record
from everwarm.lambdas.mappings.checkpoint import StoreCheckpoints
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.registry.functions import Functions
from everwarm.lambdas.registry.mappings import Mappings
from everwarm.lambdas.registry.records import Records
from everwarm.lambdas.runtime.environment import ANY, Credentials
from everwarm.lambdas.runtime.machine import Machine
from everwarm.lambdas.runtime.pool import FunctionPool
from everwarm.lambdas.runtime.replies import Invoke
from everwarm.listener import AsgiApp, Listener
from everwarm.serverless import Notice, Project, find_project_file, load
from everwarm.serverless.deploy import deploy_tables

P = ParamSpec("P")

CODE_DIRECTORY = "functions"
"""In the data directory: the code that came by the Lambda API."""

_log = structlog.get_logger(__name__)
_output = structlog.get_logger("everwarm.functions")

_PLATFORM_LINES = ("START RequestId:", "END RequestId:", "REPORT RequestId:")


class Observer:
    """Told of what happens, on the stack's threads. Override what you want to know; be quick."""

    def expired(self, deletions: Sequence[Expired]) -> None:
        """Items were deleted because their time had come."""

    def called(self, function_name: str, records: Sequence[Record], outcome: Outcome) -> None:
        """A function was called with records of a stream."""

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        """A function printed something. Goes to the log unless overridden; Lambda's own lines as details."""
        log = _output.debug if line.startswith(_PLATFORM_LINES) else _output.info
        log(line, function=function_name, request_id=request_id)


@dataclass(frozen=True, slots=True)
class RunningTable:
    """A table of the project: its stream's ARN and TTL attribute are None where it has none."""

    name: str
    arn: str
    stream_arn: str | None
    time_to_live: str | None


class Stack:
    """A project, or the engine alone, running in this process.

    Attributes:
        project: what was read from the project file; None where there is none.
        endpoint: the URL for `endpoint_url` of any AWS client, once started.
        tables: those of the project, once started.
        time_to_live: how much of AWS's ways TTL has.
    """

    def __init__(
        self,
        directory: str | Path = ".",
        *,
        data: str | Path | None = None,
        memory: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        stage: str | None = None,
        region: str | None = None,
        params: MappingOf[str, str] | None = None,
        environ: MappingOf[str, str] | None = None,
        clock: Clock | None = None,
        observer: Observer | None = None,
        watch: bool = False,
        credentials: str | Path | None = None,
        destinations_endpoint: str | None = None,
        stream_shards: int = 1,
        shard_age: str = SHARD_AGE,
        stream_retention_s: float = RETENTION_S,
        ttl_delay: str = "0",
        ttl_cool_down: str = "0",
    ) -> None:
        """Read the project; nothing is started yet.

        Args:
            directory: where the `serverless.yml` is; without one there, the engine runs alone.
            data: where the data is kept; `.everwarm` in `directory` unless given.
            memory: keep no data at all.
            host, port: where to listen; port 0 takes any free one.
            stage, params, environ: for the project's variables; see `everwarm.serverless.load`.
            region: in ARNs, in the place of the file's; `us-east-1` where neither says one.
            clock: the time; the machine's unless given.
            observer: told of what happens.
            watch: pick up changed handler code.
            credentials: a file like `~/.aws/credentials`; only its keys are let in. Without it, everybody is.
            destinations_endpoint: the URL under which the queues, topics and buckets of mappings are, or `aws`.
                Without it, `AWS_ENDPOINT_URL_SQS` and the like count; failures that have no place are kept here.
            stream_shards: with how many shards new streams begin.
            shard_age: at which age a stream's shards are closed and continued by others: `4h`, `30m`, `off`.
            stream_retention_s: for tests: how long stream records are kept, in the place of AWS's 24 hours.
            ttl_delay: how much later than their TTL items are deleted, by chance: `8m..28m`, `..48h`, `8m` exactly.
            ttl_cool_down: for how long after a change of a table's TTL the next one is refused: `1h`.

        Raises:
            SettingError: one of the two cannot be understood.
            ProjectError: the project file cannot be run as it stands.
            CredentialsError: there are no keys in that file.
            DestinationError: the endpoint of destinations is none.
        """
        self.time_to_live = TimeToLiveOptions.parse(ttl_delay, ttl_cool_down)
        root = Path(directory)
        if not root.is_dir():
            raise ProjectError("there is no such directory", str(root))
        file = find_project_file(root)
        options = {} if region is None else {"region": region}
        self.project: Project | None = None
        if file is not None:
            self.project = load(file, stage=stage, options=options, params=params, environ=environ)
        self.data = None if memory else Path(data) if data is not None else root / DATA_DIRECTORY
        self.region = region or (DEFAULT_REGION if self.project is None else self.project.region)
        self.tables: list[RunningTable] = []
        self.endpoint = ""
        self._address = (host, port)
        self._stream_settings = StreamSettings.parse(stream_shards, shard_age, stream_retention_s)
        self._clock = clock or SystemClock()
        self._observer = observer or Observer()
        self._watch = watch
        self._keys: dict[str, Key] | None = None
        self._handlers_sign_with = ANY
        if credentials is not None:
            access_key, key = made_up()
            self._handlers_sign_with = Credentials(access_key, key.secret, key.token or "")
            self._keys = {**read_keys(Path(credentials)), access_key: key}
        self._machine = Machine(self._clock)
        self._endpoints = Endpoints.of(destinations_endpoint, os.environ if environ is None else environ)
        self._failures: FailureStore | None = None
        self._whereabouts: Whereabouts | None = None
        log_directory = None if self.data is None else self.data / LOG_DIRECTORY
        self._logs = LogWriter(log_directory, _safely(self._observer.printed))
        self._functions: Functions | None = None
        self._mappings: Mappings | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the project file has that is not run here."""
        return () if self.project is None else self.project.notices

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that there are now, by name; none before the start."""
        return () if self._functions is None else tuple(deployed.function for deployed in self._functions.all())

    @property
    def mappings(self) -> list[Mapping]:
        """The mappings that there are now; none before the start."""
        return [] if self._mappings is None else [running.record.mapping for running in self._mappings.all()]

    @property
    def failures(self) -> list[Kept]:
        """The batches that were given up and are kept, the oldest first; at most 1,000, and none before the start."""
        return [] if self._failures is None else self._failures.page()

    @property
    def failure_counts(self) -> Counts:
        """How many of them there are."""
        return Counts() if self._failures is None else self._failures.counts

    @property
    def checks_credentials(self) -> bool:
        """Whether only the holders of certain keys are let in."""
        return self._keys is not None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended, be it by `stop` or by a failure."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start everything; on return the endpoint answers and the triggers listen.

        Raises:
            EverwarmError: something that a person can mend: a port or data directory in use, a wrong file.
        """
        if self._thread is not None:
            raise EverwarmError("a Stack is started once; make another one")
        self._thread = threading.Thread(target=self._run, name="everwarm-stack", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop everything: batches in flight get a few seconds to finish, or go back. Idempotent."""
        if self._thread is None:
            return
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            try:
                runner.run(self._live())
            except BaseException as err:
                if self._ready.is_set():
                    _log.exception("the stack ended unexpectedly")
                self._failure = err
            finally:
                self._ready.set()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = stop = asyncio.Event()
        engine = Engine.open(self.data, self._clock, self.region, self._stream_settings, self.time_to_live)
        with contextlib.ExitStack() as opened:
            opened.callback(engine.close)
            self._logs.start()
            opened.callback(self._logs.stop)
            beside = self.data or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="everwarm-")))
            apps: dict[str, AsgiApp] = {}
            listener = Listener(route(application(engine, self._keys), apps), *self._address)
            try:
                self._plug_in(engine, listener, beside / CODE_DIRECTORY, apps)
                await listener.start()
                self.endpoint = listener.url
                engine.address = _reachable(listener).removeprefix("http://")
                await self._serve(engine, stop)
            finally:
                await listener.stop()

    def _plug_in(self, engine: Engine, listener: Listener, code_root: Path, apps: dict[str, AsgiApp]) -> None:
        """Make the registries of functions and mappings, and what else answers on the endpoint."""
        make_pool = partial(
            FunctionPool,
            endpoint_url=_reachable(listener),
            log=self._logs.write,
            machine=self._machine,
            credentials=self._handlers_sign_with,
        )
        functions = Functions(Records(engine.store, FUNCTION), code_root, make_pool, self._clock, self.region)
        client = InProcessClient(engine)
        checkpoints = StoreCheckpoints(engine.store, CHECKPOINT)
        self._failures = FailureStore(engine.store, FAILURE, self._clock)
        failures = Destinations(self._failures, self._endpoints, self._clock)

        called = _safely(self._observer.called)

        def make_worker(mapping: Mapping, invoke: Invoke) -> MappingWorker:
            def on_batch(records: Sequence[Record], outcome: Outcome) -> None:
                called(worker.mapping.function_name, records, outcome)

            worker = MappingWorker(
                mapping, client, checkpoints, invoke, self._clock, failures=failures, on_batch=on_batch
            )
            return worker

        mappings = Mappings(Records(engine.store, MAPPING), make_worker, functions.invoker, checkpoints.forget)
        functions.load()
        mappings.load()
        self._functions, self._mappings = functions, mappings
        # everwarm's own operations; those of another subject are one line more.
        operations: dict[str, Operation] = {
            "ping": ping,
            **control_of_failures.operations(self._failures, self._clock, Redriver(self._failures, functions.invoke)),
        }
        self._whereabouts = self._told(_reachable(listener))
        apps[PREFIX] = control(operations, self._keys, self._clock, self._whereabouts.stack)
        sources = metrics.Sources(engine, functions.counters, mappings.stats, self._failures)
        apps[metrics.PATH] = metrics.application(sources, self._keys)

    def _told(self, url: str) -> Whereabouts:
        """What commands of the same machine are to know: the handlers' key opens them the door, too."""
        if not self.checks_credentials:
            return Whereabouts(url)
        key = self._handlers_sign_with
        return Whereabouts(url, access_key=key.access_key, secret=key.secret, token=key.token)

    async def _serve(self, engine: Engine, stop: asyncio.Event) -> None:
        functions, mappings = self._functions, self._mappings
        assert functions is not None
        assert mappings is not None
        over = asyncio.Event()  # for what has to outlive the mappings: calls in flight still write
        services: list[asyncio.Task[None]] = []
        try:
            # Before the project's tables: a new index of theirs is waited for.
            services.append(_task(engine.builder.run(over), "index builder"))
            if self.project is not None:
                await self._deploy(self.project, InProcessClient(engine), functions, mappings)
            await mappings.start()
            engine.sweeper.watchers.append(_safely(self._observer.expired))
            services.append(_task(engine.sweeper.run(over), "TTL sweeper"))
            services.append(_task(engine.upkeep.run(over), "upkeep of streams"))
            if self._watch and self.project is not None:
                services.append(_task(self._reload(self.project, functions, over), "code watcher"))
            assert self._whereabouts is not None
            with self._whereabouts.published(self.data):
                self._ready.set()
                await stop.wait()
        finally:
            await mappings.stop()
            over.set()
            await functions.stop()
            await self._machine.stop()
            await asyncio.gather(*services, return_exceptions=True)

    async def _deploy(
        self, project: Project, client: InProcessClient, functions: Functions, mappings: Mappings
    ) -> None:
        attributes = await deploy_tables(client, project)
        for resource in project.tables:
            found = attributes[resource.logical_id]
            self.tables.append(
                RunningTable(resource.name, found["Arn"], found.get("StreamArn"), resource.time_to_live_attribute)
            )
        for function in project.functions(attributes):
            functions.declare(function)
        for trigger in project.triggers:
            stream_arn = await _stream_arn(client, project, trigger.table_name)
            mappings.declare(Mapping(trigger.function_name, stream_arn, trigger.settings), self._clock.now())

    async def _reload(self, project: Project, functions: Functions, stop: asyncio.Event) -> None:
        """Give new workers to functions whose code has changed; calls under way end on the old ones."""
        ignored = [] if self.data is None else [self.data.absolute()]
        async for changes in awatch(project.directory, watch_filter=_handler_code(ignored), stop_event=stop):
            _log.info("handler code changed", files=sorted({Path(path).name for _, path in changes}))
            await functions.reload()


def _task(coroutine: "asyncio._CoroutineLike[None]", what: str) -> "asyncio.Task[None]":
    """Run it beside the others; should it end by a bug of ours, that is said and the others go on."""
    task: asyncio.Task[None] = asyncio.create_task(coroutine, name=what)

    def ended(done: "asyncio.Task[None]") -> None:
        if not done.cancelled() and (err := done.exception()) is not None:
            _log.error("a background task failed", task=what, exc_info=err)

    task.add_done_callback(ended)
    return task


def _handler_code(ignored: Sequence[Path]) -> PythonFilter:
    """Lets through changes of files that handlers are made of, but for what is below some paths, or installed."""
    return PythonFilter(ignore_paths=ignored, extra_extensions=(".js", ".mjs", ".cjs"))


def _safely(tell: Callable[P, None]) -> Callable[P, None]:
    """What an observer raises is logged, and what it watches goes on."""

    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except Exception:
            _log.exception("an observer failed")

    return told


def _reachable(listener: Listener) -> str:
    """The endpoint for processes of this machine, also where it listens on every interface."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound
    host = everywhere.get(listener.host)
    return listener.url if host is None else f"http://{host}:{listener.port}"


async def _stream_arn(client: InProcessClient, project: Project, table_name: str) -> str:
    try:
        table = (await client.call("DescribeTable", {"TableName": table_name}))["Table"]
    except EverwarmError as err:
        raise ProjectError(
            f"a stream event names the table {table_name}, which does not exist", str(project.path)
        ) from err
    if "StreamSpecification" not in table:
        raise ProjectError(f"a stream event names the table {table_name}, which has no stream", str(project.path))
    arn: str = table["LatestStreamArn"]
    return arn
