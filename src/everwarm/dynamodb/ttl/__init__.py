"""Time To Live: deletes items whose expiry time has passed, on time, and says so in the stream.

Not here: the wire operations (api/actions/), the delete itself (tables/write.py), the record (streams/).
AWS may take days; we take the milliseconds of one sweep, and docs/differences.md says so.
"""
