"""What the grammars share: moving over tokens, syntax errors, limits, paths, operands and function calls.

Syntax errors and redundant parentheses are raised where they are met. Other faults (a reserved word, an unknown
function) are kept and the one that stands first in the text is raised at the end, for AWS complains about those only in
a text whose syntax is right.
"""

from typing import NamedTuple

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.lexer import Kind, Token, tokens
from everwarm.dynamodb.expressions.nodes import Call, DocumentPath, Node, Placeholder, Uses
from everwarm.dynamodb.expressions.paths import MAX_DEPTH
from everwarm.dynamodb.expressions.reserved_words import RESERVED_WORDS
from everwarm.errors import ValidationException

# Source of both: "Expression parameters" in the developer guide's constraints. Every legal character is one byte.
MAX_SIZE = 4096
MAX_OPERATORS = 300

MAX_LIST_INDEX = 2**31 - 1

KEY_WORDS = frozenset({"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"})
"""Words that are never a name, in whatever expression they stand: AWS's lexer knows one language."""


class _OpenCall(NamedTuple):
    """A function call whose operands are being read, and the parentheses that stand before its name."""

    name: str
    operands: list[Node]
    opened: int
    position: int


class Parser:
    """A recursive-descent parser over one expression; a grammar adds its rules.

    Args:
        text: the expression.
        parameter: the request's parameter that it came in, for messages.

    Raises:
        ValidationException: from the constructor, an empty or too long text; from the rules, a text that is not right.
    """

    def __init__(self, text: str, parameter: str) -> None:
        self._text = text
        self._parameter = parameter
        if not text:
            raise self.error(messages.EMPTY)
        if len(text) > MAX_SIZE:
            raise self.error(messages.too_long(len(text), parameter))
        self._tokens = tokens(text)
        self._at = 0
        self._operators = 0
        self._fault: tuple[int, str] | None = None
        self._names: dict[str, None] = {}
        self._values: dict[str, None] = {}
        self._inner_paths: list[DocumentPath] = []

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
            raise self.error(self._fault[1])
        too_deep = any(len(path.elements) > MAX_DEPTH for path in self._inner_paths)
        return Uses(tuple(self._names), tuple(self._values), tuple(self._inner_paths), too_deep)

    # Complaining

    def error(self, problem: str) -> ValidationException:
        return messages.invalid(self._parameter, problem)

    def syntax_error(self) -> ValidationException:
        """The error that the next token cannot stand where it stands; AWS shows its neighbours too."""
        token = self.token
        start = self._tokens[self._at - 1].start if self._at else 0
        after = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        return self.error(messages.syntax_error(token.text, self._text[start : after.end]))

    def fault(self, problem: str, position: int) -> None:
        """Keep a fault for the end of the parse.

        Args:
            position: of the token that is to blame. Of two faults of one token the first that is kept stays.
        """
        if self._fault is None or position < self._fault[0]:
            self._fault = position, problem

    def count_operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise self.error(messages.too_many_operators(self._operators))

    # Rules

    def path(self) -> DocumentPath:
        elements: list[str | int] = [self._name()]
        while self.at_symbol(".", "["):
            if self.advance().text == ".":
                elements.append(self._name())
            else:
                elements.append(self._index())
        path = DocumentPath(tuple(elements))
        if len(elements) > 1:
            self._inner_paths.append(path)
        return path

    def _name(self) -> str:
        token = self.token
        if token.kind is Kind.NAME:
            self._names[token.text] = None
        elif token.kind is not Kind.WORD or token.text.upper() in KEY_WORDS:
            raise self.syntax_error()
        elif token.text.upper() in RESERVED_WORDS:
            self.fault(messages.reserved_word(token.text), self._at)
        return self.advance().text

    def _index(self) -> int:
        if self.token.kind is not Kind.NUMBER:
            raise self.syntax_error()
        position, digits = self._at, self.advance().text
        self.expect("]")
        # Long digits are not worth converting, and Python refuses to from 4,300 on.
        if len(digits) > 10 or int(digits) > MAX_LIST_INDEX:
            self.fault(messages.index_out_of_range(digits), position)
            return 0
        return int(digits)

    def placeholder(self) -> Placeholder:
        if self.token.kind is not Kind.VALUE:
            raise self.syntax_error()
        self._values[self.token.text] = None
        return Placeholder(self.advance().text)

    def operand(self) -> Node:
        """A path, a value or a function call, in parentheses or not.

        Calls lie in one another as deep as a text is long, so they wait in a list and not on Python's stack.
        """
        waiting: list[_OpenCall] = []
        while True:
            opened = self._open_parentheses()
            if self._at_call():
                position = self._at
                waiting.append(_OpenCall(self.advance().text, [], opened, position))
                self.advance()
                self.count_operator()
                continue
            node: Node = self.placeholder() if self.token.kind is Kind.VALUE else self.path()
            self._close_parentheses(opened)
            while waiting:
                call = waiting[-1]
                call.operands.append(node)
                if self.at_symbol(","):
                    self.advance()
                    break
                self.expect(")")
                waiting.pop()
                node = Call(call.name, tuple(call.operands), call.position)
                self.check_function(node)
                self._close_parentheses(call.opened)
            else:
                return node

    def _at_call(self) -> bool:
        token = self.token
        if token.kind is not Kind.WORD or token.text.upper() in KEY_WORDS:
            return False
        return self._tokens[self._at + 1].text == "("

    def _open_parentheses(self) -> int:
        opened = 0
        while self.at_symbol("("):
            self.advance()
            opened += 1
        return opened

    def _close_parentheses(self, opened: int) -> None:
        for closed in range(1, opened + 1):
            self.expect(")")
            if closed == 2:
                raise self.error(messages.REDUNDANT_PARENTHESES)

    def check_function(self, call: Call) -> None:
        """Keep the fault of a function that this grammar does not have, or not in this place."""
        raise NotImplementedError
