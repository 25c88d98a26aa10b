"""The grammar of update expressions."""

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.condition_grammar import FUNCTIONS, UPDATE_FUNCTIONS
from everwarm.dynamodb.expressions.nodes import Action, Call, Node, ParsedUpdate, Section
from everwarm.dynamodb.expressions.parser import MAX_SIZE, Parser


class UpdateParser(Parser):
    """Parses one update expression."""

    def parse(self) -> ParsedUpdate:
        actions: list[Action] = []
        seen: set[Section] = set()
        word = self.key_word(*Section)
        while word is not None:
            section = Section(word)
            if section in seen:
                # AWS looks at the sections when everything else has been found right.
                self.fault(messages.repeated_section(section), MAX_SIZE)
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
        """An operand, or two with a sign between them; parentheses may stand around it and around the left one."""
        opened: list[int] = []
        groups: dict[int, int] = {}  # where parentheses opened and closed
        while self.at_symbol("("):
            opened.append(self.position)
            self.advance()
        value = self.operand()
        while True:
            if self.at_symbol("+", "-") and not _is_arithmetic(value):
                self.count_operator()
                operator = self.advance().text
                value = Call(operator, (value, self.operand()))
                self._check_operands(value)
            if not opened:
                return value
            start, end = opened.pop(), self.position
            self.expect(")")
            if groups.get(start + 1) == end - 1:
                raise self.error(messages.REDUNDANT_PARENTHESES)
            groups[start] = end

    def check_function(self, call: Call) -> None:
        if call.operator in FUNCTIONS or call.operator == "size":
            self.fault(messages.not_in_update(call.operator), call.position)
        elif call.operator not in UPDATE_FUNCTIONS:
            self.fault(messages.unknown_function(call.operator), call.position)
        self._check_operands(call)

    def _check_operands(self, call: Call) -> None:
        # A list that was put together is a whole value, never a part of one.
        for operand in call.operands:
            if isinstance(operand, Call) and operand.operator == "list_append":
                self.fault(messages.misplaced_function(operand.operator), operand.position)


def _is_arithmetic(node: Node) -> bool:
    return isinstance(node, Call) and node.operator in ("+", "-")
