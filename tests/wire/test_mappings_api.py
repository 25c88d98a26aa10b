"""The operations on event source mappings, through boto3: sections 1 and 2 of their reference."""

import http.client
import json
import re
from typing import Any

import pytest

from tests.wire.conftest import Make
from tests.wire.functions import make_function
from tests.wire.mapping_states import gone, settled
from tests.wire.refused import refused

ARN = "arn:aws:lambda:us-east-1:000000000000"
NOT_THERE = "The resource you requested does not exist."


def test_members_of_the_response(make_mapping: Make, function: str, new_stream: str) -> None:
    """Section 2, members of the create response for a DynamoDB stream: all rows; status 202."""
    response = make_mapping()
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 202
    mapping_id = response["UUID"]
    assert re.fullmatch(r"[0-9a-f-]{36}", mapping_id)
    for member, value in {
        "EventSourceMappingArn": f"{ARN}:event-source-mapping:{mapping_id}",
        "FunctionArn": f"{ARN}:function:{function}",
        "EventSourceArn": new_stream,
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "ParallelizationFactor": 1,
        "MaximumBatchingWindowInSeconds": 0,
        "TumblingWindowInSeconds": 0,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "State": "Creating",
        "StateTransitionReason": "User action",
    }.items():
        assert response[member] == value, member
    assert response["LastModified"].timestamp() > 0
    assert "FilterCriteria" not in response


def test_what_is_given_is_shown(lambda_: Any, make_mapping: Make) -> None:
    """Section 1: every parameter, as it was given."""
    given = {
        "StartingPosition": "LATEST",
        "BatchSize": 10_000,
        "MaximumBatchingWindowInSeconds": 300,
        "ParallelizationFactor": 10,
        "MaximumRetryAttempts": 10_000,
        "MaximumRecordAgeInSeconds": 604_800,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:failures"}},
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]},
        "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/one",
        "MetricsConfig": {"Metrics": ["EventCount"]},
    }
    response = make_mapping(**given)
    assert {member: response[member] for member in given} == given
    shown = settled(lambda_, response["UUID"], "Enabled")
    assert {member: shown[member] for member in given} == given


def test_a_tumbling_window(make_mapping: Make) -> None:
    """Section 1, TumblingWindowInSeconds: 0 to 900."""
    assert make_mapping(TumblingWindowInSeconds=900)["TumblingWindowInSeconds"] == 900


def test_no_filters(make_mapping: Make) -> None:
    """Section 2: an empty Filters list makes FilterCriteria vanish from the response."""
    assert "FilterCriteria" not in make_mapping(FilterCriteria={"Filters": []})


@pytest.mark.parametrize("service", ["sqs", "sns", "s3"])
def test_destinations(make_mapping: Make, service: str) -> None:
    """Section 1, DestinationConfig.OnFailure.Destination: a queue, a topic, a bucket."""
    place = ":::bucket" if service == "s3" else ":us-east-1:000000000000:name"
    config = {"OnFailure": {"Destination": f"arn:aws:{service}{place}"}}
    assert make_mapping(DestinationConfig=config)["DestinationConfig"] == config


def test_tags_of_a_mapping(lambda_: Any, make_mapping: Make) -> None:
    """Section 2: TagResource 204, UntagResource 204, ListTags 200."""
    arn = make_mapping(Tags={"a": "1"})["EventSourceMappingArn"]
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"a": "1"}
    assert lambda_.tag_resource(Resource=arn, Tags={"b": "2"})["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.untag_resource(Resource=arn, TagKeys=["a"])["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_list_event_source_mappings(lambda_: Any, make_mapping: Make, function: str, new_stream: str) -> None:
    """Section 2: ListEventSourceMappings by FunctionName, by EventSourceArn, page by page."""
    one = make_mapping()["UUID"]
    other_function = make_function(lambda_)
    two = make_mapping(FunctionName=other_function)["UUID"]

    def ids(**request: Any) -> set[str]:
        listed = lambda_.get_paginator("list_event_source_mappings").paginate(
            **request, PaginationConfig={"PageSize": 1}
        )
        return {mapping["UUID"] for page in listed for mapping in page["EventSourceMappings"]}

    assert ids(EventSourceArn=new_stream) == {one, two}
    assert ids(FunctionName=function) == {one}
    assert ids(FunctionName=f"{ARN}:function:{function}") == {one}
    assert ids(FunctionName=other_function, EventSourceArn=new_stream) == {two}
    assert ids(FunctionName="nobody") == set()
    assert {one, two} <= ids()
    settled(lambda_, two, "Enabled")
    lambda_.delete_event_source_mapping(UUID=two)
    lambda_.delete_function(FunctionName=other_function)


def test_a_page_of_mappings(lambda_: Any, make_mapping: Make, new_stream: str) -> None:
    """Section 2: ListEventSourceMappings, at most 100 a page; 200, and so is GetEventSourceMapping."""
    functions = [make_function(lambda_) for _ in range(101)]
    made = {make_mapping(FunctionName=function, Enabled=False)["UUID"] for function in functions}
    pages = [lambda_.list_event_source_mappings(EventSourceArn=new_stream, MaxItems=1000)]
    pages.append(lambda_.list_event_source_mappings(EventSourceArn=new_stream, Marker=pages[0]["NextMarker"]))
    assert [len(page["EventSourceMappings"]) for page in pages] == [100, 1]
    assert {mapping["UUID"] for page in pages for mapping in page["EventSourceMappings"]} == made
    assert "NextMarker" not in pages[1]
    answers = [*pages, lambda_.get_event_source_mapping(UUID=min(made))]
    assert [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers] == [200, 200, 200]
    for mapping_id in made:
        settled(lambda_, mapping_id, "Disabled")
        lambda_.delete_event_source_mapping(UUID=mapping_id)
    for function in functions:
        lambda_.delete_function(FunctionName=function)


def test_what_cannot_be_changed(
    lambda_: Any, make_mapping: Make, new_stream: str, connection: http.client.HTTPConnection
) -> None:
    """Section 1, EventSourceArn and StartingPosition: immutable. An update that has them passes over them."""
    mapping_id = make_mapping()["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
        "Signature=b",
        "X-Amz-Date": "20200101T000000Z",
    }
    other = {"EventSourceArn": f"{new_stream[:-1]}x", "StartingPosition": "LATEST", "BatchSize": 7}
    path = f"/2015-03-31/event-source-mappings/{mapping_id}"
    connection.request("PUT", path, body=json.dumps(other), headers=signed)
    response = connection.getresponse()
    response.read()
    assert response.status == 202
    shown = settled(lambda_, mapping_id, "Enabled")
    assert (shown["EventSourceArn"], shown["StartingPosition"], shown["BatchSize"]) == (new_stream, "TRIM_HORIZON", 7)


def test_states_of_a_mapping(lambda_: Any, make_mapping: Make) -> None:
    """Section 2, states: Creating, Enabled, Updating, Disabling, Disabled, Enabling, Deleting, and gone."""
    mapping_id = make_mapping()["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    response = lambda_.update_event_source_mapping(UUID=mapping_id, BatchSize=7)
    assert (response["State"], response["BatchSize"]) == ("Updating", 7)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 202
    settled(lambda_, mapping_id, "Enabled")
    assert lambda_.update_event_source_mapping(UUID=mapping_id, Enabled=False)["State"] == "Disabling"
    settled(lambda_, mapping_id, "Disabled")
    assert lambda_.update_event_source_mapping(UUID=mapping_id, BatchSize=8)["State"] == "Updating"
    settled(lambda_, mapping_id, "Disabled")
    assert lambda_.update_event_source_mapping(UUID=mapping_id, Enabled=True)["State"] == "Enabling"
    assert settled(lambda_, mapping_id, "Enabled")["BatchSize"] == 8
    response = lambda_.delete_event_source_mapping(UUID=mapping_id)
    assert response["State"] == "Deleting"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 202
    gone(lambda_, mapping_id)
    with refused("ResourceNotFoundException", NOT_THERE):
        lambda_.get_event_source_mapping(UUID=mapping_id)


def test_a_mapping_that_is_not_enabled(lambda_: Any, make_mapping: Make) -> None:
    """Section 1, Enabled: false."""
    mapping_id = make_mapping(Enabled=False)["UUID"]
    settled(lambda_, mapping_id, "Disabled")


def test_what_an_update_takes_away(lambda_: Any, make_mapping: Make) -> None:
    """Section 2: empty values in an update take filters, destination and response types away."""
    mapping_id = make_mapping(
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:failures"}},
        FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]},
    )["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    response = lambda_.update_event_source_mapping(
        UUID=mapping_id, FunctionResponseTypes=[], DestinationConfig={"OnFailure": {}}, FilterCriteria={"Filters": []}
    )
    assert response["FunctionResponseTypes"] == []
    assert response["DestinationConfig"] == {"OnFailure": {}}
    assert "FilterCriteria" not in response
    settled(lambda_, mapping_id, "Enabled")


def test_after_the_table_is_deleted(lambda_: Any, dynamodb: Any, make_mapping: Make, new_stream: str) -> None:
    """Section 2: after the table is deleted the mapping is still listed as Enabled for a while."""
    mapping_id = make_mapping()["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    name = new_stream.split("/")[1]
    dynamodb.delete_table(TableName=name)
    assert lambda_.get_event_source_mapping(UUID=mapping_id)["State"] == "Enabled"


def test_after_the_function_is_deleted(lambda_: Any, make_mapping: Make) -> None:
    """Section 2: after the function is deleted the mapping can still be fetched."""
    other = make_function(lambda_)
    mapping_id = make_mapping(FunctionName=other)["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    lambda_.delete_function(FunctionName=other)
    assert lambda_.get_event_source_mapping(UUID=mapping_id)["FunctionArn"] == f"{ARN}:function:{other}"
    lambda_.delete_event_source_mapping(UUID=mapping_id)


def test_a_version_in_the_functions_name(lambda_: Any, make_mapping: Make, function: str) -> None:
    """Section 1, FunctionName: name, ARN, version or alias ARN."""
    arn = f"{ARN}:function:{function}:$LATEST"
    assert make_mapping(FunctionName=arn)["FunctionArn"] == arn
