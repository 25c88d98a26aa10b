"""Waiting for mappings to come to a state."""

from typing import Any

from tests.stack.support import eventually


def settled(lambda_: Any, mapping_id: str, state: str) -> dict[str, Any]:
    """The mapping, once it has come to a state."""

    def look() -> dict[str, Any] | None:
        mapping: dict[str, Any] = lambda_.get_event_source_mapping(UUID=mapping_id)
        return mapping if mapping["State"] == state else None

    mapping = eventually(look)
    assert mapping is not None
    return mapping


def gone(lambda_: Any, mapping_id: str) -> None:
    """Wait until there is no such mapping."""

    def look() -> bool:
        mappings = lambda_.get_paginator("list_event_source_mappings").paginate().build_full_result()
        return all(mapping["UUID"] != mapping_id for mapping in mappings["EventSourceMappings"])

    eventually(look)
