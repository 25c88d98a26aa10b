from collections.abc import Callable

import pytest

from tests.unit.serverless.check.conftest import Found

Find = Callable[..., Found]


# event-source-mapping.md, section 9, "Environment" and "User variables".
@pytest.mark.parametrize(
    ("variable", "code"),
    [
        ("AWS_REGION: eu-west-1", "reserved-variable"),
        ("_HANDLER: x", "reserved-variable"),
        ("AWS_ENDPOINT_URL: http://x", None),
        ("X: 1", "variable-name"),
        ("_X: 1", "variable-name"),
        ("XY: 1", None),
        (f"LARGE: {'x' * 4081}", "environment-too-large"),  # beside TABLE: orders
        (f"LARGE: {'x' * 4080}", None),
    ],
)
def test_variables_that_aws_refuses(found: Find, variable: str, code: str | None) -> None:
    result = found(("environment: {TABLE: !Ref Orders}", f"environment: {{TABLE: !Ref Orders, {variable}}}"))
    assert result.codes == ([code] if code else [])
    if code and code != "environment-too-large":
        assert result.line(code).startswith(variable)


def test_a_variable_of_the_provider_s_is_told_once(found: Find) -> None:
    result = found(
        ("environment: {TABLE: !Ref Orders}", "environment: {TABLE: !Ref Orders, AWS_REGION: x}"),
        ("  main:\n", "  other: {handler: main.handler}\n  main:\n"),
    )
    assert result.codes == ["reserved-variable"]
