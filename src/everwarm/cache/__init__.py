"""The self-refreshing cache: a function's results in a table, each of which refreshes itself when its time comes.

A value item is readable all the while; a timer item beside it expires when the value is to be refreshed, that expiry is
a stream record, the record runs the loader, and value and next timer are written in one transaction.

Where to look: `cache.py` is what people import; `refresh.py` loads a key; `handler.py` is what expirations call;
`items.py` says what lies in the table, `table.py` how it is read and written. `backends/` is where that table is,
`values/` what a value and a key are there, `policies/` when anything is done.
Not here: functions and mappings (`lambdas`), the engine (`dynamodb`), the command line (`cli/cache.py`).
"""
