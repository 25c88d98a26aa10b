"""When an item is due. Pure.

Only a top-level Number counts, read as epoch seconds; fractions and exponents are numbers like others. An item that
expired more than five years ago is left alone, which guards against malformed values; AWS does not say how long its
years are, ours have 365 days. The boundary: due when the value is at or before now.

Source: "Using time to live (TTL)" in the DynamoDB developer guide.
"""

from decimal import ROUND_CEILING, Context, Decimal

from everwarm.dynamodb.values.types import Item

FIVE_YEARS_S = 5 * 365 * 24 * 3600

# A number has 38 digits, of which Decimal's own context would round some away.
_EXACT = Context(prec=60)

# The year 9999 and a little; milliseconds given as seconds lie behind it, and are never due.
_LAST_MS = 253_500_000_000_000
_LAST_DIGITS = len(str(_LAST_MS // 1000))


def due_ms(item: Item | None, attribute: str) -> int | None:
    """The first whole millisecond at which the item is due, as epoch milliseconds; None if that is never."""
    value = item.get(attribute) if item is not None else None
    number = value.get("N") if value is not None else None
    if number is None or number[0] == "-":
        return None
    whole, _, fraction = number.partition(".")
    if len(whole) > _LAST_DIGITS:
        return None
    if len(fraction) <= 3:  # as exact without Decimal, in a third of the time
        moment_ms = int(whole + fraction.ljust(3, "0"))
    else:
        moment_ms = int(_EXACT.multiply(Decimal(number), 1000).to_integral_value(ROUND_CEILING))
    return moment_ms if moment_ms <= _LAST_MS else None


def whole_ms(moment: float) -> int:
    """Epoch seconds as whole milliseconds, of which the last may have just begun."""
    # A millisecond kept as a float of seconds can come back a hair too small, and would then never be reached.
    return int(moment * 1000 + 0.001)


def earliest_ms(now: float) -> int:
    """Items due before this moment have been expired for more than five years. Epoch milliseconds."""
    return max(0, whole_ms(now - FIVE_YEARS_S))
