"""The grammar of update expressions."""

from typing import ClassVar

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.condition_grammar import FUNCTIONS, UPDATE_FUNCTIONS
from everwarm.dynamodb.expressions.nodes import Action, Call, Node, ParsedUpdate, Section
from everwarm.dynamodb.expressions.parser import Parser


class UpdateParser(Parser):
    """Parses one update expression."""

    key_words: ClassVar[frozenset[str]] = frozenset()

    def parse(self) -> ParsedUpdate:
        actions: list[Action] = []
        seen: set[Section] = set()
        word = self.key_word(*Section)
        while word is not None:
            section = Section(word)
            if section in seen:
                self.fault(messages.repeated_section(section))
            seen.add(section)
            self.advance()
            actions.append(self._action(section))
            while self.at_symbol(","):
                self.advance()
                actions.append(self._action(section))
            word = self.key_word(*Section)
        if not actions:
            raise self.syntax_error()
        return ParsedUpdate(tuple(actions), self.finish())

    def _action(self, section: Section) -> Action:
        path = self.path()
        if section is Section.REMOVE:
            return Action(section, path)
        if section is Section.SET:
            self.expect("=")
            return Action(section, path, self._value())
        return Action(section, path, self.placeholder())

    def _value(self) -> Node:
        left = self._left()
        if self.at_symbol("+", "-") and not _is_arithmetic(left):
            self.count_operator()
            operator = self.advance().text
            return Call(operator, (left, self.operand()))
        return left

    def _left(self) -> Node:
        """The left operand, or the whole value in parentheses."""
        if not self.at_symbol("("):
            return self.operand()
        opened = self.position
        self.advance()
        self.go_deeper()
        inner_opens = self.at_symbol("(")
        inner = self._value()
        self.come_back()
        if inner_opens and self.at_symbol(")") and self._closed_just_before(opened):
            self.fault(messages.REDUNDANT_PARENTHESES)
        self.expect(")")
        return inner

    def _closed_just_before(self, opened: int) -> bool:
        # The inner pair is the whole inside only if its own closing one is the token before the outer's.
        depth = 0
        for position in range(opened + 1, self.position):
            text = self._tokens[position].text
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return position == self.position - 1
        return False

    def check_function(self, call: Call) -> None:
        if call.operator in FUNCTIONS or call.operator == "size":
            self.fault(messages.not_in_update(call.operator))
        elif call.operator not in UPDATE_FUNCTIONS:
            self.fault(messages.unknown_function(call.operator))


def _is_arithmetic(node: Node) -> bool:
    return isinstance(node, Call) and node.operator in ("+", "-")
