"""What the grammars share: moving over tokens, syntax errors, limits, paths, operands and function calls.

Syntax errors are raised where they are met. Other faults (a reserved word, an unknown function) are kept and the first
one is raised at the end, for AWS complains about those only in a text whose syntax is right.
"""

from typing import ClassVar

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.lexer import Kind, Token, tokens
from everwarm.dynamodb.expressions.nodes import Call, DocumentPath, Node, Placeholder, Uses
from everwarm.dynamodb.expressions.paths import MAX_DEPTH
from everwarm.dynamodb.expressions.reserved_words import RESERVED_WORDS
from everwarm.errors import ValidationException

# Source of both: "Expression parameters" in the developer guide's constraints.
MAX_SIZE_BYTES = 4096
MAX_OPERATORS = 300

MAX_LIST_INDEX = 2**31 - 1
# Ours: function calls within function calls. AWS has its operator limit alone; ours keeps Python's stack flat.
MAX_NESTING = 64


class Parser:
    """A recursive-descent parser over one expression; a grammar adds its rules.

    Args:
        text: the expression.
        parameter: the request's parameter that it came in, for messages.

    Raises:
        ValidationException: from the constructor, an empty or too long text; from the rules, a text that is not right.
    """

    key_words: ClassVar[frozenset[str]] = frozenset()
    """Words that end an operand, so that they are no attribute names here."""

    def __init__(self, text: str, parameter: str) -> None:
        self._text = text
        self._parameter = parameter
        if not text:
            raise self.error(messages.EMPTY)
        # Lone surrogates cannot be encoded as they are; counting them must not fail.
        size_bytes = len(text.encode(errors="surrogatepass"))
        if size_bytes > MAX_SIZE_BYTES:
            raise self.error(messages.too_long(size_bytes))
        self._tokens = tokens(text)
        self._at = 0
        self._operators = 0
        self._nesting = 0
        self._fault: str | None = None
        self._names: dict[str, None] = {}
        self._values: dict[str, None] = {}

    # Moving

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    @property
    def position(self) -> int:
        """Which token is next, counted from 0."""
        return self._at

    def advance(self) -> Token:
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def at_symbol(self, *symbols: str) -> bool:
        token = self.token
        return token.kind is Kind.SYMBOL and token.text in symbols

    def key_word(self, *words: str) -> str | None:
        """The key word that stands next, in capitals, if it is one of `words`."""
        word = self.token.text.upper()
        return word if word in words and self.token.kind is Kind.WORD else None

    def expect(self, symbol: str) -> None:
        if not self.at_symbol(symbol):
            raise self.syntax_error()
        self.advance()

    def finish(self) -> Uses:
        """Close the parse: nothing may be left, and a fault that was kept is raised."""
        if self.token.kind is not Kind.END:
            raise self.syntax_error()
        if self._fault is not None:
            raise self.error(self._fault)
        return Uses(tuple(self._names), tuple(self._values))

    # Complaining

    def error(self, problem: str) -> ValidationException:
        return messages.invalid(self._parameter, problem)

    def syntax_error(self) -> ValidationException:
        """The error that the next token cannot stand where it stands; AWS shows its neighbours too."""
        before = self._tokens[max(self._at - 1, 0)]
        after = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        shown = [token for token in (before, self.token, after) if token.kind is not Kind.END] or [before]
        return self.error(messages.syntax_error(self.token.text, self._text[before.start : shown[-1].end]))

    def fault(self, problem: str) -> None:
        """Keep a fault for the end of the parse."""
        self._fault = self._fault or problem

    def count_operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise self.error(messages.too_many_operators(self._operators))

    def go_deeper(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self.error(messages.nested_too_deep(self._nesting))

    def come_back(self) -> None:
        self._nesting -= 1

    # Rules

    def path(self) -> DocumentPath:
        elements: list[str | int] = [self._name()]
        while self.at_symbol(".", "["):
            if self.advance().text == ".":
                elements.append(self._name())
            else:
                elements.append(self._index())
        if len(elements) > MAX_DEPTH:
            self.fault(messages.path_too_deep(len(elements)))
        return DocumentPath(tuple(elements))

    def _name(self) -> str:
        token = self.token
        if token.kind is Kind.NAME:
            self._names[token.text] = None
        elif token.kind is not Kind.WORD:
            raise self.syntax_error()
        elif token.text.upper() in RESERVED_WORDS:
            self.fault(messages.reserved_word(token.text))
        return self.advance().text

    def _index(self) -> int:
        if self.token.kind is not Kind.NUMBER:
            raise self.syntax_error()
        digits = self.advance().text
        self.expect("]")
        # Long digits are not worth converting, and Python refuses to from 4,300 on.
        if len(digits) > 10 or int(digits) > MAX_LIST_INDEX:
            self.fault(messages.index_out_of_range(digits))
            return 0
        return int(digits)

    def placeholder(self) -> Placeholder:
        if self.token.kind is not Kind.VALUE:
            raise self.syntax_error()
        self._values[self.token.text] = None
        return Placeholder(self.advance().text)

    def operand(self) -> Node:
        """A path, a value or a function call, in parentheses or not."""
        opened = 0
        while self.at_symbol("("):
            self.advance()
            opened += 1
        node = self._bare_operand()
        for _ in range(opened):
            self.expect(")")
        if opened > 1:
            self.fault(messages.REDUNDANT_PARENTHESES)
        return node

    def _bare_operand(self) -> Node:
        if self.token.kind is Kind.VALUE:
            return self.placeholder()
        if self.key_word(*self.key_words):
            raise self.syntax_error()
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if self.token.kind is Kind.WORD and following.text == "(":
            return self._function()
        return self.path()

    def _function(self) -> Call:
        name = self.advance().text
        self.advance()
        self.count_operator()
        self.go_deeper()
        operands = [self.operand()]
        while self.at_symbol(","):
            self.advance()
            operands.append(self.operand())
        self.expect(")")
        self.come_back()
        call = Call(name, tuple(operands))
        self.check_function(call)
        return call

    def check_function(self, call: Call) -> None:
        """Keep the fault of a function that this grammar does not have, or not in this place."""
        raise NotImplementedError
