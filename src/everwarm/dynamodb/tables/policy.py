"""A table's resource-based policy: kept and given back, no more. Everybody may do everything here.

Source: PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy in the API reference.
"""

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from everwarm.errors import PolicyNotFoundException, ValidationException, invalid_parameters

MAX_BYTES = 20 * 1024
NO_POLICY = "NO_POLICY"
"""What `ExpectedRevisionId` says where there shall be none yet."""

_SETTING = "ResourcePolicy"
_NOT_FOUND = "Resource-based policy not found for the provided ResourceArn"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document as it was given, and the number of its revision."""

    text: str
    revision: str


def policy_of(settings: dict[str, Any]) -> Policy | None:
    """The policy of a table, by its settings."""
    found = settings.get(_SETTING)
    return None if found is None else Policy(**found)


def found_policy(settings: dict[str, Any]) -> Policy:
    """As `policy_of`.

    Raises:
        PolicyNotFoundException: there is none.
    """
    policy = policy_of(settings)
    if policy is None:
        raise PolicyNotFoundException(_NOT_FOUND)
    return policy


def check_document(text: str) -> None:
    """
    Raises:
        ValidationException: it is no policy document: no JSON object, or too large.
    """
    if len(text.encode()) > MAX_BYTES:
        raise invalid_parameters(f"Policy document exceeds the size limit of {MAX_BYTES} bytes")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValidationException("Invalid policy document: This policy contains invalid Json")


def put(settings: dict[str, Any], text: str, expected: str | None, now: float) -> tuple[dict[str, Any], Policy]:
    """A table's settings with a policy, and the policy. The same document again is the same revision.

    Args:
        expected: the revision that shall be replaced.
        now: epoch seconds.

    Raises:
        PolicyNotFoundException: another revision is there.
    """
    current = policy_of(settings)
    _check_expected(current, expected)
    if current is not None and current.text == text:
        return settings, current
    revision = int(now * 1000)
    if current is not None:
        revision = max(revision, int(current.revision) + 1)
    policy = Policy(text, str(revision))
    return {**settings, _SETTING: asdict(policy)}, policy


def removed(settings: dict[str, Any], expected: str | None) -> dict[str, Any]:
    """A table's settings without a policy.

    Raises:
        PolicyNotFoundException: another revision is there, or none.
    """
    _check_expected(policy_of(settings), expected)
    return {name: value for name, value in settings.items() if name != _SETTING}


def _check_expected(current: Policy | None, expected: str | None) -> None:
    revision = NO_POLICY if current is None else current.revision
    if expected is not None and expected != revision:
        raise PolicyNotFoundException(_NOT_FOUND)
