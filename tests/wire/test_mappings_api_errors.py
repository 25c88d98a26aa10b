"""What the operations on event source mappings refuse: ranges of section 1, errors of section 2 of the reference."""

import uuid
from typing import Any

import pytest

from tests.wire.conftest import Make
from tests.wire.mapping_states import settled
from tests.wire.refused import refused

ARN = "arn:aws:lambda:us-east-1:000000000000"
NOT_THERE = "The resource you requested does not exist."
UNSUPPORTED_DESTINATION = "Unsupported DestinationConfig parameter for given event source mapping type."


def test_settings_that_do_not_go_together(make_mapping: Make) -> None:
    with refused("InvalidParameterValueException", has="TumblingWindowInSeconds"):
        make_mapping(TumblingWindowInSeconds=60, ParallelizationFactor=2)


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
    lambda_: Any,
    unchecked_lambda: Any,
    make_mapping: Make,
    unchecked_make_mapping: Make,
    member: str,
    value: int,
    constraint: str,
) -> None:
    """Section 1, ranges: CreateEventSourceMapping and UpdateEventSourceMapping refuse what is outside."""
    place = member[:1].lower() + member[1:]
    message = (
        f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must have "
        f"value {constraint}"
    )
    with refused("ValidationException", message):
        unchecked_make_mapping(**{member: value})
    mapping_id = make_mapping()["UUID"]
    before = settled(lambda_, mapping_id, "Enabled")[member]
    with refused("ValidationException", message):
        unchecked_lambda.update_event_source_mapping(UUID=mapping_id, **{member: value})
    assert settled(lambda_, mapping_id, "Enabled")[member] == before


@pytest.mark.parametrize("age_s", [0, 1, 59])
def test_an_age_below_a_minute(make_mapping: Make, age_s: int) -> None:
    """Section 1, MaximumRecordAgeInSeconds: -1, or 60 to 604,800."""
    with refused("InvalidParameterValueException", has="'maximumRecordAgeInSeconds'"):
        make_mapping(MaximumRecordAgeInSeconds=age_s)


def test_two_response_types(unchecked_make_mapping: Make) -> None:
    """Section 1, FunctionResponseTypes: at most one value."""
    with refused(
        "ValidationException", has="'functionResponseTypes' failed to satisfy constraint: Member must have le"
    ):
        unchecked_make_mapping(FunctionResponseTypes=["ReportBatchItemFailures"] * 2)


def test_a_pattern_that_is_too_long(unchecked_make_mapping: Make) -> None:
    """Section 1, FilterCriteria: patterns of 0 to 4,096 characters."""
    with refused("ValidationException", has="Member must have length less than or equal to 4096"):
        unchecked_make_mapping(FilterCriteria={"Filters": [{"Pattern": " " * 4097}]})


def test_too_many_filters(unchecked_make_mapping: Make) -> None:
    """Section 1, FilterCriteria: 10 filters at the most."""
    with refused("ValidationException", has="Member must have length less than or equal to 10"):
        unchecked_make_mapping(FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}] * 11})


def test_a_destination_that_is_too_long(unchecked_make_mapping: Make) -> None:
    """Section 1, DestinationConfig.OnFailure.Destination: ARN up to 350 characters."""
    destination = f"arn:aws:sqs:us-east-1:000000000000:{'q' * 350}"
    with refused("ValidationException", has="Member must have length less than or equal to 350"):
        unchecked_make_mapping(DestinationConfig={"OnFailure": {"Destination": destination}})


def test_an_unknown_stream(make_mapping: Make, new_stream: str) -> None:
    """Errors: unknown stream."""
    arn = new_stream[:-1] + "x"
    with refused("InvalidParameterValueException", f"Stream not found: {arn}"):
        make_mapping(EventSourceArn=arn)


def test_a_stream_of_a_table_that_is_not_there(make_mapping: Make) -> None:
    """Errors: unknown stream."""
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/nobody/stream/2026-01-01T00:00:00.000"
    with refused("InvalidParameterValueException", f"Stream not found: {arn}"):
        make_mapping(EventSourceArn=arn)


def test_the_same_stream_and_function_again(make_mapping: Make, function: str, new_stream: str) -> None:
    """Errors: same stream and function again; 409."""
    mapping_id = make_mapping()["UUID"]
    with refused(
        "ResourceConflictException",
        f'The event source arn (" {new_stream} ") and function (" {function} ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {mapping_id}",
    ) as caught:
        make_mapping()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_no_starting_position(make_mapping: Make) -> None:
    """Errors: no StartingPosition."""
    with refused(
        "InvalidParameterValueException",
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not "
        "be null.",
    ):
        make_mapping(StartingPosition=None)


def test_a_starting_position_that_is_none(unchecked_make_mapping: Make) -> None:
    """Errors: StartingPosition outside the enum."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must "
        "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    ):
        unchecked_make_mapping(StartingPosition="invalid")


def test_at_timestamp(make_mapping: Make, new_stream: str) -> None:
    """Errors: AT_TIMESTAMP."""
    with refused("InvalidParameterValueException", f"Unsupported starting position for arn type: {new_stream}"):
        make_mapping(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=1_700_000_000)


def test_no_event_source(make_mapping: Make) -> None:
    """Errors: no EventSourceArn."""
    with refused("InvalidParameterValueException", "Unrecognized event source."):
        make_mapping(EventSourceArn=None)


def test_an_event_source_of_another_kind(make_mapping: Make) -> None:
    with refused("InvalidParameterValueException", begins="Unrecognized event source."):
        make_mapping(EventSourceArn="arn:aws:sqs:us-east-1:000000000000:queue")


def test_an_unknown_function(make_mapping: Make) -> None:
    """Errors: unknown function."""
    with refused("InvalidParameterValueException", "Function does not exist"):
        make_mapping(FunctionName="nobody")


def test_no_function(unchecked_lambda: Any, new_stream: str) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be "
        "null",
    ):
        unchecked_lambda.create_event_source_mapping(EventSourceArn=new_stream, StartingPosition="LATEST")


@pytest.mark.parametrize(
    "config",
    [
        {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:000000000000:queue"}},
        {"OnFailure": {"Destination": f"{ARN}:function:other"}},
        {"OnFailure": {"Destination": "arn:aws:events:us-east-1:000000000000:event-bus/default"}},
        {"OnFailure": {"Destination": "kafka://topic"}},
        {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:queue.fifo"}},
        {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:000000000000:topic.fifo"}},
    ],
)
def test_destinations_that_are_not_supported(make_mapping: Make, config: dict[str, Any]) -> None:
    """Errors: OnSuccess or unsupported destination."""
    with refused("InvalidParameterValueException", UNSUPPORTED_DESTINATION):
        make_mapping(DestinationConfig=config)


@pytest.mark.parametrize("pattern", ["no", "[]", '{"eventName": "REMOVE"}', '{"eventName": [{"bigger": 1}]}'])
def test_filters_that_are_no_pattern(make_mapping: Make, pattern: str) -> None:
    """Errors: filter that is not a valid pattern."""
    with refused("InvalidParameterValueException", "Invalid filter pattern definition."):
        make_mapping(FilterCriteria={"Filters": [{"Pattern": pattern}]})


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
