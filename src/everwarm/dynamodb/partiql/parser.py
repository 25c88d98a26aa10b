"""The grammar of expressions: operators by precedence, literals, paths, function calls."""

from everwarm.dynamodb.expressions.messages import path_too_deep
from everwarm.dynamodb.expressions.parser import MAX_LIST_INDEX
from everwarm.dynamodb.expressions.paths import MAX_DEPTH, Path
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.cursor import Cursor
from everwarm.dynamodb.partiql.keywords import AGGREGATES, FUNCTIONS, OTHER_TYPES, TYPE_TAGS
from everwarm.dynamodb.partiql.lexer import Kind, Token
from everwarm.dynamodb.partiql.tree import (
    Call,
    Expression,
    Literal,
    Missing,
    Parameter,
    Reference,
    Refused,
    Sequence,
    Spot,
    Struct,
)

_OR, _AND, _NOT, _EQUALITY, _COMPARISON, _SUM, _PRODUCT = range(1, 8)
_PRECEDENCE = {
    "or": _OR,
    "and": _AND,
    "=": _EQUALITY,
    "<>": _EQUALITY,
    "is": _EQUALITY,
    "in": _COMPARISON,
    "between": _COMPARISON,
    "like": _COMPARISON,
    "<": _COMPARISON,
    "<=": _COMPARISON,
    ">": _COMPARISON,
    ">=": _COMPARISON,
    "+": _SUM,
    "-": _SUM,
    "||": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
}
_NEGATED = ("in", "between", "like")
_NAMES = (Kind.NAME, Kind.QUOTED)


class ExpressionParser(Cursor):
    """A parser over one statement; the statements' grammar (grammar.py) adds its rules.

    Raises:
        ValidationException: from the constructor, a text that has no tokens; from the rules, one that is not right.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._parameters = 0

    # Operators

    def expression(self, precedence: int = 0) -> Expression:
        """An expression whose operators bind tighter than `precedence`."""
        self.go_deeper()
        left = self._unary()
        while (operator := self._infix_operator()) is not None and _PRECEDENCE[operator[1]] > precedence:
            left = self._infix(left, *operator)
        self.come_back()
        return left

    def _infix_operator(self) -> tuple[bool, str] | None:
        """Whether it is negated, and the operator that comes next."""
        token = self.token
        if token.kind is Kind.KEYWORD and token.text == "not" and self.following().kind is Kind.KEYWORD:
            return (True, self.following().text) if self.following().text in _NEGATED else None
        if token.kind in (Kind.SYMBOL, Kind.KEYWORD) and token.text in _PRECEDENCE:
            return False, token.text
        return None

    def _infix(self, left: Expression, negated: bool, operator: str) -> Expression:
        spot = self.token.spot
        self._at += 2 if negated else 1
        self.count_operator()
        if operator == "is":
            return self._is(left, spot)
        if operator == "in" and self.at_symbol("(") and not self._is_query(self.following()):
            self.advance()
            right: Expression = Sequence(self._list(")"), False, spot)
        elif self.token.kind is Kind.END:
            raise messages.malformed("Missing right-hand side expression of infix operator")
        else:
            right = self.expression(_PRECEDENCE[operator])
        operands = [left, right]
        if operator == "between":
            if not self.take_word("and"):
                raise messages.malformed("Expected AND")
            if self.token.kind is Kind.END:
                raise messages.malformed("Expected expression after AND")
            operands.append(self.expression(_COMPARISON))
        if operator in ("and", "or") and isinstance(left, Call) and left.operator == operator:
            # One node for the whole chain, so that no tree is as deep as its chain is long.
            return Call(operator, (*left.operands, right), left.spot)
        call = Call(operator, tuple(operands), spot)
        return Call("not", (call,), spot) if negated else call

    def _is(self, left: Expression, spot: Spot) -> Expression:
        negated = self.take_word("not")
        token = self.token
        known = token.text == "missing" or token.text in TYPE_TAGS or token.text in OTHER_TYPES
        if token.kind is not Kind.KEYWORD or not known:
            raise messages.malformed("Expected type name")
        self.advance()
        if token.text in OTHER_TYPES:
            self.fault(messages.type_after_is(token.text.upper(), spot))
        call = Call(f"is {token.text}", (left,), spot)
        return Call("not", (call,), spot) if negated else call

    def _unary(self) -> Expression:
        token = self.token
        if token.kind is Kind.KEYWORD and token.text == "not":
            self.advance()
            self.count_operator()
            return Call("not", (self.expression(_NOT),), token.spot)
        if token.kind is Kind.SYMBOL and token.text in "+-":
            self.advance()
            self.go_deeper()
            operand = self._unary()
            self.come_back()
            return _signed(token, operand)
        return self._path_term()

    # Terms

    def _path_term(self) -> Expression:
        start = self.token
        term = self._term()
        if not (self.at_symbol(".") or self.at_symbol("[")):
            return term
        path = term.path if isinstance(term, Reference) else ()
        if not path:
            self.fault(messages.path_component(start.spot))
        return Reference(self._steps(path, simple=False), start.spot)

    def simple_path(self) -> Reference:
        """A path that begins with a name, as tables and the targets of updates are written."""
        token = self.token
        if token.kind not in _NAMES:
            raise messages.malformed("Expected identifier for simple path")
        self.advance()
        self._check_name(token.text)
        return Reference(self._steps((token.text,), simple=True), token.spot)

    def _steps(self, path: Path, *, simple: bool) -> Path:
        steps: list[str | int] = list(path)
        while self.at_symbol(".") or self.at_symbol("["):
            if self.advance().text == "[":
                steps.append(self._index(simple))
                continue
            token = self.token
            if token.kind in _NAMES:
                self._check_name(token.text)
                steps.append(self.advance().text)
            elif self.at_symbol("*") and not simple:
                self.advance()
                self.fault(messages.STAR_PATH)
            else:
                raise messages.malformed("Invalid path dot component" + (" for simple path" if simple else ""))
        if len(steps) > MAX_DEPTH:
            self.fault(path_too_deep(len(steps)))
        return tuple(steps)

    def _check_name(self, name: str) -> None:
        if not name:
            self.fault(messages.EMPTY_NAME)

    def _index(self, simple: bool) -> str | int:
        """What stands in brackets: a number, or a name as a string."""
        token = self.token
        if self.at_symbol("*"):
            raise messages.malformed("Invalid use of * in select list")
        found = self.expression()
        self.expect("]")
        if simple and not isinstance(found, Literal):
            raise messages.malformed("Invalid path component for simple path")
        if isinstance(found, Literal):
            if "S" in found.value:
                self._check_name(found.value["S"])
                return str(found.value["S"])
            digits = found.value.get("N", "")
            if digits.lstrip("-").isdigit():
                # Long digits are not worth converting, and Python refuses to from 4,300 on.
                if len(digits) <= 10 and 0 <= int(digits) <= MAX_LIST_INDEX:
                    return int(digits)
                self.fault(messages.list_index(digits, token.spot))
                return 0
        self.fault(messages.path_component(token.spot))
        return 0

    def _term(self) -> Expression:
        token = self.token
        match token.kind:
            case Kind.NAME | Kind.QUOTED:
                self.advance()
                if self.at_symbol("("):
                    return self._function(token)
                self._check_name(token.text)
                return Reference((token.text,), token.spot)
            case Kind.STRING:
                self.advance()
                return Literal({"S": token.text}, token.spot)
            case Kind.NUMBER:
                self.advance()
                return Literal({"N": token.text}, token.spot)
            case Kind.ION:
                self.advance()
                return Refused(f"Ion Literals are not supported at {token.spot}", token.spot)
            case Kind.KEYWORD:
                return self._key_word(token)
            case Kind.SYMBOL:
                return self._symbol(token)
            case _:
                raise messages.malformed("Unexpected term")

    def _key_word(self, token: Token) -> Expression:
        literal = _LITERALS.get(token.text)
        if literal is not None:
            self.advance()
            return Literal(literal, token.spot)
        if token.text == "missing":
            self.advance()
            return Missing(token.spot)
        if token.text in FUNCTIONS and self.following().text == "(" and self.following().kind is Kind.SYMBOL:
            self.advance()
            return self._function(token)
        return self.other_key_word(token)

    def other_key_word(self, token: Token) -> Expression:
        """A key word that begins no operand; the statements' grammar knows more of them."""
        raise messages.malformed("Unexpected keyword")

    def _symbol(self, token: Token) -> Expression:
        self.advance()
        match token.text:
            case "(":
                return self._parentheses(token)
            case "[":
                return Sequence(self._list("]"), False, token.spot)
            case "<<":
                return Sequence(self._list(">>"), True, token.spot)
            case "{":
                return Struct(self._members(), token.spot)
            case "?":
                self._parameters += 1
                return Parameter(self._parameters - 1, token.spot)
            case "@":
                if self.token.kind not in _NAMES:
                    raise messages.malformed("Identifier must follow @-operator")
                name = self.advance()
                return Reference((name.text,), name.spot)
            case "=" | "<>" | "<" | "<=" | ">" | ">=" | "||" | "/" | "%":
                raise messages.malformed("Unexpected operator")
            case _:
                raise messages.malformed("Unexpected term")

    def _parentheses(self, token: Token) -> Expression:
        if self.at_symbol(")"):
            raise messages.malformed("Unexpected term")
        items = self._list(")")
        return items[0] if len(items) == 1 else Sequence(items, False, token.spot)

    def _list(self, closing: str) -> tuple[Expression, ...]:
        """Expressions between commas, up to the closing symbol."""
        items: list[Expression] = []
        if closing != ")" and self.take_symbol(closing):
            return ()
        while True:
            items.append(self.expression())
            if not self.take_symbol(","):
                break
        self.expect(closing)
        return tuple(items)

    def _members(self) -> tuple[tuple[Expression, Expression], ...]:
        members: list[tuple[Expression, Expression]] = []
        if self.take_symbol("}"):
            return ()
        while True:
            key = self.expression()
            self.expect(":")
            members.append((key, self.expression()))
            if not self.take_symbol(","):
                break
        self.expect("}")
        return tuple(members)

    def _function(self, name: Token) -> Expression:
        self.advance()
        function = name.text.lower()
        if self.at_symbol("*"):
            if function != "count":
                raise messages.malformed(f"{function}(*) is not allowed")
            self.advance()
            self.expect(")")
            return Refused(messages.token(function, name.spot), name.spot)
        if function in AGGREGATES and not self.take_word("distinct"):
            self.take_word("all")
        operands = () if self.take_symbol(")") else self._list(")")
        self.count_operator()
        return Call(function, operands, name.spot, is_function=True)

    def _is_query(self, token: Token) -> bool:
        return token.kind is Kind.KEYWORD and token.text in ("select", "values")


def _signed(sign: Token, operand: Expression) -> Expression:
    """A sign belongs to the number behind it; before anything else it is an operator that DynamoDB has not."""
    if isinstance(operand, Literal) and "N" in operand.value:
        if sign.text == "+":
            return operand
        digits = operand.value["N"]
        return Literal({"N": digits[1:] if digits.startswith("-") else "-" + digits}, operand.spot)
    return Call(sign.text, (operand,), sign.spot)


_LITERALS = {"true": {"BOOL": True}, "false": {"BOOL": False}, "null": {"NULL": True}}
