"""Event source mappings: from a DynamoDB stream to a function, at least once and in order.

The way of a record: `shards.py` finds the shard, `shard_reader.py` reads it, `gatherer.py` makes batches of what was
read, `delivery.py` calls the function and obeys `next_step.py`, `checkpoint.py` remembers how far that went.
`worker.py` plugs them together; `mapping.py` and `settings.py` say what is wanted.
"""
