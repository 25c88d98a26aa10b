"""Sizes in bytes, as AWS counts them.

Source: "DynamoDB item sizes and formats" in the developer guide, checked against recorded `SizeBytes` of stream
records: the numbers 42, 101 and 1723213300 count 2, 3 and 5 bytes besides their names.
"""

from everwarm.dynamodb.values.types import AttributeValue, Item, type_of

MAX_ITEM_BYTES = 400 * 1024


def item_size(item: Item) -> int:
    """Names and values of all attributes."""
    return sum(_text(name) + attribute_size(value) for name, value in item.items())


def attribute_size(value: AttributeValue) -> int:
    """One checked value, without its name."""
    tag = type_of(value)
    inner = value[tag]
    match tag:
        case "S":
            return _text(inner)
        case "N":
            return _number(inner)
        case "B":
            return _binary(inner)
        case "BOOL" | "NULL":
            return 1
        case "M":
            # 3 bytes for the collection and 1 for each member.
            return 3 + len(inner) + item_size(inner)
        case "L":
            return 3 + sum(1 + attribute_size(member) for member in inner)
        case "SS":
            return sum(map(_text, inner))
        case "NS":
            return sum(map(_number, inner))
        case _:
            return sum(map(_binary, inner))


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number(text: str) -> int:
    """One byte for two digits, one for the exponent, one more for a minus sign."""
    digits = text.lstrip("-0.").replace(".", "")
    digits = digits.strip("0")
    return (len(digits) + 1) // 2 + 1 + (1 if text.startswith("-") else 0)


def _binary(base64_text: str) -> int:
    return len(base64_text) // 4 * 3 - base64_text[-2:].count("=")
