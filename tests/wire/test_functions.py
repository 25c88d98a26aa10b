"""CreateFunction, GetFunction, ListFunctions and DeleteFunction, through boto3."""

import http.client
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.functions import ECHO, ROLE, creation, make_function, package
from tests.wire.refused import refused

ARN = "arn:aws:lambda:us-east-1:000000000000:function"


@pytest.fixture
def made(lambda_: Any) -> Iterator[Any]:
    """`made(**request)`: CreateFunction, and DeleteFunction when the test ends."""
    names: list[str] = []

    def make(**more: Any) -> dict[str, Any]:
        response: dict[str, Any] = lambda_.create_function(**creation(**more))
        names.append(response["FunctionName"])
        return response

    yield make
    for name in names:
        lambda_.delete_function(FunctionName=name)


def test_a_function_with_no_more_than_it_takes(lambda_: Any, made: Any) -> None:
    """CreateFunction: the defaults of the API reference. Section 9, limits: timeout 3 s, memory 128 MB, /tmp 512 MB."""
    request = creation()
    del request["Timeout"]
    response = lambda_.create_function(**request)
    name = request["FunctionName"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 201
    for member, value in {
        "FunctionName": name,
        "FunctionArn": f"{ARN}:{name}",
        "Runtime": "python3.11",
        "Role": ROLE,
        "Handler": "main.handler",
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
        "CodeSize": len(request["Code"]["ZipFile"]),
    }.items():
        assert response[member] == value, member
    assert "Environment" not in response
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", response["LastModified"])
    assert uuid.UUID(response["RevisionId"])
    lambda_.delete_function(FunctionName=name)


def test_what_is_given_is_shown(lambda_: Any, made: Any) -> None:
    """CreateFunction keeps what it does not obey."""
    given = {
        "Description": "for a test",
        "MemorySize": 256,
        "Timeout": 900,
        "Environment": {"Variables": {"NAME": "value"}},
        "Architectures": ["arm64"],
        "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:letters"},
        "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/one",
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine"},
    }
    name = made(**given)["FunctionName"]
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert {member: shown[member] for member in given} == given


def test_once_made_it_is_active(lambda_: Any, made: Any) -> None:
    """Who waits as on AWS is served: boto3's waiters end."""
    name = made()["FunctionName"]
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    lambda_.get_waiter("function_exists").wait(FunctionName=name)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Successful")


def test_a_function_twice(lambda_: Any, function: str) -> None:
    """CreateFunction: ResourceConflictException, 409."""
    with refused("ResourceConflictException", f"Function already exist: {function}"):
        lambda_.create_function(**creation(FunctionName=function))


def test_a_function_twice_by_its_arn(lambda_: Any, function: str) -> None:
    """CreateFunction by an ARN names the same function as by its name."""
    with refused("ResourceConflictException", f"Function already exist: {function}"):
        lambda_.create_function(**creation(FunctionName=f"{ARN}:{function}"))


@pytest.mark.parametrize(
    ("given", "value", "place", "constraint"),
    [
        (
            {"Role": "r1"},
            "r1",
            "role",
            r"satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
        ),
        ({"Handler": "a b"}, "a b", "handler", r"satisfy regular expression pattern: [^\s]+"),
        ({"Timeout": 0}, "0", "timeout", "have value greater than or equal to 1"),
        ({"Timeout": 901}, "901", "timeout", "have value less than or equal to 900"),
        ({"MemorySize": 127}, "127", "memorySize", "have value greater than or equal to 128"),
        ({"MemorySize": 10_241}, "10241", "memorySize", "have value less than or equal to 10240"),
        (
            {"EphemeralStorage": {"Size": 511}},
            "511",
            "ephemeralStorage.size",
            "have value greater than or equal to 512",
        ),
        (
            {"EphemeralStorage": {"Size": 10_241}},
            "10241",
            "ephemeralStorage.size",
            "have value less than or equal to 10240",
        ),
        (
            {"Architectures": ["x86_64", "arm64"]},
            "[x86_64, arm64]",
            "architectures",
            "have length less than or equal to 1",
        ),
        ({"Description": "x" * 257}, "x" * 257, "description", "have length less than or equal to 256"),
        (
            {"TracingConfig": {"Mode": "On"}},
            "On",
            "tracingConfig.mode",
            "satisfy enum value set: [Active, PassThrough]",
        ),
    ],
)
def test_settings_out_of_their_range(
    unchecked_lambda: Any, given: dict[str, Any], value: str, place: str, constraint: str
) -> None:
    """Section 9, limits; the shapes of the API's model: ValidationException."""
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: "
        f"Member must {constraint}",
    ):
        unchecked_lambda.create_function(**creation(**given))


def test_names_of_variables(unchecked_lambda: Any) -> None:
    """Section 9: keys start with a letter, at least two characters, letters, digits, underscore."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value '{1ST=v}' at 'environment.variables' failed to satisfy constraint: Map "
        "keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
    ):
        unchecked_lambda.create_function(**creation(Environment={"Variables": {"1ST": "v"}}))


def test_several_faults_are_told_at_once(unchecked_lambda: Any) -> None:
    with refused("ValidationException", begins="2 validation errors detected: "):
        unchecked_lambda.create_function(**creation(Role="r1", Timeout=0))


@pytest.mark.parametrize("name", ["not a name", "arn:aws:lambda:us-east-1:000000000000:layer:x:1", "a/b"])
def test_names_that_are_none(unchecked_lambda: Any, name: str) -> None:
    with refused("ValidationException", begins=f"1 validation error detected: Value '{name}' at 'functionName' failed"):
        unchecked_lambda.create_function(**creation(FunctionName=name))


def test_a_name_that_is_too_long(lambda_: Any) -> None:
    with refused("InvalidParameterValueException", has="longer than 64 characters"):
        lambda_.create_function(**creation(FunctionName="n" * 65))


def test_a_runtime_that_is_none(lambda_: Any) -> None:
    with refused(
        "InvalidParameterValueException",
        begins="Value python9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [",
        has="python3.12",
    ):
        lambda_.create_function(**creation(Runtime="python9"))


@pytest.mark.parametrize("missing", ["Runtime", "Handler"])
def test_runtime_and_handler_are_needed(lambda_: Any, missing: str) -> None:
    request = creation()
    del request[missing]
    with refused(
        "InvalidParameterValueException",
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    ):
        lambda_.create_function(**request)


def test_variables_of_more_than_4_kb(lambda_: Any) -> None:
    """Section 9: user variables, 4 KB in all."""
    with refused(
        "InvalidParameterValueException",
        begins="Lambda was unable to configure your environment variables because the environment variables you have "
        'provided exceeded the 4KB limit. String measured: {"MUCH":"xxx',
    ):
        lambda_.create_function(**creation(Environment={"Variables": {"MUCH": "x" * 4096}}))


def test_variables_that_are_lambdas_own(lambda_: Any) -> None:
    with refused(
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: "
        "AWS_REGION",
    ):
        lambda_.create_function(**creation(Environment={"Variables": {"AWS_REGION": "eu-west-1", "OTHER": "x"}}))


def test_get_function(lambda_: Any, made: Any) -> None:
    """GetFunction: configuration, code, tags, concurrency."""
    name = made(Tags={"team": "warm"})["FunctionName"]
    response = lambda_.get_function(FunctionName=name)
    assert response["Configuration"]["FunctionName"] == name
    assert response["Code"]["RepositoryType"] == "S3"
    assert response["Tags"] == {"team": "warm"}
    assert "Concurrency" not in response
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    assert lambda_.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 3}


def test_the_package_can_be_fetched(lambda_: Any, made: Any, connection: http.client.HTTPConnection) -> None:
    """GetFunction: Code.Location is a URL that needs no signature."""
    name = made()["FunctionName"]
    location = lambda_.get_function(FunctionName=name)["Code"]["Location"]
    connection.request("GET", location)
    response = connection.getresponse()
    assert response.status == 200
    assert response.getheader("Content-Type") == "application/zip"
    assert response.read() == package(ECHO)


def test_a_package_that_nobody_has(lambda_: Any, function: str, connection: http.client.HTTPConnection) -> None:
    connection.request("GET", f"/2015-03-31/packages/{function}")
    assert connection.getresponse().status == 404


@pytest.mark.parametrize(
    ("form", "version"),
    [
        ("{name}", ""),
        ("{name}:$LATEST", ":$LATEST"),
        ("function:{name}", ""),
        ("000000000000:function:{name}", ""),
        (ARN + ":{name}", ""),
        (ARN + ":{name}:$LATEST", ":$LATEST"),
    ],
)
def test_a_function_goes_by_its_name_or_arn(lambda_: Any, function: str, form: str, version: str) -> None:
    """Section 1, FunctionName: name, partial ARN, ARN, with a version or without."""
    shown = lambda_.get_function_configuration(FunctionName=form.format(name=function))
    assert shown["FunctionName"] == function
    assert shown["FunctionArn"] == f"{ARN}:{function}{version}"


def test_a_version_beside_the_name(lambda_: Any, function: str) -> None:
    shown = lambda_.get_function_configuration(FunctionName=function, Qualifier="$LATEST")
    assert shown["FunctionArn"] == f"{ARN}:{function}:$LATEST"


def test_two_versions_that_differ(lambda_: Any, function: str) -> None:
    with refused(
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.",
    ):
        lambda_.get_function(FunctionName=f"{function}:$LATEST", Qualifier="3")


@pytest.mark.parametrize("operation", ["get_function", "get_function_configuration", "delete_function"])
def test_a_function_that_is_not_there(lambda_: Any, operation: str) -> None:
    """ResourceNotFoundException, 404."""
    with refused("ResourceNotFoundException", f"Function not found: {ARN}:nobody"):
        getattr(lambda_, operation)(FunctionName="nobody")


def test_a_version_that_is_not_there(lambda_: Any, function: str) -> None:
    with refused("ResourceNotFoundException", f"Function not found: {ARN}:{function}:7"):
        lambda_.get_function(FunctionName=function, Qualifier="7")


def test_a_function_of_another_region(lambda_: Any, function: str) -> None:
    with refused(
        "ResourceNotFoundException",
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ):
        lambda_.get_function(FunctionName=f"arn:aws:lambda:eu-west-1:000000000000:function:{function}")


def test_list_functions_page_by_page(lambda_: Any) -> None:
    """ListFunctions: Marker and MaxItems; without the state, as the API reference says."""
    names = sorted(make_function(lambda_) for _ in range(3))
    pages = list(lambda_.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    listed = [function for page in pages for function in page["Functions"]]
    assert all(len(page["Functions"]) <= 2 for page in pages)
    assert [function["FunctionName"] for function in listed if function["FunctionName"] in names] == names
    assert not any({"State", "LastUpdateStatus", "RuntimeVersionConfig"} & set(function) for function in listed)
    for name in names:
        lambda_.delete_function(FunctionName=name)


def test_a_marker_that_is_none(lambda_: Any) -> None:
    with refused("InvalidParameterValueException", has="Marker"):
        lambda_.list_functions(Marker="nonsense!")


def test_delete_function(lambda_: Any) -> None:
    """DeleteFunction: 204, and it is gone."""
    name = make_function(lambda_)
    assert lambda_.delete_function(FunctionName=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("ResourceNotFoundException", f"Function not found: {ARN}:{name}"):
        lambda_.invoke(FunctionName=name)


def test_the_latest_version_cannot_be_deleted(lambda_: Any, function: str) -> None:
    with refused("InvalidParameterValueException", "$LATEST version cannot be deleted without deleting the function."):
        lambda_.delete_function(FunctionName=function, Qualifier="$LATEST")


def test_an_operation_that_is_not_here(lambda_: Any) -> None:
    with refused("UnknownOperationException", has="everwarm does not have ListLayers"):
        lambda_.list_layers()


def test_a_path_that_is_nobodys(connection: http.client.HTTPConnection) -> None:
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
        "Signature=b",
        "X-Amz-Date": "20200101T000000Z",
    }
    connection.request("GET", "/2015-03-31/nothing", headers=signed)
    response = connection.getresponse()
    assert response.status == 404
    assert response.getheader("x-amzn-ErrorType") == "UnknownOperationException"


def test_a_request_that_is_not_signed(connection: http.client.HTTPConnection) -> None:
    """403, where DynamoDB has 400."""
    connection.request("GET", "/2015-03-31/functions/")
    response = connection.getresponse()
    assert response.status == 403
    assert response.getheader("x-amzn-ErrorType") == "MissingAuthenticationTokenException"


def test_a_body_that_is_not_json(connection: http.client.HTTPConnection) -> None:
    """InvalidRequestContentException."""
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
        "Signature=b",
        "X-Amz-Date": "20200101T000000Z",
    }
    connection.request("POST", "/2015-03-31/functions", body=b"{no", headers=signed)
    response = connection.getresponse()
    assert response.status == 400
    assert response.getheader("x-amzn-ErrorType") == "InvalidRequestContentException"
    assert response.read().startswith(b'{"Type":"User","message":"Could not parse request body into json: ')
