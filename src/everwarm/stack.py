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
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import uvloop
from watchfiles import PythonFilter, awatch

from everwarm.account import DEFAULT_REGION
from everwarm.clock import Clock, SystemClock
from everwarm.control.operation import PREFIX
from everwarm.control.server import control
from everwarm.dynamodb.api.credentials import Key, made_up, read_keys
from everwarm.dynamodb.api.server import application
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.settings import RETENTION_S, SHARD_AGE, StreamSettings
from everwarm.dynamodb.ttl.options import TimeToLiveOptions
from everwarm.endpoint import route
from everwarm.errors import EverwarmError, ProjectError
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.kept import Kept
from everwarm.lambdas.failures.store import Counts
from everwarm.lambdas.functions import Function
from everwarm.lambdas.logs.entry import LOG_DIRECTORY
from everwarm.lambdas.logs.writer import LogWriter
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.runtime.environment import ANY, Credentials
from everwarm.listener import AsgiApp, Listener
from everwarm.log import get_logger
from everwarm.observer import Observer as Observer
from everwarm.observer import safely
from everwarm.parts import Parts
from everwarm.parts import RunningTable as RunningTable
from everwarm.serverless import Notice, Project, find_project_file, load
from everwarm.whereabouts import DATA_DIRECTORY, Whereabouts

CODE_DIRECTORY = "functions"
"""In the data directory: the code that came by the Lambda API."""

_log = get_logger(__name__)


class Stack:
    """A project, or the engine alone, running in this process.

    Attributes:
        project: what was read from the project file; None where there is none.
        endpoint: the URL for `endpoint_url` of any AWS client, once started.
        destinations: where the queues, topics and buckets of mappings are.
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
            SettingError: a length of time or a number of shards that cannot be understood.
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
        self.destinations = Endpoints.of(destinations_endpoint, os.environ if environ is None else environ)
        log_directory = None if self.data is None else self.data / LOG_DIRECTORY
        self._logs = LogWriter(log_directory, safely(self._observer.printed))
        self._parts: Parts | None = None
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
        return () if self._parts is None else tuple(deployed.function for deployed in self._parts.functions.all())

    @property
    def mappings(self) -> list[Mapping]:
        """The mappings that there are now; none before the start."""
        return [] if self._parts is None else [running.record.mapping for running in self._parts.mappings.all()]

    @property
    def failures(self) -> list[Kept]:
        """The batches that were given up and are kept, the oldest first; at most 1,000, and none before the start."""
        return [] if self._parts is None else self._parts.failures.page()

    @property
    def failure_counts(self) -> Counts:
        """How many of them there are."""
        return Counts() if self._parts is None else self._parts.failures.counts

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
                url = _reachable(listener)
                engine.address = url.removeprefix("http://")
                whereabouts = self._told(url)
                self._parts = parts = Parts(
                    engine,
                    self._clock,
                    self._observer,
                    log=self._logs.write,
                    code_root=beside / CODE_DIRECTORY,
                    endpoint_url=url,
                    endpoints=self.destinations,
                    credentials=self._handlers_sign_with,
                )
                apps.update(parts.apps(self._keys))
                apps[PREFIX] = control(parts.control_operations(), self._keys, self._clock, whereabouts.stack)
                await listener.start()
                self.endpoint = listener.url
                await self._serve(engine, parts, whereabouts, stop)
            finally:
                await listener.stop()

    def _told(self, url: str) -> Whereabouts:
        """What commands of the same machine are to know: the handlers' key opens them the door, too."""
        if not self.checks_credentials:
            return Whereabouts(url)
        key = self._handlers_sign_with
        return Whereabouts(url, access_key=key.access_key, secret=key.secret, token=key.token)

    async def _serve(self, engine: Engine, parts: Parts, whereabouts: Whereabouts, stop: asyncio.Event) -> None:
        over = asyncio.Event()  # for what has to outlive the mappings: calls in flight still write
        services: list[asyncio.Task[None]] = []
        try:
            # Before the project's tables: a new index of theirs is waited for.
            services.append(_task(engine.builder.run(over), "index builder"))
            if self.project is not None:
                self.tables += await parts.deploy(self.project)
            await parts.start()
            engine.sweeper.watchers.append(safely(self._observer.expired))
            services.append(_task(engine.sweeper.run(over), "TTL sweeper"))
            services.append(_task(engine.upkeep.run(over), "upkeep of streams"))
            if self._watch and self.project is not None:
                services.append(_task(self._reload(self.project, parts, over), "code watcher"))
            with whereabouts.published(self.data):
                self._ready.set()
                await stop.wait()
        finally:
            await parts.drain()
            over.set()
            await parts.stop()
            await asyncio.gather(*services, return_exceptions=True)

    async def _reload(self, project: Project, parts: Parts, stop: asyncio.Event) -> None:
        """Give new workers to functions whose code has changed; calls under way end on the old ones."""
        ignored = [] if self.data is None else [self.data.absolute()]
        watched = _of_interest(ignored, project.path.name)
        async for changes in awatch(project.directory, watch_filter=watched, stop_event=stop):
            files = {Path(path) for _, path in changes}
            if any(file.resolve() == project.path.resolve() for file in files):
                _log.warning("the project file changed: it counts from the next start on", file=project.path.name)
            if code := sorted({file.name for file in files} - {project.path.name}):
                _log.info("handler code changed", files=code)
                await parts.functions.reload()
                parts.mappings.retry_now()


def _task(coroutine: "asyncio._CoroutineLike[None]", what: str) -> "asyncio.Task[None]":
    """Run it beside the others; should it end by a bug of ours, that is said and the others go on."""
    task: asyncio.Task[None] = asyncio.create_task(coroutine, name=what)

    def ended(done: "asyncio.Task[None]") -> None:
        if not done.cancelled() and (err := done.exception()) is not None:
            _log.error("a background task failed", task=what, exc_info=err)

    task.add_done_callback(ended)
    return task


def _of_interest(ignored: Sequence[Path], project_file: str) -> PythonFilter:
    """Lets through the project file and what handlers are made of, but for what is below some paths, or installed."""
    return PythonFilter(ignore_paths=ignored, extra_extensions=(".js", ".mjs", ".cjs", project_file))


def _reachable(listener: Listener) -> str:
    """The endpoint for processes of this machine, also where it listens on every interface."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound
    host = everywhere.get(listener.host)
    return listener.url if host is None else f"http://{host}:{listener.port}"
