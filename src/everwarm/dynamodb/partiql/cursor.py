"""Moving over the tokens of a statement, and complaining.

Syntax errors are raised where they are met. What PartiQL allows and DynamoDB does not is kept as a fault, the first one
for the end: AWS complains about it only in a statement whose syntax is right.
"""

from everwarm.dynamodb.expressions.messages import too_many_operators
from everwarm.dynamodb.expressions.parser import MAX_OPERATORS
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.lexer import Kind, Token, tokens
from everwarm.errors import ValidationException

# Ours: parentheses, literals and calls within one another. Values nest 32 levels deep, expressions seldom five.
MAX_NESTING = 64


class Cursor:
    """A place in a statement. Raises `ValidationException` for a text that has something else than tokens."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._nesting = 0
        self._operators = 0
        self._fault: str | None = None

    # Moving

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def following(self, distance: int = 1) -> Token:
        """The token behind the next one."""
        return self._tokens[min(self._at + distance, len(self._tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def at_symbol(self, symbol: str) -> bool:
        return self.token.kind is Kind.SYMBOL and self.token.text == symbol

    def at_word(self, *words: str) -> bool:
        """Whether these key words come next."""
        return all(
            self.following(distance).kind is Kind.KEYWORD and self.following(distance).text == word
            for distance, word in enumerate(words)
        )

    def take_symbol(self, symbol: str) -> bool:
        """Step over a symbol if it is next."""
        found = self.at_symbol(symbol)
        if found:
            self.advance()
        return found

    def take_word(self, *words: str) -> bool:
        """Step over key words if they are next."""
        found = self.at_word(*words)
        if found:
            self._at += len(words)
        return found

    def expect(self, symbol: str) -> None:
        if not self.take_symbol(symbol):
            raise messages.malformed(f"Expected {_SYMBOL_NAMES[symbol]}")

    # Complaining

    def fault(self, problem: str) -> None:
        """Keep a fault for the end of the parse."""
        self._fault = self._fault or problem

    @property
    def first_fault(self) -> str | None:
        return self._fault

    def go_deeper(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise ValidationException(messages.TOO_DEEP)

    def come_back(self) -> None:
        self._nesting -= 1

    def count_operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise ValidationException(too_many_operators(self._operators))


_SYMBOL_NAMES = {
    ")": "RIGHT_PAREN",
    "]": "RIGHT_BRACKET",
    ">>": "RIGHT_DOUBLE_ANGLE_BRACKET",
    "}": "RIGHT_CURLY",
    ":": "COLON",
}
