"""ExecuteStatement over the wire: a statement in PartiQL."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.wire.conftest import make_table
from tests.wire.refused import refused

MALFORMED = "Statement wasn't well formed, can't be processed: "
Run = Callable[..., list[dict[str, Any]]]

GAMES: list[dict[str, Any]] = [
    {"pk": {"S": "ann"}, "sk": {"N": str(at)}, "team": {"S": team}, "points": {"N": points}}
    for at, team, points in ((1, "red", "40"), (2, "blue", "30"), (3, "red", "20"), (4, "blue", "10"))
] + [
    {"pk": {"S": "bob"}, "sk": {"N": "1"}, "team": {"S": "red"}, "points": {"N": "15"}},
    {"pk": {"S": "cid"}, "sk": {"N": "7"}},
]


@pytest.fixture(scope="module")
def games(dynamodb: Any) -> str:
    """A table of three partitions, with a local index by `points` and a global one by `team` and `points`.

    The local one has `note` besides its keys, the global one nothing.
    """
    name = f"wire-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": one, "AttributeType": tag}
            for one, tag in (("pk", "S"), ("sk", "N"), ("team", "S"), ("points", "N"))
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-points",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "points", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-team",
                "KeySchema": [
                    {"AttributeName": "team", "KeyType": "HASH"},
                    {"AttributeName": "points", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    for item in GAMES:
        dynamodb.put_item(TableName=name, Item=item)
    return name


@pytest.fixture
def run(dynamodb: Any) -> Run:
    """`run("SELECT ...", {"S": "parameter"}, Limit=1)`: the items."""

    def run(statement: str, *parameters: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        if parameters:
            more["Parameters"] = list(parameters)
        items: list[dict[str, Any]] = dynamodb.execute_statement(Statement=statement, **more)["Items"]
        return items

    return run


@pytest.fixture
def item(dynamodb: Any, table: str, key: dict[str, Any]) -> dict[str, Any]:
    item = {
        **key,
        "n": {"N": "5"},
        "name": {"S": "it's"},
        "l": {"L": [{"S": "x"}, {"M": {"deep": {"N": "1"}}}]},
        "m": {"M": {"a": {"M": {"b": {"N": "7"}}}}},
        "ss": {"SS": ["a", "b"]},
        "yes": {"BOOL": True},
        "nil": {"NULL": True},
    }
    dynamodb.put_item(TableName=table, Item=item)
    return item


def sort_keys(items: list[dict[str, Any]]) -> list[str]:
    return [f"{item['pk']['S']}{item['sk']['N']}" for item in items]


# SELECT: which items


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("pk = 'ann'", ["ann1", "ann2", "ann3", "ann4"]),
        ("'ann' = pk", ["ann1", "ann2", "ann3", "ann4"]),
        ("pk = 'ann' AND sk = 2", ["ann2"]),
        ("pk = 'ann' AND sk > 1 AND sk < 4", ["ann2", "ann3"]),
        ("pk = 'ann' AND 3 <= sk", ["ann3", "ann4"]),
        ("pk = 'ann' AND sk BETWEEN 2 AND 3", ["ann2", "ann3"]),
        ("pk = 'ann' AND sk NOT BETWEEN 2 AND 3", ["ann1", "ann4"]),
        ("pk = 'ann' AND sk IN [4, 1, 4]", ["ann1", "ann4"]),
        ("pk = 'ann' AND NOT sk = 1 AND sk <> 2 AND sk != 3", ["ann4"]),
        ("pk = 'ann' AND sk > 3 AND sk < 1", []),
        ("pk = 'ann' AND pk = 'bob'", []),
        ("pk IN ['bob', 'ann'] AND sk = 1", ["ann1", "bob1"]),
        ("pk IN ('bob', 'cid')", ["bob1", "cid7"]),
        ("pk = 'bob' OR pk = 'cid'", ["bob1", "cid7"]),
        ("pk = 'bob' OR sk = 2", ["ann2", "bob1"]),
        ("(pk = 'ann' AND sk > 3) OR (pk = 'bob' AND sk < 3)", ["ann4", "bob1"]),
        ("sk > 2 AND sk <= 4", ["ann3", "ann4"]),
        ("begins_with(pk, 'b')", ["bob1"]),
        ("points IS MISSING", ["cid7"]),
        ("points IS NOT MISSING AND points < 20", ["ann4", "bob1"]),
        ("absent = 1", []),
    ],
)
def test_what_a_where_clause_finds(run: Run, games: str, where: str, found: list[str]) -> None:
    assert sorted(sort_keys(run(f'SELECT pk, sk FROM "{games}" WHERE {where}'))) == found


def test_without_a_where_clause_everything_is_found(run: Run, games: str) -> None:
    assert len(run(f'select * from "{games}"')) == len(GAMES)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("n = 5.0", True),
        ("n = 50e-1", True),
        ("n = -5", False),
        ("n = +5", True),
        ("name = 'it''s'", True),
        ("\"name\" = 'it''s'", True),
        ("m.a.b = 7", True),
        ("m['a']['b'] = 7", True),
        ("l[1].deep = 1", True),
        ("l = ['x', {'deep': 1}]", True),
        ("l = [{'deep': 1}, 'x']", False),
        ("l <> [{'deep': 1}, 'x']", True),
        ("m = {'a': {'b': 7.0}}", True),
        ("m <> {'a': {'b': 7}}", False),
        ("ss = <<'b', 'a'>>", True),
        ("ss <> <<'b', 'a'>>", False),
        ("ss = ['a', 'b']", False),
        ("yes <> true", False),
        ("nil <> NULL", False),
        ("yes = true", True),
        ("nil = NULL", True),
        ("nil IS NULL", True),
        ("absent IS NULL", False),
        ("absent IS NOT NULL", True),
        ("n IS STRING", False),
        ("name IS NOT STRING", False),
        ("contains(ss, 'a')", True),
        ("CONTAINS(name, 't''')", True),
        ("size(name) = 4", True),
        ("attribute_type(m, 'M')", True),
        ("n IN [4, 5]", True),
        ("n NOT IN [4, 5]", False),
        ("n BETWEEN 4 AND 6 AND yes = true", True),
        ("(n < 6 OR n > 9 AND yes = false)", True),
        ("(n < 4 OR n > 4) AND yes = false", False),
        ("name = n", False),
        # NOT turns the answer around, so it holds where there is no such attribute.
        ("NOT absent = 'x'", True),
        ("NOT n = 5", False),
        ("NOT absent > 1", True),
        ("NOT begins_with(absent, 'x')", True),
        ("NOT begins_with(name, 'it')", False),
        ("NOT contains(absent, 'x')", True),
        ("NOT contains(ss, 'a')", False),
        ("NOT absent BETWEEN 1 AND 2", True),
        ("absent NOT BETWEEN 1 AND 2", True),
        ("absent NOT IN [1]", True),
        ("NOT (n = 4 OR absent = 1)", True),
        ("NOT NOT n = 5", True),
    ],
)
def test_conditions(run: Run, table: str, item: dict[str, Any], where: str, holds: bool) -> None:
    found = run(f'SELECT * FROM "{table}" WHERE pk = ? AND {where}', item["pk"])
    assert found == ([item] if holds else [])


def test_comments_and_a_semicolon(run: Run, table: str, item: dict[str, Any]) -> None:
    statement = f'SELECT n -- the number\n FROM "{table}" /* of it */ WHERE pk = ?;'
    assert run(statement, item["pk"]) == [{"n": {"N": "5"}}]


# SELECT: what is shown


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ("n, m.a.b", {"n": {"N": "5"}, "b": {"N": "7"}}),
        ("m.a", {"a": {"M": {"b": {"N": "7"}}}}),
        ('"m"."a"', {"a": {"M": {"b": {"N": "7"}}}}),
        ("l[0], l[1].deep", {"l[0]": {"S": "x"}, "deep": {"N": "1"}}),
        ("absent, n", {"n": {"N": "5"}}),
        ("absent", {}),
        ("N", {}),
    ],
)
def test_a_path_is_shown_by_its_last_name(
    run: Run, table: str, item: dict[str, Any], paths: str, shown: dict[str, Any]
) -> None:
    assert run(f'SELECT {paths} FROM "{table}" WHERE pk = ?', item["pk"]) == [shown]


def test_a_local_index(run: Run, games: str) -> None:
    found = run(f'SELECT pk, sk FROM "{games}"."by-points" WHERE pk = \'ann\' AND points > 10')
    assert sort_keys(found) == ["ann3", "ann2", "ann1"]


def test_a_global_index(run: Run, games: str) -> None:
    found = run(f'SELECT pk, sk FROM "{games}"."by-team" WHERE team = \'red\' ORDER BY points DESC')
    assert sort_keys(found) == ["ann1", "ann3", "bob1"]


def test_all_of_a_local_index_is_what_it_holds(run: Run, games: str) -> None:
    found = run(f'SELECT * FROM "{games}"."by-points" WHERE pk = \'bob\'')
    assert found == [{"pk": {"S": "bob"}, "sk": {"N": "1"}, "points": {"N": "15"}}]


# What a local index does not hold is got from the table, at the price of reading each item there.
def test_what_a_local_index_does_not_hold(dynamodb: Any, games: str) -> None:
    response = dynamodb.execute_statement(
        Statement=f'SELECT sk, team FROM "{games}"."by-points" WHERE pk = \'ann\' AND points <= 30',
        ReturnConsumedCapacity="INDEXES",
    )
    assert response["Items"] == [
        {"sk": {"N": sk}, "team": {"S": team}} for sk, team in (("4", "blue"), ("3", "red"), ("2", "blue"))
    ]
    assert response["ConsumedCapacity"] == {
        "TableName": games,
        "CapacityUnits": 2.0,
        "Table": {"CapacityUnits": 1.5},
        "LocalSecondaryIndexes": {"by-points": {"CapacityUnits": 0.5}},
    }


def test_a_global_index_shows_what_it_holds(run: Run, games: str) -> None:
    for where in ("", "WHERE team = 'red'"):
        with refused(
            "ValidationException",
            "One or more parameter values were invalid: Global secondary index by-team does not project [note]",
        ):
            run(f'SELECT sk, note FROM "{games}"."by-team" {where}')


# A query of an index filters by what the index holds; a scan may ask for the rest, and finds it missing.
@pytest.mark.parametrize(
    ("index", "lacking", "keyed"),
    [
        ("by-team", "note", "team = 'red'"),
        ("by-team", "note", "team IN ['red', 'blue']"),
        ("by-points", "team", "pk = 'ann'"),
    ],
)
def test_a_filter_on_what_an_index_does_not_hold(run: Run, games: str, index: str, lacking: str, keyed: str) -> None:
    with refused(
        "ValidationException",
        (
            f"One or more parameter values were invalid: Secondary index {index} does not project "
            f"one or more filter attributes: [{lacking}]"
        ),
    ):
        run(f'SELECT sk FROM "{games}"."{index}" WHERE {keyed} AND {lacking} = \'x\'')


def test_a_scan_of_an_index_filters_by_anything(run: Run, games: str) -> None:
    assert run(f'SELECT sk FROM "{games}"."by-team" WHERE note = \'x\' OR points > 50') == []
    assert len(run(f'SELECT sk FROM "{games}"."by-team" WHERE note IS MISSING')) == 5


# SELECT: order and pages


def test_a_partition_comes_in_the_order_of_its_sort_key(run: Run, games: str) -> None:
    found = run(f"SELECT pk, sk FROM \"{games}\" WHERE pk = 'ann' AND sk >= 2")
    assert sort_keys(found) == ["ann2", "ann3", "ann4"]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("sk", ["ann1", "ann2", "ann3", "ann4", "bob1"]),
        ("sk DESC", ["ann4", "ann3", "ann2", "ann1", "bob1"]),
        ("pk DESC, sk ASC", ["bob1", "ann1", "ann2", "ann3", "ann4"]),
    ],
)
def test_order_by(run: Run, games: str, order: str, found: list[str]) -> None:
    statement = f"SELECT pk, sk FROM \"{games}\" WHERE pk IN ['ann', 'bob'] ORDER BY {order}"
    assert sort_keys(run(statement)) == found


@pytest.mark.parametrize(
    ("clauses", "problem"),
    [
        ("ORDER BY sk", "Must have WHERE clause in the statement when using ORDER BY clause."),
        (
            "WHERE sk = 1 ORDER BY sk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ),
        (
            "WHERE pk = 'ann' ORDER BY team",
            "Variable reference team in ORDER BY clause must be part of the primary key",
        ),
    ],
)
def test_orders_that_a_key_does_not_have(run: Run, games: str, clauses: str, problem: str) -> None:
    with refused("ValidationException", problem):
        run(f'SELECT * FROM "{games}" {clauses}')


@pytest.mark.parametrize(
    "clauses", ["", "WHERE pk = 'ann' ORDER BY sk DESC", "WHERE pk IN ['ann', 'bob']", "WHERE sk > 1"]
)
def test_pages_that_add_up(dynamodb: Any, run: Run, games: str, clauses: str) -> None:
    statement = f'SELECT pk, sk FROM "{games}" {clauses}'
    pages: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while page := dynamodb.execute_statement(Statement=statement, Limit=2, **more):
        assert len(page["Items"]) <= 2
        pages += page["Items"]
        assert ("LastEvaluatedKey" in page) == ("NextToken" in page)
        if "NextToken" not in page:
            break
        more["NextToken"] = page["NextToken"]
    assert pages == run(statement)


def test_a_page_has_1_mb(dynamodb: Any) -> None:
    name = make_table(dynamodb, "pk:S", "sk:N")
    for at in range(4):
        item = {"pk": {"S": "a"}, "sk": {"N": str(at)}, "v": {"S": "x" * 390_000}}
        dynamodb.put_item(TableName=name, Item=item)
    page = dynamodb.execute_statement(Statement=f"SELECT sk FROM \"{name}\" WHERE pk = 'a'")
    assert len(page["Items"]) == 3
    assert page["LastEvaluatedKey"] == {"pk": {"S": "a"}, "sk": {"N": "2"}}


# Limit counts what is looked at.
def test_a_page_may_be_empty_and_not_the_last(dynamodb: Any, games: str) -> None:
    statement = f"SELECT sk FROM \"{games}\" WHERE pk = 'ann' AND points = 20"
    first = dynamodb.execute_statement(Statement=statement, Limit=2)
    assert first["Items"] == []
    second = dynamodb.execute_statement(Statement=statement, Limit=2, NextToken=first["NextToken"])
    assert second["Items"] == [{"sk": {"N": "3"}}]


def test_a_token_that_is_none(dynamodb: Any, games: str) -> None:
    statement = f'SELECT * FROM "{games}"'
    token = dynamodb.execute_statement(Statement=statement, Limit=1)["NextToken"]
    for wrong in ("abc", "YWJj", token[:-4] + "AAAA", token[4:]):
        with refused("ValidationException", "Invalid NextToken"):
            dynamodb.execute_statement(Statement=statement, NextToken=wrong)


def test_a_token_of_another_statement(dynamodb: Any, games: str) -> None:
    token = dynamodb.execute_statement(Statement=f'SELECT * FROM "{games}"', Limit=1)["NextToken"]
    with refused("ValidationException", "NextToken does not match request"):
        dynamodb.execute_statement(Statement=f'SELECT pk FROM "{games}"', NextToken=token)


def test_a_token_of_other_parameters(dynamodb: Any, games: str) -> None:
    statement = f'SELECT * FROM "{games}" WHERE pk = ?'
    token = dynamodb.execute_statement(Statement=statement, Parameters=[{"S": "ann"}], Limit=1)["NextToken"]
    with refused("ValidationException", "NextToken does not match request"):
        dynamodb.execute_statement(Statement=statement, Parameters=[{"S": "bob"}], NextToken=token)


def test_a_consistent_read_of_a_global_index(run: Run, games: str) -> None:
    with refused("ValidationException", "Consistent reads are not supported on global secondary indexes"):
        run(f'SELECT * FROM "{games}"."by-team"', ConsistentRead=True)


# INSERT


def test_insert(dynamodb: Any, run: Run, table: str, key: dict[str, Any]) -> None:
    statement = (
        f"INSERT INTO \"{table}\" VALUE {{'pk': ?, 'n': -1.50, 'e': 1e3, 'deep': {{'l': [1, 'a', null, true, "
        "<<1, 2>>, <<'a', 'b'>>, {}]}}"
    )
    assert run(statement, key["pk"]) == []
    found = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert [found["n"], found["e"]] == [{"N": "-1.5"}, {"N": "1000"}]
    plain, sets = found["deep"]["M"]["l"]["L"][:4], found["deep"]["M"]["l"]["L"][4:]
    assert plain == [{"N": "1"}, {"S": "a"}, {"NULL": True}, {"BOOL": True}]
    assert [sorted(sets[0]["NS"]), sorted(sets[1]["SS"]), sets[2]] == [["1", "2"], ["a", "b"], {"M": {}}]


def test_insert_of_an_item_that_is_there(run: Run, table: str, item: dict[str, Any]) -> None:
    with refused("DuplicateItemException", "Duplicate primary key exists in table"):
        run(f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", item["pk"])
    assert run(f'SELECT * FROM "{table}" WHERE pk = ?', item["pk"]) == [item]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("{'a': 1}", "Key attribute should be present in the item: Key pk"),
        ("{'pk': 1}", "Key attribute's data type should match its data type in table's schema: Key pk"),
        (
            "{'pk': ''}",
            (
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                "cannot contain an empty string value. Key: pk"
            ),
        ),
        (
            "'x'",
            (
                "Unsupported format in item expression. Please use struct format {...} to express item values for "
                "insert statement. at 1:63:3"
            ),
        ),
        ("{'pk': 'a', 'x': <<>>}", "Empty bags are not supported at 1:80:2"),
        ("{'pk': 'a', 'x': MISSING}", "Unsupported data type: MISSING under key root at 1:80:7"),
        ("{'pk': 'a', 'x': a}", "Unsupported data type: a under key root at 1:80:1"),
        ("{'pk': 'a', 'pk': 'b'}", "Duplicate keys in tuple. Key: pk under root at 1:75:4"),
        ("{pk: 'a'}", "Tuple keys must be of type String. Actual type: VariableReference under root at 1:64:2"),
        ("{'pk': 'a'} RETURNING ALL OLD *", "RETURNING is not supported in INSERT"),
    ],
)
def test_inserts_that_are_refused(run: Run, table: str, value: str, problem: str) -> None:
    assert len(table) == 41, "the places in the messages count on it"
    with refused("ValidationException", problem):
        run(f'INSERT INTO "{table}" VALUE {value}')


# UPDATE


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("SET n = n + 1", {"n": {"N": "6"}}),
        ("SET n = 10 - n", {"n": {"N": "5"}}),
        ("SET a = 1 SET b = 'x'", {"a": {"N": "1"}, "b": {"S": "x"}}),
        ("SET a = 1, b = name", {"a": {"N": "1"}, "b": {"S": "it's"}}),
        ("SET a = NULL REMOVE n", {"a": {"NULL": True}}),
        ("SET m.a.b = 8", {"m": {"M": {"a": {"M": {"b": {"N": "8"}}}}}}),
        ("SET l = list_append(l, [1])", {"l": {"L": [{"S": "x"}, {"M": {"deep": {"N": "1"}}}, {"N": "1"}]}}),
        ("SET l = list_append(['y'], l)", {"l": {"L": [{"S": "y"}, {"S": "x"}, {"M": {"deep": {"N": "1"}}}]}}),
        ("SET l[1] = 'y'", {"l": {"L": [{"S": "y"}]}}),
        # What lies between them is left out; in the order of the list.
        ("SET l[1] = 'y', l[0] = 'z'", {"l": {"L": [{"S": "z"}, {"S": "y"}]}}),
        ("SET ss = set_delete(ss, <<'a'>>)", {"ss": {"SS": ["b"]}}),
        ("SET more = set_add(more, <<1>>)", {"more": {"NS": ["1"]}}),
        ("SET a = if_not_exists(n, 1)", {"a": {"N": "5"}}),
    ],
)
def test_update(run: Run, table: str, item: dict[str, Any], change: str, shown: dict[str, Any]) -> None:
    statement = f'UPDATE "{table}" {change} WHERE pk = ? RETURNING MODIFIED NEW *'
    assert run(statement, item["pk"]) == [shown]


def test_what_an_update_returns(run: Run, table: str, item: dict[str, Any]) -> None:
    statement = f'UPDATE "{table}" SET n = n + ? WHERE pk = ?'
    parameters = ({"N": "1"}, item["pk"])
    assert run(statement, *parameters) == []
    assert run(f"{statement} RETURNING ALL OLD *", *parameters) == [{**item, "n": {"N": "6"}}]
    assert run(f"{statement} RETURNING ALL NEW *", *parameters) == [{**item, "n": {"N": "8"}}]
    assert run(f"{statement} RETURNING MODIFIED OLD *", *parameters) == [{"n": {"N": "8"}}]
    assert run(f'UPDATE "{table}" REMOVE n WHERE pk = ? RETURNING MODIFIED NEW *', item["pk"]) == []
    assert run(f'UPDATE "{table}" SET fresh = 1 WHERE pk = ? RETURNING MODIFIED OLD *', item["pk"]) == []


@pytest.mark.parametrize(
    ("change", "elements"),
    [
        ("SET l[0] = 'y'", ["y", "b", "c"]),
        ("SET l[3] = 'y'", ["a", "b", "c", "y"]),
        ("SET l[9] = 'y'", ["a", "b", "c", "y"]),
        ("REMOVE l[0]", ["b", "c"]),
        ("REMOVE l[1] REMOVE l[2]", ["a"]),
        ("REMOVE l[9]", ["a", "b", "c"]),
    ],
)
def test_elements_of_a_list(
    dynamodb: Any, run: Run, table: str, key: dict[str, Any], change: str, elements: list[str]
) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]}})
    [shown] = run(f'UPDATE "{table}" {change} WHERE pk = ? RETURNING ALL NEW *', key["pk"])
    assert [one["S"] for one in shown["l"]["L"]] == elements


def test_modified_elements_close_ranks(dynamodb: Any, run: Run, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]}})
    statement = f"UPDATE \"{table}\" SET l[2] = 'z', l[0] = 'x' WHERE pk = ? RETURNING MODIFIED"
    assert run(f"{statement} OLD *", key["pk"]) == [{"l": {"L": [{"S": "a"}, {"S": "c"}]}}]
    assert run(f"{statement} NEW *", key["pk"]) == [{"l": {"L": [{"S": "x"}, {"S": "z"}]}}]


# An UPDATE never creates an item.
def test_update_of_an_item_that_is_not_there(run: Run, table: str, key: dict[str, Any]) -> None:
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        run(f'UPDATE "{table}" SET n = 1 WHERE pk = ?', key["pk"])
    assert run(f'SELECT * FROM "{table}" WHERE pk = ?', key["pk"]) == []


def test_a_condition_that_does_not_hold(dynamodb: Any, run: Run, table: str, item: dict[str, Any]) -> None:
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        run(
            f'UPDATE "{table}" SET n = 1 WHERE pk = ? AND n > 5',
            item["pk"],
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert caught.value.response["Item"] == item
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        run(f'DELETE FROM "{table}" WHERE pk = ? AND n > 5', item["pk"])
    assert "Item" not in caught.value.response


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("SET a = 1", "Where clause does not contain a mandatory equality on all key attributes"),
        ("SET a = 1 WHERE a = 1", "Where clause does not contain a mandatory equality on all key attributes"),
        ("SET a = 1 WHERE pk > 'a'", "Where clause does not contain a mandatory equality on all key attributes"),
        ("SET a = 1 WHERE pk IN ['a']", "Where clause does not contain a mandatory equality on all key attributes"),
        (
            "SET a = 1 WHERE pk = 'a' OR pk = 'b'",
            "Where clause does not contain a mandatory equality on all key attributes",
        ),
        (
            "SET a = 1 WHERE pk = 'a' AND pk = 'b'",
            "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported",
        ),
        ("SET a = 1 WHERE pk = 1", "Key attribute's data type should match its data type in table's schema: Key pk"),
        (
            "SET pk = 'x' WHERE pk = 'a'",
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key",
        ),
        ("SET a = a * 2 WHERE pk = 'a'", "Unsupported operator in Update Expression. Operator: *"),
        ("SET a = foo(a) WHERE pk = 'a'", "Unrecognized function: foo"),
        ("SET a = size(a) WHERE pk = 'a'", "The function is not allowed in an update expression; function: size"),
        ("SET a = set_add(b, <<1>>) WHERE pk = 'a'", "The first argument to SET_ADD must equal the assignment value"),
        (
            "SET a = a + 'x' WHERE pk = 'a'",
            "Incorrect operand type for operator or function; operator or function: +, operand type: S",
        ),
        (
            "SET a = 1, a = 2 WHERE pk = 'a'",
            (
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                "path one: [a], path two: [a]"
            ),
        ),
        (
            "SET a = 1 WHERE pk = 'a' RETURNING ALL NEW *, ALL OLD *",
            "Invalid syntax with multiple returning elements in RETURNING clause",
        ),
    ],
)
def test_updates_that_are_refused(run: Run, table: str, rest: str, problem: str) -> None:
    with refused("ValidationException", problem):
        run(f'UPDATE "{table}" {rest}')


# DELETE


def test_delete(run: Run, table: str, item: dict[str, Any]) -> None:
    statement = f'DELETE FROM "{table}" WHERE pk = ? RETURNING ALL OLD *'
    assert run(statement, item["pk"]) == [item]
    assert run(statement, item["pk"]) == []


# Source: "PartiQL delete statements for DynamoDB": success, with 0 items deleted.
def test_delete_of_an_item_that_is_not_there(run: Run, table: str, key: dict[str, Any]) -> None:
    assert run(f'DELETE FROM "{table}" WHERE pk = ? AND n = 1', key["pk"]) == []


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("", "Where clause does not contain a mandatory equality on all key attributes"),
        *[
            (
                f"WHERE pk = 'a' RETURNING {returning} *",
                (
                    f"Invalid returning clause: RETURNING {returning} *. "
                    "Only RETURNING ALL OLD * is allowed in DELETE statements."
                ),
            )
            for returning in ("ALL NEW", "MODIFIED OLD", "MODIFIED NEW")
        ],
    ],
)
def test_deletes_that_are_refused(run: Run, table: str, rest: str, problem: str) -> None:
    with refused("ValidationException", problem):
        run(f'DELETE FROM "{table}" {rest}')


def test_an_index_is_not_written(run: Run, games: str) -> None:
    for statement in ("DELETE FROM {} WHERE pk = 'a'", "UPDATE {} SET a = 1 WHERE pk = 'a'"):
        with refused("ValidationException", "This operation is not supported on an index"):
            run(statement.format(f'"{games}"."by-team"'))
    with refused(
        "ValidationException", "FROM clause may only contain a single table name in data manipulation statements"
    ):
        run(f"INSERT INTO \"{games}\".\"by-team\" VALUE {{'pk': 'a', 'sk': 1}}")


# What is refused everywhere, whether there is such a table or not


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("NONSENSE", f"{MALFORMED}Expected data manipulation"),
        ("UPDATE payment-x SET a = ? WHERE b = ?", f"{MALFORMED}Expected data manipulation"),
        ("INSERT INTO urls (key, a) VALUES (?, ?)", f"{MALFORMED}Unexpected keyword"),
        ("SELECT * FROM games WHERE pk = 'a' garbage", f"{MALFORMED}Unexpected token after expression"),
        ("this isn't any", f"{MALFORMED}Expected data manipulation"),
        ('SELECT * FROM "games', f"{MALFORMED}Invalid character"),
        ("SELECT count(*) FROM games", "Unexpected path component at 1:8:5"),
        ("SELECT COUNT(a) FROM games WHERE a = 1", "Unexpected path component at 1:8:5"),
        ("SELECT COUNT(DISTINCT a) FROM games", "Unexpected path component at 1:8:5"),
        ("SELECT a,\n COUNT(*) FROM games", "Unexpected path component at 2:2:5"),
        ("SELECT a AS b FROM games", "Aliasing is not supported"),
        ("SELECT a, b.a FROM games", "Duplicate identifiers in select clause: a"),
        ("SELECT DISTINCT a FROM games", "Unsupported token in expression: DISTINCT"),
        ("SELECT a FROM games LIMIT 1", "Unsupported clause: LIMIT at 1:27:1"),
        ("SELECT a FROM games GROUP BY a", "Unsupported clause: GROUP BY"),
        ("SELECT a FROM games, others", "Only select from a single table or index is supported."),
        ("SELECT * FROM x.y.z", "A path may contain at most 2 components in the FROM clause"),
        ('SELECT * FROM games.""', "Path component cannot be an empty string"),
        ('SELECT * FROM "".games', "Path component cannot be an empty string"),
        ("SELECT a FROM games WHERE a", "WHERE clause must contain an expression that resolves to a boolean"),
        ("SELECT a FROM games WHERE a LIKE 'b%'", "Unsupported operator in Condition Expression. Operator: like"),
        ("SELECT a FROM games WHERE a = MISSING", "MISSING must be compared using IS operator"),
        ("SELECT a FROM games WHERE foo(a)", "Unrecognized function: foo"),
        *[
            (
                f"SELECT a FROM games WHERE {condition}",
                (
                    f"Incorrect operand type for operator or function; operator or function: {operator}, "
                    f"operand type: {tag}"
                ),
            )
            for condition, operator, tag in (
                ("a < true", "<", "BOOL"),
                ("false >= a", ">=", "BOOL"),
                ("a <= NULL", "<=", "NULL"),
                ("a > [1]", ">", "L"),
                ("a >= {'b': 1}", ">=", "M"),
                ("a < <<1>>", "<", "NS"),
                ("a BETWEEN 1 AND NULL", "BETWEEN", "NULL"),
                ("a BETWEEN true AND true", "BETWEEN", "BOOL"),
                ("pk = 'a' AND NOT (b = 1 OR c > <<'d'>>)", ">", "SS"),
            )
        ],
        (
            "UPDATE games SET a = 1 WHERE pk = 'a' AND b < true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        (f"SELECT * FROM games WHERE {'(' * 250}a = 1{')' * 250}", "Nesting Levels have exceeded supported limits"),
        (f"SELECT * FROM games WHERE {'NOT ' * 2000}a = 1", "Nesting Levels have exceeded supported limits"),
        ("SELECT a FROM games WHERE a = ?", "Number of parameters in request and statement don't match."),
        ("EXISTS(SELECT * FROM games WHERE pk = 'a')", "EXISTS can only be used in ExecuteTransaction write requests."),
        ("CREATE TABLE games", "Unsupported operation: CreateTable"),
    ],
)
def test_statements_that_are_refused(run: Run, statement: str, problem: str) -> None:
    with refused("ValidationException", problem):
        run(statement)


def test_too_many_parameters(run: Run, table: str) -> None:
    with refused("ValidationException", "Number of parameters in request and statement don't match."):
        run(f"SELECT * FROM \"{table}\" WHERE pk = 'a'", {"S": "a"})


def test_no_such_table(run: Run) -> None:
    for statement in ("SELECT * FROM absent", "DELETE FROM absent WHERE pk = 'a'", "INSERT INTO absent VALUE {'a': 1}"):
        with refused("ResourceNotFoundException", "Requested resource not found"):
            run(statement)


def test_no_such_index(run: Run, games: str) -> None:
    with refused("ValidationException", "The table does not have the specified index"):
        run(f'SELECT * FROM "{games}".absent')


def test_the_shape(unchecked: Any) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ):
        unchecked.execute_statement(Statement="SELECT * FROM games", Limit=0)
    with refused("ValidationException", has="Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint"):
        unchecked.execute_statement(Statement="SELECT * FROM games", ReturnConsumedCapacity="ALL")
    with refused("ValidationException", has="Member must have length less than or equal to 8192"):
        unchecked.execute_statement(Statement=f"SELECT * FROM games WHERE a = '{'x' * 8192}'")


# What is consumed


def test_consumed_capacity(dynamodb: Any, games: str) -> None:
    def units(statement: str, **more: Any) -> Any:
        response = dynamodb.execute_statement(
            Statement=statement.format(f'"{games}"'), ReturnConsumedCapacity="INDEXES", **more
        )
        return response["ConsumedCapacity"]

    whole = units("SELECT * FROM {} WHERE pk = 'ann'", ConsistentRead=True)
    assert whole == {"TableName": games, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}
    assert units("SELECT * FROM {} WHERE pk = 'ann'")["CapacityUnits"] == 0.5
    assert units("SELECT * FROM {} WHERE pk IN ['ann', 'bob', 'cid']")["CapacityUnits"] == 1.5
    by_index = units("SELECT pk FROM {}.\"by-team\" WHERE team = 'red'")
    assert by_index["GlobalSecondaryIndexes"] == {"by-team": {"CapacityUnits": 0.5}}
    written = units("UPDATE {} SET points = 41 WHERE pk = 'ann' AND sk = 1")
    assert written["CapacityUnits"] == 5.0
    assert written["Table"] == {"CapacityUnits": 1.0}
    units("UPDATE {} SET points = 40 WHERE pk = 'ann' AND sk = 1")


# Of what is looked at: before the filter, and before the projection.
def test_a_read_is_charged_on_what_it_walks_over(dynamodb: Any) -> None:
    name = make_table(dynamodb, "pk:S", "sk:N")
    for at in range(4):
        item = {"pk": {"S": "a"}, "sk": {"N": str(at)}, "v": {"S": "x" * 6000}}
        dynamodb.put_item(TableName=name, Item=item)

    def units(where: str, **more: Any) -> Any:
        response = dynamodb.execute_statement(
            Statement=f'SELECT sk FROM "{name}" WHERE {where}', ReturnConsumedCapacity="TOTAL", **more
        )
        return response["ConsumedCapacity"]["CapacityUnits"]

    assert units("pk = 'a'", ConsistentRead=True) == 6.0
    assert units("pk = 'a' AND absent = 1", ConsistentRead=True) == 6.0
    assert units("absent = 1") == 3.0
    assert units("pk = 'a' AND sk < 2") == 1.5
    assert units("pk = 'a' AND absent = 1", Limit=1) == 1.0
    assert units("pk = 'none'") == 0.5
