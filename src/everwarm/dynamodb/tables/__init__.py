"""Tables and their items: schema, catalog, reading, and the one road of every write.

Knows nothing of streams and of TTL: `engine.py` hands `write.py` observers, which run inside a write's transaction.
"""
