import botocore.session
import pytest

from everwarm.errors import MappingError
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings

FIELDS = {
    "BatchSize": "batch_size",
    "MaximumBatchingWindowInSeconds": "batching_window_s",
    "MaximumRetryAttempts": "maximum_retry_attempts",
}


@pytest.mark.parametrize("member", FIELDS)
def test_ranges_are_those_of_the_service_model(member: str) -> None:
    model = botocore.session.get_session().get_service_model("lambda")
    shape = model.operation_model("CreateEventSourceMapping").input_shape.members[member]
    low, high = shape.metadata["min"], shape.metadata["max"]
    for value in (low, high):
        MappingSettings(**{FIELDS[member]: value})
    for value in (low - 1, high + 1):
        with pytest.raises(MappingError, match=member):
            MappingSettings(**{FIELDS[member]: value})


# The model lets any number from -1 pass; the developer guide says 60 is the least besides -1.
@pytest.mark.parametrize(("age_s", "allowed"), [(-1, True), (0, False), (59, False), (60, True), (604_801, False)])
def test_a_maximum_age_is_none_or_at_least_a_minute(age_s: int, allowed: bool) -> None:
    if allowed:
        assert MappingSettings(maximum_record_age_s=age_s).maximum_record_age_s == age_s
    else:
        with pytest.raises(MappingError, match="MaximumRecordAgeInSeconds"):
            MappingSettings(maximum_record_age_s=age_s)


# The id finds the position after a restart, and changed settings do not begin the stream anew.
def test_a_mapping_is_known_by_its_function_and_stream() -> None:
    assert Mapping("f", "arn:a").id == Mapping("f", "arn:a", MappingSettings(batch_size=7)).id
    assert len({Mapping("f", "arn:a").id, Mapping("g", "arn:a").id, Mapping("f", "arn:b").id}) == 3
    assert len(Mapping("f", "arn:a").id) == 36
