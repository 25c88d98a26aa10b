"""everwarm's own operations on a running stack, below `/_everwarm/` of its endpoint, and who calls them.

`server.py` is the HTTP side, `operation.py` says what an operation is, and each other file has those of one subject
(`failures.py`). `client.py` is what commands use; it finds the stack by `whereabouts.py` of the house.

To add an operation, write a function like those in `failures.py` and name it in `parts.py`, where they are plugged in.
"""
