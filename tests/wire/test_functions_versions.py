"""Versions and aliases: PublishVersion, ListVersionsByFunction, and the operations on aliases, through boto3."""

import json
from typing import Any

import pytest

from tests.stack.support import eventually
from tests.wire.conftest import Make
from tests.wire.functions import creation, make_function, package
from tests.wire.mapping_states import settled
from tests.wire.refused import refused

ARN = "arn:aws:lambda:us-east-1:000000000000:function"

ANSWER = """
    import os
    def handler(event, context):
        version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        assert version == context.function_version
        return [{answer!r}, version, context.invoked_function_arn.split(":", 7)[7:]]
"""


def answer_of(lambda_: Any, name: str, qualifier: str | None = None) -> Any:
    more = {} if qualifier is None else {"Qualifier": qualifier}
    return json.loads(lambda_.invoke(FunctionName=name, **more)["Payload"].read())


def change(lambda_: Any, name: str, answer: str) -> None:
    lambda_.update_function_code(FunctionName=name, ZipFile=package(ANSWER.format(answer=answer)))


@pytest.fixture
def name(lambda_: Any, function: str) -> str:
    """A function that answers "one", and tells its version."""
    change(lambda_, function, "one")
    return function


def test_a_version_stays_as_it_is(lambda_: Any, name: str) -> None:
    """PublishVersion: code and settings of that moment, under a number."""
    published = lambda_.publish_version(FunctionName=name, Description="the first")
    assert published["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert published["Version"] == "1"
    assert published["FunctionArn"] == f"{ARN}:{name}:1"
    assert published["Description"] == "the first"
    change(lambda_, name, "two")
    assert answer_of(lambda_, name) == ["two", "$LATEST", []]
    assert answer_of(lambda_, name, "1") == ["one", "1", ["1"]]
    assert answer_of(lambda_, f"{name}:1") == ["one", "1", ["1"]]
    assert lambda_.invoke(FunctionName=name, Qualifier="1")["ExecutedVersion"] == "1"
    shown = lambda_.get_function(FunctionName=name, Qualifier="1")["Configuration"]
    assert (shown["Version"], shown["CodeSha256"]) == ("1", published["CodeSha256"])


def test_nothing_new_makes_no_version(lambda_: Any, name: str) -> None:
    """PublishVersion: Lambda doesn't publish a version if nothing has changed since the last one."""
    assert lambda_.publish_version(FunctionName=name)["Version"] == "1"
    assert lambda_.publish_version(FunctionName=name)["Version"] == "1"
    lambda_.update_function_configuration(FunctionName=name, MemorySize=256)
    assert lambda_.publish_version(FunctionName=name)["Version"] == "2"


def test_published_when_it_is_made_or_changed(lambda_: Any) -> None:
    """CreateFunction and UpdateFunctionCode: Publish."""
    made = lambda_.create_function(**creation(ANSWER.format(answer="one"), Publish=True))
    name = made["FunctionName"]
    assert made["Version"] == "1"
    assert made["FunctionArn"] == f"{ARN}:{name}:1"
    updated = lambda_.update_function_code(
        FunctionName=name, ZipFile=package(ANSWER.format(answer="two")), Publish=True
    )
    assert updated["Version"] == "2"
    assert [answer_of(lambda_, name, version)[0] for version in ("1", "2", "$LATEST")] == ["one", "two", "two"]
    lambda_.delete_function(FunctionName=name)


def test_a_digest_that_is_another_one(lambda_: Any, name: str) -> None:
    with refused("InvalidParameterValueException", begins="CodeSHA256 (other) is different from current CodeSHA256"):
        lambda_.publish_version(FunctionName=name, CodeSha256="other")


def test_list_versions_by_function(lambda_: Any, name: str) -> None:
    for memory_mb in range(128, 140):
        lambda_.update_function_configuration(FunctionName=name, MemorySize=memory_mb)
        lambda_.publish_version(FunctionName=name)
    pages = lambda_.get_paginator("list_versions_by_function").paginate(
        FunctionName=name, PaginationConfig={"PageSize": 5}
    )
    versions = [version for page in pages for version in page["Versions"]]
    assert [version["Version"] for version in versions] == ["$LATEST", *(str(n) for n in range(1, 13))]
    assert versions[-1]["FunctionArn"] == f"{ARN}:{name}:12"


def test_a_version_that_is_deleted(lambda_: Any, name: str) -> None:
    """DeleteFunction with a version: its number does not come again."""
    lambda_.publish_version(FunctionName=name)
    assert answer_of(lambda_, name, "1")[0] == "one"
    lambda_.delete_function(FunctionName=name, Qualifier="1")
    with refused("ResourceNotFoundException", f"Function not found: {ARN}:{name}:1"):
        lambda_.invoke(FunctionName=name, Qualifier="1")
    assert answer_of(lambda_, name)[0] == "one"
    assert lambda_.publish_version(FunctionName=name)["Version"] == "2"


@pytest.mark.parametrize("operation", ["update_function_configuration", "publish_version"])
def test_versions_cannot_be_changed(lambda_: Any, name: str, operation: str) -> None:
    lambda_.publish_version(FunctionName=name)
    with refused(
        "InvalidParameterValueException", begins="Current operation does not support versions other than $LATEST."
    ):
        getattr(lambda_, operation)(FunctionName=f"{name}:1", Description="x")


def test_an_alias(lambda_: Any, name: str) -> None:
    """CreateAlias, GetAlias, UpdateAlias, DeleteAlias."""
    lambda_.publish_version(FunctionName=name)
    made = lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1", Description="what people use")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["AliasArn"] == f"{ARN}:{name}:live"
    got = lambda_.get_alias(FunctionName=name, Name="live")
    for member in ("AliasArn", "Name", "FunctionVersion", "Description", "RevisionId"):
        assert got[member] == made[member]
    change(lambda_, name, "two")
    lambda_.publish_version(FunctionName=name)
    assert answer_of(lambda_, name, "live")[0] == "one"
    assert lambda_.invoke(FunctionName=name, Qualifier="live")["ExecutedVersion"] == "1"
    updated = lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert (updated["FunctionVersion"], updated["Description"]) == ("2", "what people use")
    assert answer_of(lambda_, f"{ARN}:{name}:live")[0] == "two"
    shown = lambda_.get_function_configuration(FunctionName=name, Qualifier="live")
    assert (shown["Version"], shown["FunctionArn"]) == ("2", f"{ARN}:{name}:live")
    assert lambda_.delete_alias(FunctionName=name, Name="live")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("ResourceNotFoundException", f"Function not found: {ARN}:{name}:live"):
        lambda_.invoke(FunctionName=name, Qualifier="live")


def test_an_alias_of_two_versions(lambda_: Any, name: str) -> None:
    """RoutingConfig: each gets its share of the calls."""
    lambda_.publish_version(FunctionName=name)
    change(lambda_, name, "two")
    lambda_.publish_version(FunctionName=name)
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    made = lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert made["RoutingConfig"] == weights
    # That 40 calls all go one way has a chance of one in 500 billion.
    assert {answer_of(lambda_, name, "live")[0] for _ in range(40)} == {"one", "two"}


def test_list_aliases(lambda_: Any, name: str) -> None:
    lambda_.publish_version(FunctionName=name)
    for alias, version in (("a", "1"), ("b", "$LATEST"), ("c", "1")):
        lambda_.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)
    listed = lambda_.list_aliases(FunctionName=name)["Aliases"]
    assert [alias["Name"] for alias in listed] == ["a", "b", "c"]
    listed = lambda_.list_aliases(FunctionName=name, FunctionVersion="1")["Aliases"]
    assert [alias["Name"] for alias in listed] == ["a", "c"]


def test_what_aliases_refuse(lambda_: Any, name: str) -> None:
    lambda_.publish_version(FunctionName=name)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    with refused("ResourceConflictException", f"Alias already exists: {ARN}:{name}:live"):
        lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    with refused("ResourceNotFoundException", f"Function not found: {ARN}:{name}:9"):
        lambda_.create_alias(FunctionName=name, Name="other", FunctionVersion="9")
    with refused("ResourceNotFoundException", f"Cannot find alias arn: {ARN}:{name}:other"):
        lambda_.get_alias(FunctionName=name, Name="other")
    with refused("PreconditionFailedException", begins="The Revision Id provided does not match"):
        lambda_.update_alias(FunctionName=name, Name="live", Description="x", RevisionId="other")
    with refused("ResourceConflictException", has="[live]"):
        lambda_.delete_function(FunctionName=name, Qualifier="1")


def test_concurrency_counts_for_versions_too(lambda_: Any, name: str) -> None:
    lambda_.publish_version(FunctionName=name)
    assert answer_of(lambda_, name, "1")[0] == "one"
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException"):
        lambda_.invoke(FunctionName=name, Qualifier="1")
    lambda_.delete_function_concurrency(FunctionName=name)
    assert answer_of(lambda_, name, "1")[0] == "one"


def test_a_mapping_to_an_alias(lambda_: Any, dynamodb: Any, make_mapping: Make, new_stream: str) -> None:
    """Section 1, FunctionName: version or alias ARN."""
    source = "def handler(event, context):\n    raise LookupError(context.function_version)\n"
    name = make_function(lambda_, source)
    lambda_.publish_version(FunctionName=name)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    lambda_.update_function_code(FunctionName=name, ZipFile=package("def handler(event, context):\n    pass\n"))
    made = make_mapping(FunctionName=f"{ARN}:{name}:live", MaximumRetryAttempts=0)
    assert made["FunctionArn"] == f"{ARN}:{name}:live"
    settled(lambda_, made["UUID"], "Enabled")
    dynamodb.put_item(TableName=new_stream.split("/")[1], Item={"pk": {"S": "a"}})

    def result() -> str:
        found: str = lambda_.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"]
        return found

    eventually(lambda: result() == "PROBLEM: Function call failed")
    lambda_.update_event_source_mapping(UUID=made["UUID"], FunctionName=name)
    assert settled(lambda_, made["UUID"], "Enabled")["FunctionArn"] == f"{ARN}:{name}"
    dynamodb.put_item(TableName=new_stream.split("/")[1], Item={"pk": {"S": "b"}})
    eventually(lambda: result() == "OK")
    lambda_.delete_event_source_mapping(UUID=made["UUID"])
    lambda_.delete_function(FunctionName=name)
