from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]

FILTER = """\
          filterPatterns:
            - eventName: [REMOVE]
              userIdentity: {type: [Service]}
"""


def filtered(pattern: str) -> tuple[str, str]:
    return FILTER, f"          filterPatterns:\n            - {pattern}\n"


def image(attributes: str, which: str = "NewImage") -> tuple[str, str]:
    return filtered(f"dynamodb: {{{which}: {{{attributes}}}}}")


# event-source-mapping.md, section 7, "Gotchas with DynamoDB records", and what follows from the form of a record.
@pytest.mark.parametrize(
    ("attributes", "at", "says"),
    [
        ("state: [new]", "state: [new]", "state is asked without its type"),
        ("state: [{exists: true}]", "state: [{exists: true}]", "without its type"),
        ("state: {s: [new]}", "s: [new]", "s is no type of DynamoDB's"),
        ("address: {city: {S: [Bonn]}}", "city: {S: [Bonn]}", "stand below M"),
        ("price: {N: [{numeric: ['>', 10]}]}", "{numeric: ['>', 10]}", "numeric holds for numbers alone"),
        ("price: {N: [10]}", "10]", "10 without quotes is none"),
        ("price: {NS: [10]}", "10]", "10 without quotes is none"),
        ("state: {S: [true]}", "true]", "true without quotes is none"),
        ("state: {BOOL: ['true']}", "'true']", "true or false, not text"),
        ("state: {NULL: [true]}", "NULL: [true]", "NULL without quotes is YAML's null"),
        ("tags: {M: [a]}", "M: [a]", "is no leaf"),
    ],
)
def test_an_attribute_that_no_record_has_like_this(found: Find, attributes: str, at: str, says: str) -> None:
    result = found(image(attributes))
    assert result.codes == ["filter-never-matches"]
    assert result.line("filter-never-matches").startswith(at)
    finding = result.only("filter-never-matches")
    assert finding.weight is Weight.ERROR
    assert says in finding.what


@pytest.mark.parametrize(
    "attributes",
    [
        "state: {S: [new, '', {prefix: a}, {exists: true}, {anything-but: [b]}]}",
        "price: {N: ['10', '10.0']}",
        "price: {N: [{exists: false}]}",
        "flag: {BOOL: [true]}",
        "none: {'NULL': [true]}",
        "address: {M: {city: {S: [Bonn]}}}",
        "tags: {SS: [a]}",
        "list: {L: {S: [a]}}",
        "$or: [{a: {S: [x]}}, {b: {S: [y]}}]",
    ],
)
def test_attributes_as_records_have_them(found: Find, attributes: str) -> None:
    assert found(image(attributes)).codes == []


# event-source-mapping.md, section 7: matches even when the attribute is present.
def test_absence_of_what_is_no_leaf(found: Find) -> None:
    result = found(image("state: [{exists: false}]"))
    assert result.codes == ["filter-always-matches"]
    assert result.only("filter-always-matches").fix == "state: {S: [{exists: false}]}"


@pytest.mark.parametrize(
    ("pattern", "at", "says"),
    [
        ("eventName: [DELETE]", "DELETE]", "eventName is never DELETE; it is INSERT, MODIFY, REMOVE"),
        ("eventName: [Remove, INSERT]", "Remove, INSERT]", "eventName is never Remove"),
        ("NewImage: {id: {S: [a]}}", "NewImage:", "NewImage stands below dynamodb"),
        ("detail: {id: [a]}", "detail:", "no detail at its top"),
        ("dynamodb: {Image: {id: {S: [a]}}}", "Image:", "dynamodb has no Image"),
        ("dynamodb: {Keys: {key: {S: [a]}}}", "key:", "key is no key of orders; its key is id"),
        ("dynamodb: {Keys: {id: [a]}}", "id: [a]", "without its type"),
        ("{eventName: [REMOVE], dynamodb: {NewImage: {id: {S: [a]}}}}", "NewImage:", "REMOVE has no NewImage"),
        ("{eventName: [INSERT], dynamodb: {OldImage: {id: {S: [a]}}}}", "OldImage:", "INSERT has no OldImage"),
        ("{eventName: [MODIFY], userIdentity: {type: [Service]}}", "userIdentity:", "which is a REMOVE"),
        # The spelling of GetRecords, which is not that of Lambda's event.
        ("userIdentity: {Type: [Service]}", "Type:", "Lambda writes it type"),
        ("userIdentity: {type: [service]}", "service]", "type is never service; it is Service"),
        ("userIdentity: {principalId: [dynamodb]}", "dynamodb]", "it is dynamodb.amazonaws.com"),
    ],
)
def test_a_part_that_no_record_has_like_this(found: Find, pattern: str, at: str, says: str) -> None:
    result = found(filtered(pattern))
    assert "filter-never-matches" in result.codes
    assert result.line("filter-never-matches").startswith(at)
    assert says in result.only("filter-never-matches").what


@pytest.mark.parametrize(
    ("view_type", "which", "told"),
    [
        ("KEYS_ONLY", "NewImage", True),
        ("KEYS_ONLY", "OldImage", True),
        ("NEW_IMAGE", "NewImage", False),
        ("NEW_IMAGE", "OldImage", True),
        ("OLD_IMAGE", "NewImage", True),
        ("OLD_IMAGE", "OldImage", False),
        ("NEW_AND_OLD_IMAGES", "OldImage", False),
    ],
)
def test_an_image_that_the_stream_does_not_carry(found: Find, view_type: str, which: str, told: bool) -> None:
    result = found(image("id: {S: [a]}", which), ("StreamViewType: NEW_AND_OLD_IMAGES", f"StreamViewType: {view_type}"))
    assert result.codes == (["filter-never-matches"] if told else [])


def test_all_that_is_wrong_with_a_pattern_is_told_at_once(found: Find) -> None:
    result = found(image("a: [x], b: {N: [1]}"), ("StreamViewType: NEW_AND_OLD_IMAGES", "StreamViewType: KEYS_ONLY"))
    assert result.codes == ["filter-never-matches"] * 3


def test_what_is_not_there_may_be_asked_for(found: Find) -> None:
    pattern = "{eventName: [INSERT], dynamodb: {OldImage: {id: {S: [{exists: false}]}}}}"
    assert found(filtered(pattern)).codes == []


def test_ten_patterns_are_five_more_than_aws_gives_at_first(found: Find) -> None:
    patterns = "".join("            - {eventName: [REMOVE]}\n" for _ in range(6))
    result = found((FILTER, f"          filterPatterns:\n{patterns}"))
    assert result.codes == ["many-filters"]
    assert result.only("many-filters").weight is Weight.NOTICE


# JSON text has one place for all of it.
def test_a_pattern_of_a_mapping_among_the_resources(found: Find) -> None:
    mapping = (
        "    Reading:\n      Type: AWS::Lambda::EventSourceMapping\n      Properties:\n"
        "        FunctionName: !Ref OtherLambdaFunction\n        EventSourceArn: !GetAtt Orders.StreamArn\n"
        "        StartingPosition: TRIM_HORIZON\n        BatchSize: 1\n        MaximumRecordAgeInSeconds: 600\n"
        "        DestinationConfig: {OnFailure: {Destination: 'arn:aws:sqs:eu-west-1:1:failures'}}\n"
        '        FilterCriteria: {Filters: [{Pattern: \'{"dynamodb": {"Keys": {"id": {"N": [1]}}}}\'}]}\n'
    )
    role = (
        "    Sending:\n      Type: AWS::IAM::Policy\n      Properties:\n        Roles: [!Ref IamRoleLambdaExecution]\n"
        "        PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}\n"
    )
    result = found(("  main:\n", "  other: {handler: main.handler, timeout: 9}\n  main:\n"), more=mapping + role)
    assert result.codes == ["filter-never-matches"]
    assert result.line("filter-never-matches").startswith("{Filters:")
