"""Where a batch that was given up goes: to the mapping's destination if that can be told, else to the failure store.

So nothing is lost: what has no destination, or one that cannot be reached, is kept here.
"""

from functools import partial
from math import inf

from everwarm.aside import aside
from everwarm.clock import Clock
from everwarm.errors import MappingError
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.sending import Sender
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.mappings.destination import Destination, parse_destination
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.log import get_logger

# A destination that failed is left alone this long: each batch would wait for it, and the shard with it.
PAUSE_S = 30.0

_log = get_logger(__name__)


class Destinations:
    """The `Failures` of a stack.

    Attributes:
        store: where the others are kept.
    """

    def __init__(self, store: FailureStore, endpoints: Endpoints, clock: Clock) -> None:
        self.store = store
        self._endpoints = endpoints
        self._clock = clock
        self._senders: dict[str, Sender] = {}
        self._paused_until: dict[str, float] = {}

    async def keep(self, failed: FailedBatch) -> None:
        """As `Failures.keep`."""
        arn = failed.mapping.settings.on_failure
        not_sent_because = None if arn is None else await self._send(arn, failed)
        if arn is not None and not_sent_because is None:
            return
        kept = await self.store.keep(failed, not_sent_because)
        if kept is not None:
            _log.warning(
                "a failure is kept; see 'everwarm failures'",
                failure=kept.id,
                function=kept.function_name,
                records=kept.records,
                destination=arn,
                not_sent_because=not_sent_because,
            )

    async def _send(self, arn: str, failed: FailedBatch) -> str | None:
        """Tell the destination; None if that worked, else why it did not, for a person to read."""
        try:
            destination = parse_destination(arn)
        except MappingError as error:
            return str(error)
        endpoint = self._endpoints.by_service.get(destination.service)
        if endpoint is None:
            return (
                f"no endpoint is known for {destination.service}; "
                f"see --destinations-endpoint, or set AWS_ENDPOINT_URL_{destination.service.upper()}"
            )
        if self._clock.elapsed() < self._paused_until.get(arn, -inf):
            return f"it could not be told a moment ago, and is left alone for {PAUSE_S:g} seconds"
        return await self._try(destination, endpoint, failed)

    async def _try(self, destination: Destination, endpoint: str, failed: FailedBatch) -> str | None:
        sender = self._senders.setdefault(endpoint, Sender(endpoint))
        try:
            await aside(partial(sender.send, destination, failed))
        except Exception as error:
            # Whatever it was, the batch is to be kept, and the next one, too.
            self._paused_until[destination.arn] = self._clock.elapsed() + PAUSE_S
            _log.warning("a destination could not be told of a failure", destination=destination.arn, error=str(error))
            return f"{type(error).__name__}: {error}"
        return None
