"""What a function is: where its code lies, which handler it names, and what AWS would give it to run with.

Not here: running it (`runtime/`), what triggers it (`mappings/`), reading it from a file (`everwarm.serverless`).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everwarm.account import ACCOUNT, DEFAULT_REGION

LATEST = "$LATEST"
"""The version of a function that can be changed; the others have numbers."""


@dataclass(frozen=True, slots=True)
class AsyncSettings:
    """What becomes of a call that nobody waits for: PutFunctionEventInvokeConfig and `DeadLetterConfig`.

    Attributes:
        maximum_retry_attempts: calls after the first failed one, 0 to 2.
        maximum_event_age_s: events older than this are let go, 60 to 21,600.
        on_success, on_failure: the ARN of what is told of the end.
        dead_letter: the ARN of a queue or topic that gets the event itself once it is given up.
    """

    maximum_retry_attempts: int = 2
    maximum_event_age_s: int = 21_600
    on_success: str | None = None
    on_failure: str | None = None
    dead_letter: str | None = None

    def to_event_invoke(self) -> dict[str, Any] | None:
        """The settings in the form of PutFunctionEventInvokeConfig; None where nobody has set any."""
        if dataclasses.replace(self, dead_letter=None) == AsyncSettings():
            return None
        return {
            "MaximumRetryAttempts": self.maximum_retry_attempts,
            "MaximumEventAgeInSeconds": self.maximum_event_age_s,
            "DestinationConfig": {
                "OnSuccess": {"Destination": self.on_success} if self.on_success else {},
                "OnFailure": {"Destination": self.on_failure} if self.on_failure else {},
            },
        }


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function.

    Attributes:
        name: the deployed name, `<service>-<stage>-<key>` unless the author chose another.
        handler: `path/to/module.function`, from `code_dir`.
        code_dir: the directory that would be packaged.
        runtime: AWS's identifier, `python3.11` say.
        environment: the author's variables, all resolved.
        memory_mb: what the function may use, in MiB; 1024 is the Serverless Framework's default.
        timeout_s: how long one call may take; 6 is the Serverless Framework's default.
        reserved_concurrency: how many calls may run at a time, more being throttled; 0 for none at all, None for as
            many as there is room for.
        asynchronous: what becomes of calls that nobody waits for.
        region, account: for the ARN and the environment.
        version: its number; `$LATEST` for the one that can be changed.
    """

    name: str
    handler: str
    code_dir: Path
    runtime: str = "python3.11"
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 1024
    timeout_s: float = 6.0
    reserved_concurrency: int | None = None
    asynchronous: AsyncSettings = AsyncSettings()
    region: str = DEFAULT_REGION
    account: str = ACCOUNT
    version: str = LATEST

    @property
    def invoked_arn(self) -> str:
        """The ARN that the handler sees: with the version, if it is a numbered one."""
        return self.arn if self.version == LATEST else f"{self.arn}:{self.version}"

    @property
    def arn(self) -> str:
        """The function's ARN, of AWS's form, without a version."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"
