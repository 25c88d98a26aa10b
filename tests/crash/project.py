"""The project that is killed: one table, functions that note what they are given and what they have finished.

Each start may find other settings in the file, as after an edit. The functions:

- `steady` takes everything.
- `asked` is called asynchronously.
- `picky` raises for some records, and names others in its answer (ReportBatchItemFailures): with bisecting and few
  retries, those end in the failure store, and now and then some of their neighbours.
"""

import contextlib
import json
import random
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

POISON = "poison"
"""How keys begin whose records `picky` cannot take; what follows says in which way."""

_HANDLER = """
    import json, os, time

    def journal(name):
        file = os.open(os.path.join(os.environ["NOTES"], name), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        # A line of its own, whatever a process that was killed has left of its last one; and in one write.
        return lambda **line: os.write(file, f"\\n{json.dumps(line)}\\n".encode())

    def seen(record):
        return [record["dynamodb"]["SequenceNumber"], record["dynamodb"]["Keys"]["pk"]["S"]]

    note = journal(os.environ["AWS_LAMBDA_FUNCTION_NAME"])

    def steady(event, context):
        note(given=[seen(record) for record in event["Records"]])
        time.sleep(0.01)
        note(done=[seen(record)[0] for record in event["Records"]])

    def asked(event, context):
        note(asked=event["id"])

    def picky(event, context):
        note(given=[seen(record) for record in event["Records"]])
        done = []
        for record in event["Records"]:
            number, key = seen(record)
            if key.startswith("poison-raise"):
                raise LookupError(key)
            if key.startswith("poison-report"):
                note(done=done)
                return {"batchItemFailures": [{"itemIdentifier": number}]}
            done.append(number)
        note(done=done)
"""


def project_file(chance: random.Random, notes: Path) -> str:
    """A `serverless.yml` with settings by chance.

    Args:
        notes: where the functions keep their journals.
    """

    def event(**fixed: object) -> str:
        settings: dict[str, object] = {
            "type": "dynamodb",
            "batchSize": chance.choice([10, 25, 100]),
            "parallelizationFactor": chance.choice([1, 1, 2, 5]),
            "batchWindow": chance.choice([0, 0, 0, 1]),
            **fixed,
        }
        return json.dumps(settings)[:-1] + ", arn: !GetAtt Cache.StreamArn}"

    steady = event()
    picky = event(
        bisectBatchOnFunctionError=chance.random() < 0.7,
        functionResponseType="ReportBatchItemFailures",
        maximumRetryAttempts=chance.choice([0, 1]),
    )
    return f"""
service: shop
provider: {{name: aws, runtime: python3.11, environment: {{NOTES: {notes}}}}}
functions:
  steady: {{handler: main.steady, timeout: 60, events: [{{stream: {steady}}}]}}
  asked: {{handler: main.asked, timeout: 60}}
  picky: {{handler: main.picky, timeout: 60, events: [{{stream: {picky}}}]}}
resources:
  Resources:
    Cache:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: cache
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{{AttributeName: pk, AttributeType: S}}]
        KeySchema: [{{AttributeName: pk, KeyType: HASH}}]
        TimeToLiveSpecification: {{AttributeName: ttl, Enabled: true}}
        StreamSpecification: {{StreamViewType: NEW_AND_OLD_IMAGES}}
"""


HANDLER = textwrap.dedent(_HANDLER)


@dataclass
class Journal:
    """What one function has noted so far. Read on where the last look ended.

    Attributes:
        given: sequence numbers and keys, in the order of the calls; some more than once.
        done: the sequence numbers of records with which a call was finished.
        asked: the numbers of asynchronous calls.
    """

    path: Path
    given: list[tuple[int, str]] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    _offset: int = 0

    def read(self) -> "Journal":
        """Take up what was noted since the last look."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
            whole = text.rfind(b"\n") + 1
            self._offset += whole
            for line in text[:whole].split(b"\n"):
                with contextlib.suppress(json.JSONDecodeError):  # blank, or what a kill has left of a line
                    noted = json.loads(line)
                    self.given += [(int(number), key) for number, key in noted.get("given", ())]
                    self.done.update(map(int, noted.get("done", ())))
                    self.asked.update([noted["asked"]] if "asked" in noted else ())
        return self
