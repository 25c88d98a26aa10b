"""The operations on event source mappings, through boto3: sections 1 and 2 of their reference."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.stack.support import eventually
from tests.wire.conftest import make_table
from tests.wire.functions import make_function
from tests.wire.refused import refused

ARN = "arn:aws:lambda:us-east-1:000000000000"
NOT_THERE = "The resource you requested does not exist."
UNSUPPORTED_DESTINATION = "Unsupported DestinationConfig parameter for given event source mapping type."

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def stream(dynamodb: Any) -> Iterator[str]:
    """The ARN of a stream of the test's own."""
    name = make_table(
        dynamodb, "pk:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    yield dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    with suppress(ClientError):  # some tests delete it themselves
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def make(lambda_: Any, function: str, stream: str) -> Iterator[Make]:
    """`make(**request)`: CreateEventSourceMapping from the stream to the function."""
    made: list[str] = []

    def make(**more: Any) -> dict[str, Any]:
        request = {"FunctionName": function, "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON", **more}
        request = {member: value for member, value in request.items() if value is not None}
        response: dict[str, Any] = lambda_.create_event_source_mapping(**request)
        made.append(response["UUID"])
        return response

    yield make
    for mapping in lambda_.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
        if mapping["UUID"] in made and mapping["State"] in ("Enabled", "Disabled"):
            lambda_.delete_event_source_mapping(UUID=mapping["UUID"])


@pytest.fixture
def unchecked_make(unchecked_lambda: Any, function: str, stream: str) -> Make:
    """As `make`, of what a client would not send."""

    def make(**more: Any) -> dict[str, Any]:
        request = {"FunctionName": function, "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON", **more}
        response: dict[str, Any] = unchecked_lambda.create_event_source_mapping(**request)
        return response

    return make


def settled(lambda_: Any, mapping_id: str, state: str) -> dict[str, Any]:
    """The mapping, once it has come to a state."""

    def look() -> dict[str, Any] | None:
        mapping: dict[str, Any] = lambda_.get_event_source_mapping(UUID=mapping_id)
        return mapping if mapping["State"] == state else None

    mapping = eventually(look)
    assert mapping is not None
    return mapping


def gone(lambda_: Any, mapping_id: str) -> None:
    """Wait until there is no such mapping."""

    def look() -> bool:
        mappings = lambda_.get_paginator("list_event_source_mappings").paginate().build_full_result()
        return all(mapping["UUID"] != mapping_id for mapping in mappings["EventSourceMappings"])

    eventually(look)


def test_members_of_the_response(make: Make, function: str, stream: str) -> None:
    """Section 2, members of the create response for a DynamoDB stream: all rows; status 202."""
    response = make()
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 202
    mapping_id = response["UUID"]
    assert re.fullmatch(r"[0-9a-f-]{36}", mapping_id)
    for member, value in {
        "EventSourceMappingArn": f"{ARN}:event-source-mapping:{mapping_id}",
        "FunctionArn": f"{ARN}:function:{function}",
        "EventSourceArn": stream,
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


def test_what_is_given_is_shown(lambda_: Any, make: Make) -> None:
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
    response = make(**given)
    assert {member: response[member] for member in given} == given
    shown = settled(lambda_, response["UUID"], "Enabled")
    assert {member: shown[member] for member in given} == given


def test_a_tumbling_window(make: Make) -> None:
    """Section 1, TumblingWindowInSeconds: 0 to 900."""
    assert make(TumblingWindowInSeconds=900)["TumblingWindowInSeconds"] == 900


def test_settings_that_do_not_go_together(make: Make) -> None:
    with refused("InvalidParameterValueException", has="TumblingWindowInSeconds"):
        make(TumblingWindowInSeconds=60, ParallelizationFactor=2)


@pytest.mark.parametrize(
    ("member", "value", "constraint"),
    [
        ("BatchSize", 0, "greater than or equal to 1"),
        ("BatchSize", 10_001, "less than or equal to 10000"),
        ("MaximumBatchingWindowInSeconds", -1, "greater than or equal to 0"),
        ("MaximumBatchingWindowInSeconds", 301, "less than or equal to 300"),
        ("ParallelizationFactor", 0, "greater than or equal to 1"),
        ("ParallelizationFactor", 11, "less than or equal to 10"),
        ("MaximumRetryAttempts", -2, "greater than or equal to -1"),
        ("MaximumRetryAttempts", 10_001, "less than or equal to 10000"),
        ("MaximumRecordAgeInSeconds", -2, "greater than or equal to -1"),
        ("MaximumRecordAgeInSeconds", 604_801, "less than or equal to 604800"),
        ("TumblingWindowInSeconds", -1, "greater than or equal to 0"),
        ("TumblingWindowInSeconds", 901, "less than or equal to 900"),
    ],
)
def test_out_of_range(
    lambda_: Any, unchecked_lambda: Any, make: Make, unchecked_make: Make, member: str, value: int, constraint: str
) -> None:
    """Section 1, ranges: CreateEventSourceMapping and UpdateEventSourceMapping refuse what is outside."""
    place = member[:1].lower() + member[1:]
    message = (
        f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must have "
        f"value {constraint}"
    )
    with refused("ValidationException", message):
        unchecked_make(**{member: value})
    mapping_id = make()["UUID"]
    before = settled(lambda_, mapping_id, "Enabled")[member]
    with refused("ValidationException", message):
        unchecked_lambda.update_event_source_mapping(UUID=mapping_id, **{member: value})
    assert settled(lambda_, mapping_id, "Enabled")[member] == before


@pytest.mark.parametrize("age_s", [0, 1, 59])
def test_an_age_below_a_minute(make: Make, age_s: int) -> None:
    """Section 1, MaximumRecordAgeInSeconds: -1, or 60 to 604,800."""
    with refused("InvalidParameterValueException", has="'maximumRecordAgeInSeconds'"):
        make(MaximumRecordAgeInSeconds=age_s)


def test_two_response_types(unchecked_make: Make) -> None:
    """Section 1, FunctionResponseTypes: at most one value."""
    with refused(
        "ValidationException", has="'functionResponseTypes' failed to satisfy constraint: Member must have le"
    ):
        unchecked_make(FunctionResponseTypes=["ReportBatchItemFailures"] * 2)


def test_a_pattern_that_is_too_long(unchecked_make: Make) -> None:
    """Section 1, FilterCriteria: patterns of 0 to 4,096 characters."""
    with refused("ValidationException", has="Member must have length less than or equal to 4096"):
        unchecked_make(FilterCriteria={"Filters": [{"Pattern": " " * 4097}]})


def test_too_many_filters(unchecked_make: Make) -> None:
    """Section 1, FilterCriteria: 10 filters at the most."""
    with refused("ValidationException", has="Member must have length less than or equal to 10"):
        unchecked_make(FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}] * 11})


def test_no_filters(make: Make) -> None:
    """Section 2: an empty Filters list makes FilterCriteria vanish from the response."""
    assert "FilterCriteria" not in make(FilterCriteria={"Filters": []})


def test_a_destination_that_is_too_long(unchecked_make: Make) -> None:
    """Section 1, DestinationConfig.OnFailure.Destination: ARN up to 350 characters."""
    destination = f"arn:aws:sqs:us-east-1:000000000000:{'q' * 350}"
    with refused("ValidationException", has="Member must have length less than or equal to 350"):
        unchecked_make(DestinationConfig={"OnFailure": {"Destination": destination}})


@pytest.mark.parametrize("service", ["sqs", "sns", "s3"])
def test_destinations(make: Make, service: str) -> None:
    """Section 1, DestinationConfig.OnFailure.Destination: a queue, a topic, a bucket."""
    place = ":::bucket" if service == "s3" else ":us-east-1:000000000000:name"
    config = {"OnFailure": {"Destination": f"arn:aws:{service}{place}"}}
    assert make(DestinationConfig=config)["DestinationConfig"] == config


def test_an_unknown_stream(make: Make, stream: str) -> None:
    """Errors: unknown stream."""
    arn = stream[:-1] + "x"
    with refused("InvalidParameterValueException", f"Stream not found: {arn}"):
        make(EventSourceArn=arn)


def test_a_stream_of_a_table_that_is_not_there(make: Make) -> None:
    """Errors: unknown stream."""
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/nobody/stream/2026-01-01T00:00:00.000"
    with refused("InvalidParameterValueException", f"Stream not found: {arn}"):
        make(EventSourceArn=arn)


def test_the_same_stream_and_function_again(make: Make, function: str, stream: str) -> None:
    """Errors: same stream and function again; 409."""
    mapping_id = make()["UUID"]
    with refused(
        "ResourceConflictException",
        f'The event source arn (" {stream} ") and function (" {function} ") provided mapping already exists. Please '
        f"update or delete the existing mapping with UUID {mapping_id}",
    ) as caught:
        make()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_no_starting_position(make: Make) -> None:
    """Errors: no StartingPosition."""
    with refused(
        "InvalidParameterValueException",
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not "
        "be null.",
    ):
        make(StartingPosition=None)


def test_a_starting_position_that_is_none(unchecked_make: Make) -> None:
    """Errors: StartingPosition outside the enum."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must "
        "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    ):
        unchecked_make(StartingPosition="invalid")


def test_at_timestamp(make: Make, stream: str) -> None:
    """Errors: AT_TIMESTAMP."""
    with refused("InvalidParameterValueException", f"Unsupported starting position for arn type: {stream}"):
        make(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=1_700_000_000)


def test_no_event_source(make: Make) -> None:
    """Errors: no EventSourceArn."""
    with refused("InvalidParameterValueException", "Unrecognized event source."):
        make(EventSourceArn=None)


def test_an_event_source_of_another_kind(make: Make) -> None:
    with refused("InvalidParameterValueException", begins="Unrecognized event source."):
        make(EventSourceArn="arn:aws:sqs:us-east-1:000000000000:queue")


def test_an_unknown_function(make: Make) -> None:
    """Errors: unknown function."""
    with refused("InvalidParameterValueException", "Function does not exist"):
        make(FunctionName="nobody")


def test_no_function(unchecked_lambda: Any, stream: str) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be "
        "null",
    ):
        unchecked_lambda.create_event_source_mapping(EventSourceArn=stream, StartingPosition="LATEST")


@pytest.mark.parametrize(
    "config",
    [
        {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:000000000000:queue"}},
        {"OnFailure": {"Destination": f"{ARN}:function:other"}},
        {"OnFailure": {"Destination": "arn:aws:events:us-east-1:000000000000:event-bus/default"}},
        {"OnFailure": {"Destination": "kafka://topic"}},
    ],
)
def test_destinations_that_are_not_supported(make: Make, config: dict[str, Any]) -> None:
    """Errors: OnSuccess or unsupported destination."""
    with refused("InvalidParameterValueException", UNSUPPORTED_DESTINATION):
        make(DestinationConfig=config)


@pytest.mark.parametrize("pattern", ["no", "[]", '{"eventName": "REMOVE"}', '{"eventName": [{"bigger": 1}]}'])
def test_filters_that_are_no_pattern(make: Make, pattern: str) -> None:
    """Errors: filter that is not a valid pattern."""
    with refused("InvalidParameterValueException", "Invalid filter pattern definition."):
        make(FilterCriteria={"Filters": [{"Pattern": pattern}]})


@pytest.mark.parametrize("operation", ["get", "update", "delete"])
def test_an_unknown_mapping(lambda_: Any, operation: str) -> None:
    """Errors: unknown UUID in get, update, delete; 404."""
    with refused("ResourceNotFoundException", NOT_THERE) as caught:
        getattr(lambda_, f"{operation}_event_source_mapping")(UUID=str(uuid.uuid4()))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_tags_on_an_unknown_mapping(lambda_: Any) -> None:
    """Errors: tags on an unknown mapping."""
    arn = f"{ARN}:event-source-mapping:{uuid.uuid4()}"
    for call, more in ((lambda_.list_tags, {}), (lambda_.tag_resource, {"Tags": {"a": "b"}})):
        with refused("ResourceNotFoundException", f"Event source mapping not found: {arn}"):
            call(Resource=arn, **more)


def test_tags_of_a_mapping(lambda_: Any, make: Make) -> None:
    """Section 2: TagResource 204, UntagResource 204, ListTags 200."""
    arn = make(Tags={"a": "1"})["EventSourceMappingArn"]
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"a": "1"}
    assert lambda_.tag_resource(Resource=arn, Tags={"b": "2"})["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.untag_resource(Resource=arn, TagKeys=["a"])["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_list_event_source_mappings(lambda_: Any, dynamodb: Any, make: Make, function: str, stream: str) -> None:
    """Section 2: ListEventSourceMappings by FunctionName, by EventSourceArn, page by page."""
    one = make()["UUID"]
    other_function = make_function(lambda_)
    two = make(FunctionName=other_function)["UUID"]

    def ids(**request: Any) -> set[str]:
        listed = lambda_.get_paginator("list_event_source_mappings").paginate(
            **request, PaginationConfig={"PageSize": 1}
        )
        return {mapping["UUID"] for page in listed for mapping in page["EventSourceMappings"]}

    assert ids(EventSourceArn=stream) == {one, two}
    assert ids(FunctionName=function) == {one}
    assert ids(FunctionName=f"{ARN}:function:{function}") == {one}
    assert ids(FunctionName=other_function, EventSourceArn=stream) == {two}
    assert ids(FunctionName="nobody") == set()
    assert {one, two} <= ids()
    settled(lambda_, two, "Enabled")
    lambda_.delete_event_source_mapping(UUID=two)
    lambda_.delete_function(FunctionName=other_function)


def test_states_of_a_mapping(lambda_: Any, make: Make) -> None:
    """Section 2, states: Creating, Enabled, Updating, Disabling, Disabled, Enabling, Deleting, and gone."""
    mapping_id = make()["UUID"]
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


def test_a_mapping_that_is_not_enabled(lambda_: Any, make: Make) -> None:
    """Section 1, Enabled: false."""
    mapping_id = make(Enabled=False)["UUID"]
    settled(lambda_, mapping_id, "Disabled")


def test_what_an_update_takes_away(lambda_: Any, make: Make) -> None:
    """Section 2: empty values in an update take filters, destination and response types away."""
    mapping_id = make(
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


def test_after_the_table_is_deleted(lambda_: Any, dynamodb: Any, make: Make, stream: str) -> None:
    """Section 2: after the table is deleted the mapping is still listed as Enabled for a while."""
    mapping_id = make()["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    name = stream.split("/")[1]
    dynamodb.delete_table(TableName=name)
    assert lambda_.get_event_source_mapping(UUID=mapping_id)["State"] == "Enabled"


def test_after_the_function_is_deleted(lambda_: Any, make: Make) -> None:
    """Section 2: after the function is deleted the mapping can still be fetched."""
    other = make_function(lambda_)
    mapping_id = make(FunctionName=other)["UUID"]
    settled(lambda_, mapping_id, "Enabled")
    lambda_.delete_function(FunctionName=other)
    assert lambda_.get_event_source_mapping(UUID=mapping_id)["FunctionArn"] == f"{ARN}:function:{other}"
    lambda_.delete_event_source_mapping(UUID=mapping_id)


def test_a_version_in_the_functions_name(lambda_: Any, make: Make, function: str) -> None:
    """Section 1, FunctionName: name, ARN, version or alias ARN."""
    arn = f"{ARN}:function:{function}:$LATEST"
    assert make(FunctionName=arn)["FunctionArn"] == arn
