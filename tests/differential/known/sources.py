"""What says that DynamoDB does it our way; `JUDGED` where nothing is known to say it."""

API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"
GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"

RECORDED = "answers of DynamoDB that are publicly recorded"
JUDGED = "our judgement; no source is known"
MODEL = "the service's model, as botocore has it"
ERRORS = f"[errors]({GUIDE}/Programming.Errors.html)"
UNITS = f"[read and write units]({GUIDE}/read-write-operations.html)"
