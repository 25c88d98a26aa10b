"""Names for the cases of a test: the same in every process, as a set's order and an object's address are not."""


def case_name(value: object) -> str:
    """What a value looks like, or its type where that would differ from run to run."""
    shown = type(value).__name__ if isinstance(value, set | frozenset) else repr(value)
    return shown.partition(" at 0x")[0][:40]
