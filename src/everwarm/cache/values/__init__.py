"""Python values and arguments as DynamoDB has them.

`codec.py` writes and reads the values of one function, by its return annotation; `keys.py` makes a key of its
arguments, `calls.py` keeps them for the next load. Behind them: plain values (`plain.py`, `scalars.py`, `numerals.py`),
annotations (`annotations.py`, `containers.py`, `models.py`), compression, and the words in which a value is refused
(`refusal.py`).
"""
