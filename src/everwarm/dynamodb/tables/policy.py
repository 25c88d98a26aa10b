"""Resource-based policies of tables and streams: kept and given back, no more. Everybody may do everything here.

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


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document as it was given, and the number of its revision."""

    text: str
    revision: str


@dataclass(frozen=True, slots=True)
class Holder:
    """What may have a policy: a table or a stream.

    Attributes:
        name: as messages have it, `table orders` say.
        settings: where the policy is.
    """

    arn: str
    name: str
    settings: dict[str, Any]

    @property
    def policy(self) -> Policy | None:
        found = self.settings.get(_SETTING)
        return None if found is None else Policy(**found)

    def found_policy(self) -> Policy:
        """
        Raises:
            PolicyNotFoundException: there is none.
        """
        policy = self.policy
        if policy is None:
            raise _not_found(self.arn)
        return policy

    def check_expected(self, expected: str | None) -> None:
        """
        Args:
            expected: the revision of the policy that shall be there; None where it does not matter.

        Raises:
            PolicyNotFoundException: it is not.
        """
        current = self.policy
        if expected is None or expected == (NO_POLICY if current is None else current.revision):
            return
        if current is None:
            raise _not_found(self.arn)
        if expected == NO_POLICY:
            raise _not_found(
                f"Requested policy update expecting none to be present for {self.name}, "
                f"but a policy exists with revision id {current.revision}."
            )
        raise _not_found(
            f"Requested update for policy with revision id {expected}, but the policy associated to target "
            f"{self.name} has revision id {current.revision}."
        )


def _not_found(what: str) -> PolicyNotFoundException:
    return PolicyNotFoundException(f"Resource-based policy not found for the provided ResourceArn: {what}")


def check_document(text: str) -> None:
    """
    Raises:
        ValidationException: it is no policy document: no JSON object, or too large.
    """
    if len(text.encode()) > MAX_BYTES:
        raise invalid_parameters(f"Maximum policy size of {MAX_BYTES} bytes exceeded")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = ()
    if document is None:
        raise _no_document("This text appears not to be a policy")
    if not isinstance(document, dict):
        raise _no_document("This policy contains invalid Json")
    if "Statement" not in document:
        raise _no_document(f"Syntax error at position (1,{len(text) + 1})")
    statements = document["Statement"]
    if statements == []:
        raise _no_document("Could not parse the policy: Statement is empty!")
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict) and "Effect" not in statement:
            raise _no_document("Missing required field Effect")


def _no_document(why: str) -> ValidationException:
    return invalid_parameters(f"Invalid policy document: {why}")


def put(settings: dict[str, Any], text: str, now: float) -> tuple[dict[str, Any], Policy]:
    """Settings with a policy, and the policy. The same document again is the same revision.

    Args:
        now: epoch seconds.
    """
    found = settings.get(_SETTING)
    current = None if found is None else Policy(**found)
    if current is not None and current.text == text:
        return settings, current
    revision = int(now * 1000)
    if current is not None:
        revision = max(revision, int(current.revision) + 1)
    policy = Policy(text, str(revision))
    return {**settings, _SETTING: asdict(policy)}, policy


def removed(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings without a policy."""
    return {name: value for name, value in settings.items() if name != _SETTING}
