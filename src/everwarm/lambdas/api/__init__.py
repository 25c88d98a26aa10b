"""The Lambda API on the wire, for boto3's `lambda` client: rest-json, one file for each operation or family of them.

`server.py` reads the request and writes the answer, `routes.py` finds the operation by method and path and gathers its
members, `answers.py` turns results and errors into bytes, `actions/` does what is asked.

Not here: which functions and mappings there are (`everwarm.lambdas.registry`), running them (`runtime/`,
`mappings/`). Shapes and signatures are checked by the code that checks DynamoDB's (`everwarm.dynamodb.api`).
"""
