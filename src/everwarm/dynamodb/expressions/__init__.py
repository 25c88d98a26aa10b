"""DynamoDB's expressions: text -> tree -> answer. Three verbs: parse, bind, evaluate.

    lexer, parser, condition_grammar, update_grammar, nodes   parse: text to a tree, placeholders still in it
    grammar      the way in to parsing, with a cache: requests repeat their expressions
    bind         the way in for requests: names and values put in, operands checked, unused placeholders found
    condition, update, projection   evaluate: small frozen nodes against an item
    legacy_conditions, legacy_update     the parameters from before expressions, made into the same nodes

Not here: which of them an operation takes (`api/request_expressions.py`), and what it does with the answer.
"""
