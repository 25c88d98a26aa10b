"""An embedded DynamoDB: ordered bytes on disk at the bottom, the wire protocol at the top, one folder a subject."""
