"""The order of names in AWS's messages."""

from everwarm.dynamodb.tables.name_order import as_map, as_set


# As recorded on AWS, whatever the order in the request.
def test_as_aws_lists_them() -> None:
    names = ["ProductId", "ProductName", "CreatedTime", "ProductDescription"]
    assert as_map(names) == "[ProductId, CreatedTime, ProductDescription, ProductName]"
    assert as_set(["ProductId", "ProductName", "CreatedTime"]) == "[CreatedTime, ProductName, ProductId]"
    assert as_map(["hash", "index", "extra"]) == "[index, hash, extra]"
    assert as_set(["hash", "index"]) == "[index, hash]"


def test_each_once() -> None:
    assert as_set("abca") == "[a, b, c]"
    assert as_map([]) == "[]"


# More names than three quarters of the buckets, and the table grows: 13 of them need 32.
def test_many_names() -> None:
    assert as_set("ponmlkjihgfed") == "[d, e, f, g, h, i, j, k, l, m, n, o, p]"
    # `p` is 112, and 112 mod 16 is 0.
    assert as_set("ponm") == "[p, m, n, o]"
