"""What a function's answer says of the batch that it was called with. Pure.

Not here: what follows from it (`next_step.py`).

Source: "Configuring partial batch response with DynamoDB and Lambda" and "Stateful processing for DynamoDB streams"
in the Lambda developer guide; what counts as success was recorded on AWS.
"""

from typing import Any

from everwarm.lambdas import handlers_json
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.next_step import Outcome, Result
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.runtime.replies import Reply
from everwarm.stream_record import sequence_number


def outcome_of(reply: Reply, batch: Batch, settings: MappingSettings) -> Outcome:
    """How the call ended.

    Args:
        reply: the answer.
        batch: what was sent.
        settings: whether records may be named in the answer, and whether it has to have a state.
    """
    request_id = reply.request_id
    if reply.function_error is not None:
        return Outcome(Result.FUNCTION_ERROR, _told(reply), request_id, reply.function_error)
    if not settings.report_batch_item_failures and batch.window is None:
        return Outcome(Result.OK, request_id=request_id)  # the answer is nobody's business
    answer = _parsed(reply, exactly=batch.window is not None)
    state = None
    if batch.window is not None:
        state = _state(answer)
        if state is None:
            return Outcome(Result.FUNCTION_ERROR, "the function has a window, and its answer no state", request_id)
    if not settings.report_batch_item_failures or not isinstance(answer, dict) or not batch.records:
        return Outcome(Result.OK, request_id=request_id, state=state)
    named = answer.get("batchItemFailures")
    if named is None or named == []:
        return Outcome(Result.OK, request_id=request_id, state=state)
    failed_from = _first_named(named, batch)
    if failed_from is None:
        return Outcome(Result.FUNCTION_ERROR, "the function named a record that was not in its batch", request_id)
    error = f"the function reported failures from record {failed_from + 1} of {len(batch.records)} on"
    return Outcome(Result.PARTIAL, error, request_id, failed_from=failed_from, state=state)


def _state(answer: Any) -> bytes | None:
    """The state in an answer, as JSON; None if there is none."""
    if not isinstance(answer, dict) or answer.get("state") is None:
        return None
    try:
        return handlers_json.write(answer["state"])
    except ValueError:
        return None


def _first_named(named: Any, batch: Batch) -> int | None:
    """The place of the record with the lowest sequence number; None if an identifier is no record's of the batch."""
    if not isinstance(named, list):
        return None
    places = {sequence_number(record): place for place, record in enumerate(batch.records)}
    first = len(places)
    for entry in named:
        identifier = entry.get("itemIdentifier") if isinstance(entry, dict) else None
        place = places.get(identifier) if isinstance(identifier, str) else None
        if place is None:
            return None
        first = min(first, place)
    return first


def _told(reply: Reply) -> str:
    """What a failed function says for itself: `errorType: errorMessage`, as far as it gave them."""
    answer = _parsed(reply)
    told = [answer.get(name) for name in ("errorType", "errorMessage")] if isinstance(answer, dict) else []
    text = ": ".join(part for part in told if isinstance(part, str))
    return handlers_json.whole(text) or str(reply.function_error)


def _parsed(reply: Reply, *, exactly: bool = False) -> Any:
    try:
        return handlers_json.read_exactly(reply.payload) if exactly else handlers_json.read(reply.payload)
    except ValueError:
        return None
