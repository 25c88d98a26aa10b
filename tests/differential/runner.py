"""Runs a case on both endpoints at once, and leaves the table empty for the next one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.differential.case import TABLE, Case, Request, Schema, Step, rename
from tests.differential.compare import Difference, compare, shown
from tests.differential.endpoint import Answer, Endpoint
from tests.differential.known import explanation

MAX_PAGES = 40
_MAX_WRITES = 25


@dataclass(frozen=True, slots=True)
class Played:
    """A step that was sent to both, and what each of them said."""

    ours: str
    local: str
    difference: Difference | None


class Runner:
    """Two endpoints, and the tables that were made on them."""

    def __init__(self, ours: Endpoint, local: Endpoint) -> None:
        self._ours = ours
        self._local = local
        self._tables: dict[Schema, str] = {}

    def run(self, case: Case) -> list[Difference]:
        """What differs, in the end also between what the tables have."""
        played = self._play(case, (*case.steps, *_last_look(case.schema)))
        return [one.difference for one in played if one.difference is not None]

    def last(self, case: Case) -> Played | None:
        """The last step; None if an earlier one has left other data behind."""
        played = self._play(case, case.steps)
        return played[-1] if len(played) == len(case.steps) else None

    def _play(self, case: Case, steps: Sequence[Step]) -> list[Played]:
        """All steps, up to the first whose difference may have left other data behind."""
        name = f"case-{uuid.uuid4().hex[:12]}" if case.schema is None else self._table(case.schema)
        played: list[Played] = []
        for number, step in enumerate(steps):
            real = step._replace(request=rename(step.request, TABLE, name))
            ours, local = self._both(real)
            difference = compare(real, case.schema, ours, local)
            if difference is not None:
                difference = _placed(difference, number, name)
            played.append(Played(shown(ours), shown(local), difference))
            if difference is not None and not _leaves_the_same(difference):
                break
        if case.schema is None:
            self._drop(name)
        else:
            self._empty(name, case.schema)
        return played

    def _both(self, step: Step) -> tuple[Answer, Answer]:
        if step.paged:
            return _pages(self._ours, step), _pages(self._local, step)
        self._ours.send(step.action, step.request)
        self._local.send(step.action, step.request)
        return self._ours.receive(), self._local.receive()

    def _table(self, schema: Schema) -> str:
        if schema not in self._tables:
            name = f"differential-{len(self._tables)}"
            for endpoint in (self._ours, self._local):
                made = endpoint.call("CreateTable", schema.to_wire(name))
                if made.error is not None:
                    raise RuntimeError(f"a table could not be made: {made.error}: {made.message}: {schema}")
            self._tables[schema] = name
        return self._tables[schema]

    def _empty(self, name: str, schema: Schema) -> None:
        for endpoint in (self._ours, self._local):
            items = _pages(endpoint, Step("Scan", {"TableName": name, "ConsistentRead": True})).body["Items"]
            deletes = [{"DeleteRequest": {"Key": {key: item[key] for key in schema.keys}}} for item in items]
            for start in range(0, len(deletes), _MAX_WRITES):
                request = {"RequestItems": {name: deletes[start : start + _MAX_WRITES]}}
                assert endpoint.call("BatchWriteItem", request).error is None

    def _drop(self, name: str) -> None:
        for endpoint in (self._ours, self._local):
            endpoint.call("DeleteTable", {"TableName": name})


def _leaves_the_same(difference: Difference) -> bool:
    """Whether both sides have the same data afterwards; a refusal of Local's may come after it has written."""
    known = explanation(difference)
    return difference.both_refused if known is None else known.harmless


def _last_look(schema: Schema | None) -> list[Step]:
    """What the table has in the end."""
    return [] if schema is None else [Step("Scan", {"TableName": TABLE, "ConsistentRead": True}, paged=True)]


def _placed(difference: Difference, number: int, name: str) -> Difference:
    """The same, at its step, and without the table's real name."""
    texts = ("where", "ours", "local", "request")
    renamed = {text: getattr(difference, text).replace(name, TABLE) for text in texts}
    return replace(difference, **renamed, number=number)


def _pages(endpoint: Endpoint, step: Step) -> Answer:
    """All pages of a query or scan as if they were one; the first refusal, if there is one."""
    items: list[Any] = []
    total: dict[str, Any] = {"Count": 0, "ScannedCount": 0}
    request: Request = step.request
    for pages in range(1, MAX_PAGES + 1):
        answer = endpoint.call(step.action, request)
        if answer.error is not None:
            return answer
        items += answer.body.get("Items", [])
        for member in total:
            total[member] += answer.body.get(member, 0)
        following = answer.body.get("LastEvaluatedKey")
        if following is None:
            rest = {name: value for name, value in answer.body.items() if name not in ("Items", *total)}
            if pages > 1 or "Limit" in request:
                rest.pop("ConsumedCapacity", None)  # of the last page alone
            shown = {"Items": items} if "Items" in answer.body else {}
            return Answer(200, None, None, {**shown, **total, **rest, "Pages": pages})
        request = {**request, "ExclusiveStartKey": following}
    raise RuntimeError(f"{step.action} has not ended after {MAX_PAGES} pages: {step.request}")
