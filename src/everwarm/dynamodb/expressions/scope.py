"""What the placeholders of one request stand for, and the parameter that is being bound."""

from dataclasses import dataclass

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.nodes import DocumentPath, Placeholder
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException


@dataclass(frozen=True, slots=True)
class Scope:
    """Names and values for one expression, known to define all of its placeholders.

    Attributes:
        parameter: the request's parameter, for messages.
        names, values: what the request gives.
    """

    parameter: str
    names: dict[str, str]
    values: dict[str, AttributeValue]

    def path(self, written: DocumentPath) -> Path:
        if not self.names:
            return written.elements
        names = self.names
        # No bare name begins with "#", so the placeholders are the only keys that are found.
        return tuple([names.get(element, element) for element in written.elements])  # type: ignore[arg-type]

    def value(self, written: Placeholder) -> AttributeValue:
        return self.values[written.name]

    def error(self, problem: str) -> ValidationException:
        return messages.invalid(self.parameter, problem)
