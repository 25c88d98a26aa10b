"""Ordered bytes on disk: durable, one writer with group commit, snapshot reads. Has never heard of tables.

`store.py` is the room to enter; `layout.py` says which keys lie where; `directory.py` guards the data directory.
"""
