"""What a function is told of a deletion by TTL: section 7 of what is known of AWS's TTL; and 8, the table's property.

With a real worker process, so it is one test for its rows.
"""

import json
from pathlib import Path

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.stack.support import TTL_SERVICE, Project, eventually, key_of, serverless_yml
from tests.wire.conftest import connect

ONLY_EXPIRIES = {"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}


def test_expiries_alone(tmp_path: Path) -> None:
    """Section 7, row "Lambda event": `type` and `principalId` in small letters; and "Filter that AWS documents".

    Section 8: the table has its TTL by the property `TimeToLiveSpecification`.
    """
    project, clock = Project(tmp_path), ManualClock()
    patterns = f"filterPatterns: [{json.dumps(ONLY_EXPIRIES)}]"
    project.write(serverless_yml(event=f"{{type: dynamodb, arn: !GetAtt Cache.StreamArn, batchSize: 1, {patterns}}}"))
    with Stack(tmp_path, memory=True, clock=clock, environ={}) as stack:
        dynamodb = connect("dynamodb", stack.endpoint)
        due = int(clock.now()) + 60
        for key in ("deleted", "expired"):
            dynamodb.put_item(TableName="cache", Item={"pk": {"S": key}, "ttl": {"N": str(due)}})
        dynamodb.delete_item(TableName="cache", Key={"pk": {"S": "deleted"}})
        clock.advance(60)
        [record] = eventually(project.received)
        dynamodb.close()
    assert (record["eventName"], key_of(record)) == ("REMOVE", "expired")
    assert record["userIdentity"] == TTL_SERVICE
    assert record["dynamodb"]["OldImage"]["ttl"] == {"N": str(due)}
    eventually(lambda: not project.workers_alive())
