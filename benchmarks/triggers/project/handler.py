"""The trivial function: notes when it was called, and with which items; one line a call, for noting to cost little."""

import os
import time
from typing import Any

_notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def handler(event: dict[str, Any], context: object) -> None:
    """Write `moment id=value id=value ...`, the value being the one that an item has of `due` or `sent`."""
    began = time.time()
    told = [f"{began:.6f}"]
    for record in event["Records"]:
        images = record["dynamodb"]
        item = images.get("NewImage") or images["OldImage"]
        told.append(f"{item['id']['S']}={(item.get('sent') or item['due'])['N']}")
    os.write(_notes, (" ".join(told) + "\n").encode())
