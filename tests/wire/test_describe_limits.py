"""DescribeLimits over the wire."""

from typing import Any


# "Service, account, and table quotas": what a new account has.
def test_the_quotas_of_a_new_account(dynamodb: Any) -> None:
    limits = dynamodb.describe_limits()
    assert (limits["AccountMaxReadCapacityUnits"], limits["AccountMaxWriteCapacityUnits"]) == (80_000, 80_000)
    assert (limits["TableMaxReadCapacityUnits"], limits["TableMaxWriteCapacityUnits"]) == (40_000, 40_000)
