"""Who may ask: keys from a file like `~/.aws/credentials`, read by botocore's own parser."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from botocore.configloader import raw_config_parse
from botocore.exceptions import BotoCoreError

from everwarm.errors import CredentialsError


@dataclass(frozen=True, slots=True)
class Key:
    """What goes with an access key id.

    Attributes:
        secret: the secret access key.
        token: the session token, for temporary credentials; None for others.
    """

    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


Keys = Mapping[str, Key]
"""By access key id."""


def read_keys(path: Path) -> dict[str, Key]:
    """The keys of all profiles in a file.

    Raises:
        CredentialsError: it cannot be read, or has no keys.
    """
    try:
        profiles: dict[str, dict[str, str]] = raw_config_parse(str(path))
    except (BotoCoreError, UnicodeDecodeError) as err:
        raise CredentialsError(f"{path}: cannot be read as a file of credentials: {err}") from err
    keys: dict[str, Key] = {}
    for name, profile in profiles.items():
        access_key, secret = profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")
        if bool(access_key) != bool(secret):
            raise CredentialsError(
                f"{path}: the profile {name} needs both aws_access_key_id and aws_secret_access_key, or neither"
            )
        if access_key and secret:
            keys[access_key] = Key(secret, profile.get("aws_session_token") or None)
    if not keys:
        raise CredentialsError(f"{path}: no profile has an aws_access_key_id and an aws_secret_access_key")
    return keys


def made_up() -> tuple[str, Key]:
    """An access key id and its key that nobody else has, for processes of ours."""
    return f"EVERWARM{secrets.token_hex(6).upper()}", Key(secrets.token_urlsafe(30), secrets.token_urlsafe(30))
