"""Batches that were given up: what AWS would tell of them, where that goes, and our own store for them.

`record.py` is AWS's on-failure record. `destinations.py` sends it to a queue, a topic or a bucket, or has the store
keep it: `store.py`, whose entries are `kept.py`. `redrive.py` calls the function with them again.

Not here: when a batch is given up (`mappings/next_step.py`), the commands for it (`everwarm.cli`, by way of
`everwarm.control`).
"""
