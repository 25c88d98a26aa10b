"""Streams: every change of a table's items, in order, for 24 hours.

`writer.py` records a change inside the write's transaction, `reader.py` gives records back, `catalog.py` knows which
streams there are and of which shards they consist, `upkeep.py` drops what is too old and replaces shards that are.
`sequence.py` has the numbers that it all hangs on. Not here: the wire operations (api/actions/), who reads on
(everwarm.lambdas.mappings).
"""
