"""PartiQL as DynamoDB speaks it: a statement's text -> tree -> the roads of the native operations.

    lexer, cursor, parser, grammar, tree   parse: text to a tree, parameters still in it
    literals, binding                      bind: values put in; conditions and updates become the nodes of expressions
    keys                                   which keys a WHERE clause asks for
    writes, ranges                         compile: a statement as a planned write, or as what is to be read

Source: "PartiQL - a SQL-compatible query language for Amazon DynamoDB" in the developer guide; the grammar is that of
PartiQL, of which DynamoDB refuses most.

Not here: requests, responses and the page that is read (`api/actions/execute_statement.py` and its sisters).
"""
