"""The grammar of condition, filter and key condition expressions.

Comparisons are parsed by descent, AND, OR, NOT and parentheses with a stack of their own: boto3's `&` and `|` put every
condition into one more pair of parentheses, and 300 of those are no reason to run out of Python's stack.
"""

from typing import NamedTuple

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.nodes import Call, Node, ParsedCondition
from everwarm.dynamodb.expressions.parser import Parser

COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
FUNCTIONS = frozenset({"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"})
UPDATE_FUNCTIONS = frozenset({"if_not_exists", "list_append"})

_PRECEDENCE = {"OR": 1, "AND": 2, "NOT": 3}


class _Waiting(NamedTuple):
    """An operator that waits for its right side, or an open parenthesis; and which token it was."""

    operator: str
    position: int


class ConditionParser(Parser):
    """Parses one condition."""

    def parse(self) -> ParsedCondition:
        root = self._condition()
        return ParsedCondition(root, self.finish())

    def _condition(self) -> Call:
        waiting: list[_Waiting] = []
        done: list[Node] = []
        groups: dict[int, int] = {}  # where parentheses opened and closed
        while True:
            if self.key_word("NOT"):
                self.count_operator()
                waiting.append(_Waiting("NOT", self.position))
                self.advance()
            elif self.at_symbol("("):
                waiting.append(_Waiting("(", self.position))
                self.advance()
            else:
                done.append(self._comparison())
                self._close_groups(waiting, done, groups)
                word = self.key_word("AND", "OR")
                if word is None:
                    break
                self._reduce(waiting, done, _PRECEDENCE[word])
                self.count_operator()
                waiting.append(_Waiting(word, self.position))
                self.advance()
        self._reduce(waiting, done, 0)
        if waiting:
            raise self.syntax_error()
        return self._whole(done.pop())

    def _close_groups(self, waiting: list[_Waiting], done: list[Node], groups: dict[int, int]) -> None:
        while self.at_symbol(")") and any(entry.operator == "(" for entry in waiting):
            self._reduce(waiting, done, 0)
            opened, closed = waiting.pop().position, self.position
            self.advance()
            # What was in the parentheses may have been the left operand only: `(a) = :v`.
            is_operand = self._at_comparison() and not _is_condition(done[-1])
            if not is_operand and not isinstance(done[-1], Call) and not self.at_symbol(")"):
                raise self.syntax_error()
            if groups.get(opened + 1) == closed - 1:
                raise self.error(messages.REDUNDANT_PARENTHESES)
            groups[opened] = closed
            if is_operand:
                done.append(self._comparison_of(done.pop()))

    def _reduce(self, waiting: list[_Waiting], done: list[Node], precedence: int) -> None:
        """Build what binds at least as tightly as `precedence`, back to the last open parenthesis."""
        while waiting and waiting[-1].operator != "(" and _PRECEDENCE[waiting[-1].operator] >= precedence:
            operator = waiting.pop().operator
            right = self._whole(done.pop())
            if operator == "NOT":
                done.append(right.operands[0] if right.operator == "NOT" else Call("NOT", (right,)))
            else:
                left = self._whole(done.pop())
                done.append(Call(operator, (*_parts(left, operator), *_parts(right, operator))))

    def _whole(self, node: Node) -> Call:
        """The node, if it is a condition and not an operand."""
        if not isinstance(node, Call):
            raise self.syntax_error()
        if node.operator == "size":
            self.fault(messages.misplaced_function(node.operator), node.position)
        return node

    def _comparison(self) -> Node:
        left = self.operand()
        if self._at_comparison():
            return self._comparison_of(left)
        if isinstance(left, Call) and left.operator == "size" and not self.at_symbol(")"):
            self.fault(messages.misplaced_function(left.operator), left.position)
        # A path or a value alone can only be an operand in parentheses.
        if not isinstance(left, Call) and not self.at_symbol(")"):
            raise self.syntax_error()
        return left

    def _at_comparison(self) -> bool:
        return self.at_symbol(*COMPARATORS) or self.key_word("BETWEEN", "IN") is not None

    def _comparison_of(self, left: Node) -> Call:
        operator = self.advance().text.upper()
        self.count_operator()
        operands: tuple[Node, ...]
        if operator == "BETWEEN":
            low = self.operand()
            if not self.key_word("AND"):
                raise self.syntax_error()
            self.advance()
            operands = (left, low, self.operand())
        elif operator == "IN":
            operands = (left, *self._choices())
        else:
            operands = (left, self.operand())
        self._check_operands(operands)
        return Call(operator, operands)

    def _choices(self) -> list[Node]:
        self.expect("(")
        choices = [self.operand()]
        while self.at_symbol(","):
            self.advance()
            choices.append(self.operand())
        self.expect(")")
        return choices

    def check_function(self, call: Call) -> None:
        if call.operator in UPDATE_FUNCTIONS:
            self.fault(messages.not_in_condition(call.operator), call.position)
        elif call.operator not in FUNCTIONS and call.operator != "size":
            self.fault(messages.unknown_function(call.operator), call.position)
        self._check_operands(call.operands)

    def _check_operands(self, operands: tuple[Node, ...]) -> None:
        for operand in operands:
            if isinstance(operand, Call) and operand.operator != "size":
                self.fault(messages.misplaced_function(operand.operator), operand.position)


def _is_condition(node: Node) -> bool:
    # A function call may still become an operand; a comparison or a logical operator may not.
    return isinstance(node, Call) and not node.operator[0].islower()


def _parts(node: Call, operator: str) -> tuple[Node, ...]:
    """What a chain of the same operator is made of: `(a AND b) AND c` is one AND of three."""
    return node.operands if node.operator == operator else (node,)
