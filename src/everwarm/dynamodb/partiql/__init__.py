"""PartiQL as DynamoDB speaks it: a statement's text -> tree -> the roads of the native operations.

    lexer, parser, grammar, tree   parse: text to a tree, parameters still in it
    literals, conditions, updates  bind: values put in; conditions and updates become the nodes of expressions
    keys                           which keys a WHERE clause asks for
    writes, reads                  what a statement does to a table, as a plan of a write or a page of items

Source: "PartiQL - a SQL-compatible query language for Amazon DynamoDB" in the developer guide; the grammar is that of
PartiQL, of which DynamoDB refuses most.

Not here: requests and responses (`api/actions/execute_statement.py` and its sisters).
"""
