"""Lists that come page by page: where one ends, a marker says where the next one begins."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from typing import TypeVar

from everwarm.errors import InvalidParameterValueException
from everwarm.lambdas.api.operation import Request

T = TypeVar("T")


def page(items: Sequence[T], key: Callable[[T], str], request: Request, most: int) -> tuple[list[T], dict[str, str]]:
    """A page of items.

    Args:
        items: in the order of their keys.
        request: with `Marker` and `MaxItems`, if its sender has any.
        most: items to a page.

    Returns:
        The items, and `NextMarker` if there are more.

    Raises:
        InvalidParameterValueException: the marker is none of ours.
    """
    if marker := request.get("Marker"):
        after = _read(marker)
        items = [item for item in items if key(item) > after]
    limit = min(request.get("MaxItems") or most, most)
    shown = list(items[:limit])
    if len(items) <= limit:
        return shown, {}
    return shown, {"NextMarker": urlsafe_b64encode(key(shown[-1]).encode()).decode()}


def _read(marker: str) -> str:
    try:
        return urlsafe_b64decode(marker.encode()).decode()
    except (NotBase64, ValueError):
        raise InvalidParameterValueException(f"Invalid Marker: {marker}") from None
