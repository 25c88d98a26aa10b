"""A function that is a cache's handler: its code shows neither what it writes nor what it answers."""

from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import CLEAN, Found

Find = Callable[..., Found]

CODE = """\
from everwarm import Cache

orders = Cache("orders")


@orders.cached
def order(number: int) -> dict:
    return {}


handler = orders.handler
"""
SERVICE_FILTER = "              userIdentity: {type: [Service]}\n"
FILTER = '              dynamodb: {Keys: {key: {S: [{prefix: "timer#"}]}}}\n'
MAY = "Action: [dynamodb:PutItem, dynamodb:GetItem]"
MAY_ALL = "Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem]"
BISECT = "          bisectBatchOnFunctionError: true\n"
PARTIAL = "          functionResponseType: ReportBatchItemFailures\n"
PROJECT = (
    CLEAN.replace("AttributeName: id", "AttributeName: key")
    .replace(SERVICE_FILTER, FILTER)
    .replace(MAY, MAY_ALL)
    .replace(BISECT, BISECT + PARTIAL)
)

IMPORTS = [
    "from everwarm import Cache",
    "from everwarm.cache.cache import Cache",
    "from everwarm import (\n    Cache,\n)",
]


@pytest.mark.parametrize("imported", IMPORTS)
def test_there_is_nothing_to_say_about_it(found: Find, imported: str) -> None:
    assert found(text=PROJECT, code=CODE.replace(IMPORTS[0], imported)).codes == []


def test_a_function_around_its_handler(found: Find) -> None:
    code = CODE.replace("handler = orders.handler", "def handler(event, context):\n    return orders.handler(event)")
    assert found(text=PROJECT, code=code).codes == []


# Its answer names failed records; a mapping that does not look at it takes each call for a success.
def test_its_answer_has_to_be_read(found: Find) -> None:
    assert found((PARTIAL, ""), text=PROJECT, code=CODE).codes == ["ignored-partial-response"]


# Its writes come by, and are passed over: no loop, but paid for.
def test_its_own_writes_are_a_notice(found: Find) -> None:
    pattern = f"          filterPatterns:\n            - eventName: [REMOVE]\n{FILTER}"
    result = found((pattern, ""), text=PROJECT, code=CODE)
    assert result.codes == ["own-writes"]
    finding = result.only("own-writes")
    assert finding.weight is Weight.NOTICE
    assert "passes them over" in finding.what
    # What is to be pasted mends it.
    pasted = "".join(f"          {line}\n" for line in finding.fix.splitlines())
    assert found((pattern, pasted), text=PROJECT, code=CODE).codes == []


def test_the_rights_that_it_needs(found: Find) -> None:
    result = found((MAY_ALL, MAY), text=PROJECT, code=CODE)
    assert result.codes == ["missing-table-permission"]
    assert "calls UpdateItem, DeleteItem on orders" in result.only("missing-table-permission").what


# Who only reads from a cache has a handler of his own, which has to answer for itself.
def test_a_handler_of_its_own_beside_a_cache(found: Find) -> None:
    code = CODE.replace("handler = orders.handler", "def handler(event, context):\n    return order(1)")
    assert found(text=PROJECT, code=code).codes == ["unused-partial-response"]
