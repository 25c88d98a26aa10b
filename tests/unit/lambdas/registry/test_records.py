"""Functions and mappings as they are kept on the disk: what comes back is what was put there."""

from pathlib import Path

import orjson

from everwarm.lambdas.functions import Function
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.lambdas.registry.deployed import Alias, Code, Deployed
from everwarm.lambdas.registry.mapping_record import MappingRecord
from everwarm.lambdas.registry.package import CODE

ROOT = Path("data/functions")


def test_a_function() -> None:
    directory = ROOT / "f-1"
    deployed = Deployed(
        function=Function("f", "main.handler", directory / CODE, environment={"A": "b"}, reserved_concurrency=3),
        code=Code(directory, "digest", 7),
        settings={"Role": "arn:aws:iam::000000000000:role/r", "Layers": ["one"]},
        modified_s=1.5,
        tags={"a": "b"},
        event_invoke={"MaximumRetryAttempts": 1},
        policy={"one": {"Sid": "one"}},
        aliases={"live": Alias("1", weights={"$LATEST": 0.5})},
    ).published("first")[0]
    assert deployed.versions.keys() == {"1"}
    assert Deployed.from_record(orjson.loads(orjson.dumps(deployed.to_record())), ROOT) == deployed


# The data directory may be moved.
def test_a_function_whose_data_has_moved() -> None:
    directory = ROOT / "f-1"
    deployed = Deployed(Function("f", "main.handler", directory / CODE), Code(directory, "digest", 7), {}, 1.0)
    moved = Deployed.from_record(deployed.to_record(), Path("elsewhere"))
    assert moved.function.code_dir == Path("elsewhere/f-1") / CODE


def test_a_mapping() -> None:
    settings = MappingSettings(
        starting_position=StartingPosition.LATEST,
        batch_size=7,
        filters=('{"eventName": ["REMOVE"]}',),
        on_failure="arn:aws:sqs:us-east-1:000000000000:queue",
        report_batch_item_failures=True,
        enabled=False,
    )
    record = MappingRecord(
        Mapping("f", "arn:stream", settings, given_id="some-id", qualifier="$LATEST"),
        modified_s=1.5,
        shown={"KMSKeyArn": "key"},
        tags={"a": "b"},
    )
    kept = orjson.loads(orjson.dumps(record.to_record()))
    assert MappingRecord.from_record(kept) == record
    kept["qualifier"] = kept["mapping"].pop("qualifier")  # as earlier versions kept it
    assert MappingRecord.from_record(kept) == record


def test_which_version_an_alias_stands_for() -> None:
    alias = Alias("1", weights={"2": 0.25, "3": 0.25})
    chances = (0.0, 0.24, 0.25, 0.49, 0.5, 1.0)
    assert [alias.choose(chance) for chance in chances] == ["2", "2", "3", "3", "1", "1"]
