"""`NextToken`."""

import pytest

from everwarm.dynamodb.partiql.next_token import last_key, next_token
from everwarm.errors import ValidationException

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}


def test_it_holds_the_key() -> None:
    token = next_token("SELECT 1", [{"S": "x"}], KEY)
    assert last_key(token, "SELECT 1", [{"S": "x"}]) == KEY


@pytest.mark.parametrize(("statement", "parameter"), [("SELECT 2", "x"), ("SELECT 1", "y")])
def test_another_statement(statement: str, parameter: str) -> None:
    token = next_token("SELECT 1", [{"S": "x"}], KEY)
    with pytest.raises(ValidationException, match="NextToken does not match request"):
        last_key(token, statement, [{"S": parameter}])


def test_any_change_is_seen() -> None:
    token = next_token("SELECT 1", [], KEY)
    for at in range(len(token)):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(ValidationException, match="Invalid NextToken"):
            last_key(changed, "SELECT 1", [])


@pytest.mark.parametrize("token", ["a", "not base64!", "ß", "YWJj", "A" * 44])
def test_what_is_none(token: str) -> None:
    with pytest.raises(ValidationException, match="Invalid NextToken"):
        last_key(token, "SELECT 1", [])
