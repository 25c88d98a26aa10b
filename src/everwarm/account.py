"""The account and the region that ARNs show: one process stands for one account in one region."""

ACCOUNT = "000000000000"

DEFAULT_REGION = "us-east-1"
"""Where neither a person nor a project file names one; the Serverless Framework's own default."""
