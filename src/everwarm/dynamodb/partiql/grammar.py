"""The grammar of statements, and the way in. Requests repeat their statements, so trees of short ones are kept."""

import re
from functools import lru_cache

from everwarm.dynamodb.expressions.messages import paths_conflict, paths_overlap
from everwarm.dynamodb.expressions.paths import Clash, Path, keep_apart
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.lexer import Kind, Token
from everwarm.dynamodb.partiql.parser import ExpressionParser
from everwarm.dynamodb.partiql.tree import (
    Assignment,
    Delete,
    Exists,
    Expression,
    Insert,
    Literal,
    Parsed,
    Reference,
    Refused,
    Returning,
    Select,
    Spot,
    Statement,
    Struct,
    Subquery,
    Update,
)
from everwarm.errors import ValidationException

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


# A tree has about a hundred times the bytes of its text; a long text seldom comes twice.
_MAX_KEPT = 512


def parse(text: str) -> Parsed:
    """Parse a statement.

    Raises:
        ValidationException: it is none, or none that DynamoDB has.
    """
    parsed = parse_syntax(text)
    if parsed.fault is not None:
        raise ValidationException(parsed.fault)
    return parsed


def parse_syntax(text: str) -> Parsed:
    """Parse a statement that may have in it what DynamoDB does not have.

    Raises:
        ValidationException: it is none.
    """
    return _kept(text) if len(text) <= _MAX_KEPT else StatementParser(text).parse()


@lru_cache(maxsize=256)
def _kept(text: str) -> Parsed:
    return StatementParser(text).parse()


def shown_name(path: Path) -> str:
    """The name that a selected path has in the result: its last name, and the indexes behind that."""
    name = ""
    for element in path:
        name = element if isinstance(element, str) else f"{name}[{element}]"
    return name


class StatementParser(ExpressionParser):
    """A parser over one statement."""

    def parse(self) -> Parsed:
        statement = self._statement()
        self.take_symbol(";")
        if self.token.kind is not Kind.END:
            after = (
                "semicolon. (Only one query is allowed.)" if self._tokens[self._at - 1].text == ";" else "expression"
            )
            raise messages.malformed(f"Unexpected token after {after}")
        return Parsed(statement, self._parameters, self.first_fault)

    def _statement(self) -> Statement:
        if self.token.kind is Kind.SYMBOL and self.token.text == "(" and self._is_query(self.following()):
            self.advance()
            select = self._select()
            self.expect(")")
            return select
        if self.at_word("select"):
            return self._select()
        if self.take_word("insert", "into"):
            return self._insert()
        if self.take_word("update"):
            return self._update()
        if self.take_word("delete"):
            return self._delete()
        if self.at_word("exists"):
            return self._exists()
        for words, name in _OTHER_STATEMENTS:
            if self.at_word(*words):
                raise ValidationException(messages.operation(name))
        raise messages.malformed(messages.NO_STATEMENT)

    def other_key_word(self, token: Token) -> Expression:
        if token.text == "select":
            spot = token.spot
            return Subquery(self._select(), spot)
        if token.text == "cast":
            self.advance()
            if not self.take_symbol("("):
                raise messages.malformed("Missing left parenthesis after CAST")
            self.expression()
            if not self.take_word("as"):
                raise messages.malformed("Expected AS")
            self.advance()
            self.expect(")")
            return Refused(messages.token("cast", token.spot), token.spot)
        if token.text in ("insert", "set", "remove", "update", "delete", "from"):
            raise messages.malformed(messages.NO_STATEMENT)
        return super().other_key_word(token)

    # SELECT

    def _select(self) -> Select:
        self.go_deeper()
        self.take_word("select")
        distinct = self.take_word("distinct")
        if not distinct:
            self.take_word("all")
        if distinct:
            self.fault(messages.token("DISTINCT", self.token.spot).rpartition(" at ")[0])
        paths = self._projection()
        if not self.take_word("from"):
            raise messages.malformed("Expected FROM after SELECT list")
        table, index = self._source()
        where = self.expression() if self.take_word("where") else None
        self._refuse_clauses()
        order_by = self._order_by() if self.take_word("order", "by") else ()
        self._refuse_clauses()
        self.come_back()
        return Select(paths, table, index, where, order_by)

    def _projection(self) -> tuple[Path, ...] | None:
        if self.take_word("value"):
            self.expression()
            self.fault(messages.SELECT_VALUE)
            return None
        paths: list[Path] = []
        stars = items = 0
        while True:
            items += 1
            if self.take_symbol("*"):
                stars += 1
            else:
                paths.append(self._selected())
            if not self.take_symbol(","):
                break
        if stars and items > 1:
            raise messages.malformed(
                "Other expressions may not be present in the select list when '*' is used without dot notation."
            )
        if stars:
            return None
        self._check_projection(paths)
        return tuple(paths)

    def _selected(self) -> Path:
        start = self.token
        found = self.expression()
        self._refuse_alias()
        if isinstance(found, Reference):
            return found.path
        # AWS points at the operator of an expression, and at a value itself.
        self.fault(messages.path_component(found.spot if isinstance(found, Literal) else _spot_of(found, start)))
        return ()

    def _check_projection(self, paths: list[Path]) -> None:
        names: set[str] = set()
        for path in paths:
            name = shown_name(path)
            if name in names:
                self.fault(messages.selected_twice(name))
            names.add(name)
        try:
            keep_apart([path for path in paths if path])
        except Clash as clash:
            self.fault((paths_overlap if clash.overlap else paths_conflict)(clash.two, clash.one))

    def _source(self) -> tuple[str, str | None]:
        """The table, and the index, that are read."""
        found = self.expression()
        self._refuse_alias()
        while self.at_symbol(",") or self._at_join():
            on = not self.at_symbol(",")
            self.advance()
            self.take_word("join")
            self.expression()
            if on:
                if not self.take_word("on"):
                    raise messages.malformed("Expected 'ON'")
                self.expression()
            self.fault(messages.ONE_SOURCE)
        if not isinstance(found, Reference):
            self.fault(messages.SOURCE)
            return "", None
        if any(isinstance(element, int) for element in found.path):
            self.fault(messages.SOURCE_LIST)
        elif len(found.path) > 2:
            self.fault(messages.SOURCE_DEPTH)
        table = self._table_name(str(found.path[0]))
        return table, str(found.path[1]) if len(found.path) > 1 else None

    def _at_join(self) -> bool:
        return self.at_word("join") or any(self.at_word(kind) for kind in ("inner", "left", "right", "cross", "full"))

    def _table_name(self, name: str) -> str:
        # An ARN is a table's name too, as everywhere.
        if not _TABLE_NAME.fullmatch(name) and not name.startswith("arn:"):
            self.fault(messages.TABLE_NAME)
        return name

    def _refuse_alias(self) -> None:
        if self.take_word("as"):
            if self.token.kind not in (Kind.NAME, Kind.QUOTED):
                raise messages.malformed("Expected identifier for AS-alias")
            self.advance()
            self.fault(messages.ALIAS)
        elif self.token.kind in (Kind.NAME, Kind.QUOTED):
            self.advance()
            self.fault(messages.ALIAS)

    def _refuse_clauses(self) -> None:
        if self.take_word("group"):
            if not self.take_word("by"):
                raise messages.malformed("Expected BY")
            while True:
                self.expression()
                if not self.take_symbol(","):
                    break
            self.fault(messages.clause("GROUP BY"))
        for word in ("having", "limit"):
            if self.take_word(word):
                self.fault(messages.clause(word.upper(), self.token.spot))
                self.expression()

    def _order_by(self) -> tuple[tuple[Path, bool], ...]:
        keys: list[tuple[Path, bool]] = []
        while True:
            start = self.token
            found = self.expression()
            descending = self.take_word("desc")
            if not descending:
                self.take_word("asc")
            if isinstance(found, Reference):
                keys.append((found.path, descending))
            else:
                self.fault(messages.order_operand(_written(start)))
            if not self.take_symbol(","):
                return tuple(keys)

    # INSERT

    def _insert(self) -> Insert:
        target = self.simple_path()
        if len(target.path) > 1:
            self.fault(messages.INSERT_SOURCE)
        if not self.take_word("value"):
            if self.at_word("values"):
                self.advance()
                if not self.at_symbol("("):
                    raise messages.malformed("Expected LEFT_PAREN for row value constructor")
            self.expression()
            self.fault(messages.operation("InsertOp"))
            return Insert("", Struct((), target.spot))
        item = self.expression()
        if self.at_word("at"):
            self.advance()
            self.expression()
            self.fault(f"AT is not supported in insert statements. at {target.spot}")
        if self._returning() is not None:
            self.fault(messages.NO_INSERT_RETURNING)
        if not isinstance(item, Struct):
            self.fault(messages.item_format(item.spot))
            item = Struct((), target.spot)
        return Insert(str(target.path[0]), item)

    # UPDATE and DELETE

    def _update(self) -> Update:
        table = self._target()
        assignments: list[Assignment] = []
        while True:
            if self.take_word("set"):
                assignments.append(self._assignment())
                while self.take_symbol(","):
                    assignments.append(self._assignment())
            elif self.take_word("remove"):
                assignments.append(Assignment(self.simple_path().path, None))
            elif assignments:
                break
            else:
                raise messages.malformed(messages.NO_STATEMENT)
        where = self.expression() if self.take_word("where") else None
        return Update(table, tuple(assignments), where, self._returning())

    def _assignment(self) -> Assignment:
        path = self.simple_path().path
        if not self.take_symbol("="):
            raise messages.malformed("Expected '='")
        return Assignment(path, self.expression())

    def _delete(self) -> Delete:
        if not self.take_word("from"):
            raise messages.malformed("Expected FROM after DELETE")
        table = self._target()
        where = self.expression() if self.take_word("where") else None
        return Delete(table, where, self._returning())

    def _target(self) -> str:
        target = self.simple_path()
        self._refuse_alias()
        if len(target.path) > 1:
            self.fault(messages.INDEX_WRITE)
        return self._table_name(str(target.path[0]))

    def _returning(self) -> Returning | None:
        if not self.take_word("returning"):
            return None
        found = self._one_returning()
        while self.take_symbol(","):
            self._one_returning()
            self.fault(messages.SEVERAL_RETURNINGS)
        return found

    def _one_returning(self) -> Returning:
        for returning in Returning:
            if self.take_word(*returning.value.lower().split()):
                break
        else:
            raise messages.malformed("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.")
        if not self.take_symbol("*"):
            self.expression()
            self.fault(messages.RETURNING_STAR)
        return returning

    # EXISTS

    def _exists(self) -> Exists:
        self.advance()
        if not self.take_symbol("("):
            raise messages.malformed("Unexpected keyword")
        if not self.at_word("select"):
            raise ValidationException("Unsupported operation in transaction.")
        select = self._select()
        self.expect(")")
        return Exists(select)


_OTHER_STATEMENTS = (
    (("create", "table"), "CreateTable"),
    (("create", "index"), "CreateIndex"),
    (("drop", "table"), "DropTable"),
    (("drop", "index"), "DropIndex"),
    (("exec",), "Exec"),
)


def _written(token: Token) -> str:
    return f'"{token.text}"' if token.kind is Kind.STRING else token.text


def _spot_of(found: Expression, start: Token) -> Spot:
    return getattr(found, "spot", start.spot)
