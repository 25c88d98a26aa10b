"""How attributes and keys are called in the table: a setting, so that a table that exists can be used."""

from dataclasses import dataclass

from everwarm.errors import CacheError

# DynamoDB's limit for a partition key.
MAX_KEY_BYTES = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a cache's attributes; see docs/cache/table.md for what each holds.

    Attributes:
        key: the table's partition key, a string.
        ttl: the attribute that Time to Live looks at.
        timer_prefix, lease_prefix: what the keys of timers and leases begin with.
    """

    key: str = "key"
    value: str = "value"
    generation: str = "generation"
    loaded_at: str = "loaded_at"
    fresh_until: str = "fresh_until"
    ttl: str = "ttl"
    call: str = "call"
    tags: str = "tags"
    failures: str = "failures"
    error: str = "error"
    retry_at: str = "retry_at"
    load_s: str = "load_s"
    encoding: str = "encoding"
    absent: str = "absent"
    read_at: str = "read_at"
    owner: str = "owner"
    ticket: str = "ticket"
    timer_prefix: str = "timer#"
    lease_prefix: str = "lease#"

    def timer(self, key: str) -> str:
        """The key of a value's timer."""
        return self.timer_prefix + key

    def lease(self, key: str) -> str:
        """The key of a value's lease."""
        return self.lease_prefix + key

    def of_timer(self, timer_key: str) -> str | None:
        """The key of the value that a timer belongs to; None if it is no timer's."""
        return timer_key.removeprefix(self.timer_prefix) if timer_key.startswith(self.timer_prefix) else None

    def checked(self, key: str) -> str:
        """A key that values may have.

        Raises:
            CacheError: it may not.
        """
        if not isinstance(key, str):
            raise CacheError(f"a key is a text, not {key!r}")
        if not key:
            raise CacheError("a key must not be empty")
        if key.startswith((self.timer_prefix, self.lease_prefix)):
            raise CacheError(
                f"the key {key!r} begins with {self.timer_prefix!r} or {self.lease_prefix!r}, which is kept for timers "
                "and leases; choose other prefixes with Names(timer_prefix=..., lease_prefix=...)"
            )
        longest = max(len(self.timer_prefix.encode()), len(self.lease_prefix.encode()))
        if len(key.encode()) + longest > MAX_KEY_BYTES:
            raise CacheError(f"a key has {MAX_KEY_BYTES - longest:,} bytes at the most; {key[:40]!r}... has more")
        return key
