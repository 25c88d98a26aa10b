"""What the placeholders of one request stand for, and the parameter that is being bound."""

from typing import NamedTuple

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.nodes import DocumentPath, Placeholder
from everwarm.dynamodb.expressions.paths import MAX_DEPTH, Path
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException


class Scope(NamedTuple):
    """Names and values for one expression.

    Attributes:
        parameter: the request's parameter, for messages.
        names, values: what the request gives.
        sound: whether they define all placeholders, and no path is too deep. Where that is not so, `path` and `value`
            raise `ValidationException`, each in its turn: AWS names the first fault on its way through the expression.
    """

    parameter: str
    names: dict[str, str]
    values: dict[str, AttributeValue]
    sound: bool = True

    def path(self, written: DocumentPath) -> Path:
        names = self.names
        if not self.sound:
            self._check(written)
        if not names:
            return written.elements
        # No bare name begins with "#", so the placeholders are the only keys that are found.
        return tuple([names.get(element, element) for element in written.elements])  # type: ignore[arg-type]

    def value(self, written: Placeholder) -> AttributeValue:
        value = self.values.get(written.name)
        if value is None:
            raise self.error(messages.undefined_value(written.name))
        return value

    def _check(self, written: DocumentPath) -> None:
        for element in written.elements:
            if isinstance(element, str) and element.startswith("#") and element not in self.names:
                raise self.error(messages.undefined_name(element))
        if len(written.elements) > MAX_DEPTH:
            raise self.error(messages.path_too_deep(len(written.elements)))

    def error(self, problem: str) -> ValidationException:
        return messages.invalid(self.parameter, problem)
