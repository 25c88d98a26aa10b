"""What the tests of resource-based policies have in common: policies, and what is said where there is none."""

import json

NONE = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none"
NO_TABLE = "Requested resource not found: Table: wire-none not found"
NO_POLICY = "Resource-based policy not found for the provided ResourceArn: "


def policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": f"dynamodb:{action}", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
