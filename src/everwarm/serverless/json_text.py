"""A value of a project file as JSON text, letter for letter as JavaScript's `JSON.stringify` makes it.

So a filter pattern here has the text that the framework gives to AWS.
"""

import math
import re

import orjson

from everwarm.serverless.nodes import Node, number_text

# What JavaScript takes for an index, and puts before all other keys, in the order of numbers.
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_LARGEST_INDEX = 2**32 - 2


def json_text(node: Node) -> str:
    """The JSON text, without spaces."""
    value = node.value
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{json_text(value[key])}" for key in _in_order(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _text(value)
    return number_text(value) if math.isfinite(value) else "null"


def _text(text: str) -> str:
    try:
        return orjson.dumps(text).decode()
    except orjson.JSONEncodeError:  # half of a surrogate pair, from a YAML escape
        return orjson.dumps(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")).decode()


def _in_order(keys: dict[str, Node]) -> list[str]:
    indexes = [key for key in keys if _INDEX.fullmatch(key) and int(key) <= _LARGEST_INDEX]
    return sorted(indexes, key=int) + [key for key in keys if key not in indexes]
