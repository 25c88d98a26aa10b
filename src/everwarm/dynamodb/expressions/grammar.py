"""Parsing, the way in: the text of an expression to its tree. Requests repeat their expressions, so trees are kept.

Grammar and limits: "Expressions" and "Constraints" in the DynamoDB developer guide.
"""

from functools import lru_cache

from everwarm.dynamodb.expressions.condition_grammar import ConditionParser
from everwarm.dynamodb.expressions.nodes import ParsedCondition, ParsedProjection, ParsedUpdate
from everwarm.dynamodb.expressions.parser import Parser
from everwarm.dynamodb.expressions.update_grammar import UpdateParser


@lru_cache(maxsize=1024)
def condition(text: str, parameter: str = "ConditionExpression") -> ParsedCondition:
    """Parse a condition, filter or key condition expression.

    Args:
        text: the expression.
        parameter: the request's parameter, which the error's message names.

    Raises:
        ValidationException: it is none.
    """
    return ConditionParser(text, parameter).parse()


@lru_cache(maxsize=1024)
def update(text: str, parameter: str = "UpdateExpression") -> ParsedUpdate:
    """Parse an update expression; arguments and errors as for `condition`."""
    return UpdateParser(text, parameter).parse()


@lru_cache(maxsize=1024)
def projection(text: str, parameter: str = "ProjectionExpression") -> ParsedProjection:
    """Parse a projection expression; arguments and errors as for `condition`."""
    parser = Parser(text, parameter)
    paths = [parser.path()]
    while parser.at_symbol(","):
        parser.advance()
        paths.append(parser.path())
    return ParsedProjection(tuple(paths), parser.finish())


def key_condition(text: str) -> ParsedCondition:
    """Parse a key condition expression; which conditions a key takes is checked in `key_condition.py`."""
    return condition(text, "KeyConditionExpression")
