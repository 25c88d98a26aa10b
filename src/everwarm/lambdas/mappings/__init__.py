"""Event source mappings: from a DynamoDB stream to a function, at least once and in order.

The way of a record: `shards.py` finds the shard, `shard_reader.py` reads it, `intake.py` reads ahead, asks the filters
(`filters.py`) and puts the record into its lane (`lanes.py`). `gatherer.py` makes a batch of what waits there
(`batch.py`, `windows.py`), `delivery.py` calls the function, has the answer read (`answers.py`) and obeys
`next_step.py`. What is done goes into the books (`ledger.py`), what is given up through a door (`failed.py`), and
`saver.py` has the position remembered (`checkpoint.py`).

`shard_flow.py` plugs that together for one shard and `worker.py` for a stream; `mapping.py` and `settings.py` say what
is wanted, `stats.py` tells how it goes.
"""
