"""What an attribute is: the ten types, 38-digit numbers, keys as sortable bytes, sizes.

A value keeps the form that it has on the wire, a dict with one member: `{"S": "Fred"}`. Once it came through
`check.normal_value` it is valid and canonical, and everything behind the wire relies on that.
"""
