"""Which operation a method and a path name, and what its request holds."""

import pytest

from everwarm.dynamodb.api.headers import Head
from everwarm.errors import InvalidRequestContentException, SerializationException
from everwarm.lambdas.api.model import lambda_model
from everwarm.lambdas.api.routes import find, prefixes, request_of


def head(method: str, path: str, query: str = "", **headers: str) -> Head:
    encoded = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return Head(method, path, query.encode(), encoded)


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/2015-03-31/functions", "CreateFunction"),
        ("POST", "/2015-03-31/functions/", "CreateFunction"),
        ("GET", "/2015-03-31/functions/f", "GetFunction"),
        ("DELETE", "/2015-03-31/functions/f", "DeleteFunction"),
        ("PUT", "/2015-03-31/functions/f/code", "UpdateFunctionCode"),
        ("POST", "/2015-03-31/functions/f/invocations", "Invoke"),
        ("GET", "/2019-09-30/functions/f/concurrency", "GetFunctionConcurrency"),
        ("PUT", "/2017-10-31/functions/f/concurrency", "PutFunctionConcurrency"),
        ("GET", "/2017-03-31/tags/arn%3Aaws%3Alambda", "ListTags"),
    ],
)
def test_the_operation_of_a_path(method: str, path: str, operation: str) -> None:
    route = find(head(method, path))
    assert route is not None
    assert route.operation == operation


def test_the_query_tells_two_operations_apart() -> None:
    path = "/2019-09-30/functions/f/provisioned-concurrency"
    one, other = find(head("GET", path)), find(head("GET", path, "List=ALL"))
    assert one is not None
    assert other is not None
    assert (one.operation, other.operation) == (
        "GetProvisionedConcurrencyConfig",
        "ListProvisionedConcurrencyConfigs",
    )


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/2015-03-31/functions"), ("GET", "/2015-03-31/nothing"), ("GET", "/2015-03-31")]
)
def test_paths_that_name_nothing(method: str, path: str) -> None:
    assert find(head(method, path)) is None


def test_every_operation_is_below_one_of_the_prefixes() -> None:
    model = lambda_model()
    assert {model.http(name).uri.split("/")[1] for name in model.operations()} == prefixes()


def test_members_come_from_path_query_header_and_body() -> None:
    asked = head("GET", "/2015-03-31/functions/arn%3Aa%2Fb", "Qualifier=%24LATEST")
    route = find(asked)
    assert route is not None
    assert request_of(route, asked, b"") == {"FunctionName": "arn:a/b", "Qualifier": "$LATEST"}
    asked = head("POST", "/2015-03-31/functions/f/invocations", x_amz_invocation_type="Event")
    route = find(asked)
    assert route is not None
    assert request_of(route, asked, b"no json") == {"FunctionName": "f", "InvocationType": "Event"}
    asked = head("DELETE", "/2017-03-31/tags/arn", "tagKeys=a&tagKeys=b%20c")
    route = find(asked)
    assert route is not None
    assert request_of(route, asked, b"") == {"Resource": "arn", "TagKeys": ["a", "b c"]}
    asked = head("PUT", "/2015-03-31/functions/f/code")
    route = find(asked)
    assert route is not None
    body = b'{"ZipFile": "AA==", "DryRun": true, "FunctionName": "another"}'
    assert request_of(route, asked, body) == {"FunctionName": "f", "ZipFile": "AA==", "DryRun": True}


def test_bodies_and_numbers_that_are_none() -> None:
    asked = head("GET", "/2015-03-31/functions", "MaxItems=many")
    route = find(asked)
    assert route is not None
    with pytest.raises(SerializationException):
        request_of(route, asked, b"")
    asked = head("POST", "/2015-03-31/functions")
    route = find(asked)
    assert route is not None
    with pytest.raises(InvalidRequestContentException):
        request_of(route, asked, b"{")
    with pytest.raises(SerializationException):
        request_of(route, asked, b"[]")
