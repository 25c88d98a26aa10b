"""Operations on the failure store: list, show, redrive, purge."""

import dataclasses
from typing import Any

from everwarm.clock import Clock
from everwarm.control.operation import Operation, Parameters, optional_number, whole_number
from everwarm.errors import ControlError
from everwarm.lambdas.failures.redrive import Redriver
from everwarm.lambdas.failures.store import FailureStore

PAGE = 500
"""Failures in one answer, at the most."""


def operations(store: FailureStore, clock: Clock, redriver: Redriver | None) -> dict[str, Operation]:
    """The operations by their names.

    Args:
        redriver: None where no functions run; then there is no redriving.
    """

    async def list_failures(parameters: Parameters) -> dict[str, Any]:
        """`after`: only failures of larger numbers. An answer without failures is the end."""
        page = store.page(whole_number(parameters, "after", 0), PAGE)
        return {"failures": [kept.to_wire() for kept in page], "counts": dataclasses.asdict(store.counts)}

    async def show(parameters: Parameters) -> dict[str, Any]:
        """`id`: of the failure."""
        failure_id = whole_number(parameters, "id")
        return {"failure": store.get(failure_id).to_wire(), "records": store.records(failure_id)}

    async def purge(parameters: Parameters) -> dict[str, int]:
        """One of `id`, `older_than_s` and `all`."""
        if "id" in parameters:
            await store.remove(whole_number(parameters, "id"))
            return {"purged": 1}
        older_than_s = optional_number(parameters, "older_than_s")
        if older_than_s is None and parameters.get("all") is not True:
            raise ControlError("say which to purge: id, older_than_s, or all as true")
        return {"purged": await store.clear(None if older_than_s is None else clock.now() - older_than_s)}

    found: dict[str, Operation] = {"failures/list": list_failures, "failures/show": show, "failures/purge": purge}
    if redriver is None:
        return found

    async def redrive(parameters: Parameters) -> dict[str, Any]:
        """`id`: of the failure."""
        return dataclasses.asdict(await redriver.redrive(whole_number(parameters, "id")))

    return found | {"failures/redrive": redrive}
