"""What a function's role allows, as far as the file tells: to find what would be refused on AWS.

Nothing is enforced here. Both spellings are read, `provider.iam.role` and the older `provider.iamRoleStatements`, roles
of single functions (`functions.<f>.iam`, and those of serverless-iam-roles-per-function), and roles among the
resources. Whatever the file does not tell, a role by its ARN say, is taken to allow everything.

Source: "IAM", Serverless Framework documentation; "Policy evaluation logic", IAM User Guide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from everwarm.errors import ProjectError
from everwarm.serverless import naming
from everwarm.serverless.intrinsics import Template
from everwarm.serverless.nodes import Node

ROLE_TYPE = "AWS::IAM::Role"
_POLICY_TYPES = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")

_STREAM_READING = tuple(
    f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
)
# Of AWS's own policies, those that say nothing of tables, queues and topics, but for the streams of one.
_MANAGED = {
    "AWSLambdaBasicExecutionRole": (),
    "AWSLambdaDynamoDBExecutionRole": _STREAM_READING,
    "AWSLambdaENIManagementAccess": (),
    "AWSLambdaVPCAccessExecutionRole": (),
    "AWSXRayDaemonWriteAccess": (),
    "AWSXrayWriteOnlyAccess": (),
    "CloudWatchLambdaInsightsExecutionRolePolicy": (),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy. A condition in it is not looked at.

    Attributes:
        allows: whether it allows, or denies.
        actions: patterns; with `but_actions`, it speaks of all actions but these.
        resources: patterns, None being one that is not known here.
    """

    allows: bool
    actions: tuple[str, ...]
    but_actions: bool
    resources: tuple[str | None, ...]
    is_conditional: bool = False

    def covers(self, action: str, arn: str) -> bool:
        """Whether it speaks of doing this to that."""
        named = any(_like(pattern.lower(), action.lower()) for pattern in self.actions)
        return named is not self.but_actions and any(
            pattern is None or _is_resource(pattern, arn) for pattern in self.resources
        )


@dataclass(frozen=True, slots=True)
class Role:
    """What a function may do.

    Attributes:
        statements: those that the file has.
        is_known: whether these are all.
        is_generated: whether the framework makes the role, and adds the rights that its events need.
        node: where a further statement would go; None where the file has nothing of the kind.
    """

    statements: tuple[Statement, ...]
    is_known: bool
    is_generated: bool
    node: Node | None = None

    def allows(self, action: str, arn: str) -> bool:
        """Whether it may do this to that; true where the file does not tell."""
        if any(not one.allows and not one.is_conditional and one.covers(action, arn) for one in self.statements):
            return False
        return not self.is_known or any(one.allows and one.covers(action, arn) for one in self.statements)


def role(provider: Node | None, function: Node, template: Template) -> Role:
    """The role that a function runs with.

    Args:
        provider: the `provider` section.
        function: the function's settings.
    """
    own = function.get("role")
    if own is not None:
        return _given(own, template)
    iam = None if provider is None else provider.get("iam")
    whole = None if iam is None else iam.get("role")
    if whole is not None and (not isinstance(whole.value, dict) or any("::" in key for key in whole.value)):
        return _given(whole, template)
    old = None if provider is None else provider.get("role")
    if whole is None and old is not None:
        return _given(old, template)
    return _generated(provider, whole, function, template)


def _generated(provider: Node | None, whole: Node | None, function: Node, template: Template) -> Role:
    statements = None if whole is None else whole.get("statements")
    managed = None if whole is None else whole.get("managedPolicies")
    if provider is not None:
        statements = statements or provider.get("iamRoleStatements")
        managed = managed or provider.get("iamManagedPolicies")
    found = [*_statements(statements, template), *_attached(naming.ROLE, template)]
    is_known = _add_managed(managed, found)
    node = statements or whole or provider

    per_function = function.get("iam") and function.get("iam").get("role")  # type: ignore[union-attr]
    for mine, inherits in (
        (per_function and per_function.get("statements"), _is_true(function.get("iam"), "inheritStatements")),
        (function.get("iamRoleStatements"), _is_true(function, "iamRoleStatementsInherit")),
    ):
        if mine is not None:
            found = [*(found if inherits else []), *_statements(mine, template)]
            node = mine
    if per_function is not None:
        is_known &= _add_managed(per_function.get("managedPolicies"), found)
    return Role(tuple(found), is_known, is_generated=True, node=node)


def _given(named: Node, template: Template) -> Role:
    """A role by its ARN, or one of the resources."""
    logical_id = named.value if isinstance(named.value, str) else None
    if (get_att := named.get("Fn::GetAtt")) is not None and isinstance(get_att.value, list) and get_att.value:
        logical_id = str(get_att.value[0].value)
    resource = None if logical_id is None else template.resources.get(logical_id)
    if logical_id is None or resource is None or (kind := resource.get("Type")) is None or kind.value != ROLE_TYPE:
        return Role((), is_known=False, is_generated=False, node=named)
    properties = resource.get("Properties")
    found = list(_attached(logical_id, template))
    policies = None if properties is None else properties.get("Policies")
    for policy in policies.value if policies is not None and isinstance(policies.value, list) else []:
        found += _document(policy, template)
    is_known = _add_managed(None if properties is None else properties.get("ManagedPolicyArns"), found)
    return Role(tuple(found), is_known, is_generated=False, node=policies or resource)


def _attached(logical_id: str, template: Template) -> Iterator[Statement]:
    """The statements of policies that are resources of their own, and name the role."""
    for resource in template.resources.values():
        kind, properties = resource.get("Type"), resource.get("Properties")
        if kind is None or kind.value not in _POLICY_TYPES or properties is None:
            continue
        if logical_id in _names(properties.get("Roles")) + _names(properties.get("RoleName")):
            yield from _document(properties, template)


def _names(node: Node | None) -> list[str]:
    """Whatever a value names, however it does."""
    if node is None:
        return []
    if isinstance(node.value, dict):
        return [name for child in node.value.values() for name in _names(child)]
    if isinstance(node.value, list):
        return [name for child in node.value for name in _names(child)]
    return [str(node.value)]


def _document(policy: Node, template: Template) -> list[Statement]:
    document = policy.get("PolicyDocument")
    return _statements(None if document is None else document.get("Statement"), template)


def _add_managed(managed: Node | None, found: list[Statement]) -> bool:
    """Add what managed policies allow; whether that is known of all of them."""
    is_known = True
    for policy in managed.value if managed is not None and isinstance(managed.value, list) else []:
        name = "".join(_names(policy)).rpartition("/")[2]
        if name in _MANAGED:
            found.append(Statement(True, _MANAGED[name], False, ("*",)))
        else:
            is_known = False
    return is_known


def _statements(node: Node | None, template: Template) -> list[Statement]:
    if node is None:
        return []
    found = []
    for entry in node.value if isinstance(node.value, list) else [node]:
        if not isinstance(entry.value, dict) or entry.get("Effect") is None:
            continue
        effect = entry.get("Effect")
        but = entry.get("NotAction")
        actions = but or entry.get("Action")
        resources = entry.get("Resource")
        found.append(
            Statement(
                allows=effect is not None and effect.value == "Allow",
                actions=tuple(text for text in _texts(actions, template) if text is not None),
                but_actions=but is not None,
                # NotResource: all but something, which is taken for all.
                resources=("*",) if resources is None else tuple(_texts(resources, template)),
                is_conditional=entry.get("Condition") is not None or entry.get("NotResource") is not None,
            )
        )
    return found


def _texts(node: Node | None, template: Template) -> list[str | None]:
    """The texts of a value or a list of values; None for one that is not known here."""
    if node is None:
        return []
    if isinstance(node.value, list):
        return [text for child in node.value for text in _texts(child, template)]
    try:
        value = template.evaluate(node)
    except ProjectError:
        return [None]
    if value is None:
        return []
    return _texts(value, template) if isinstance(value.value, list) else [str(value.value)]


def _is_true(node: Node | None, key: str) -> bool:
    given = None if node is None else node.get(key)
    return given is not None and given.value is True


def _is_resource(pattern: str, arn: str) -> bool:
    """Whether a pattern covers an ARN. Account and region are the author's on the one side and ours on the other."""
    if _like(pattern, arn):
        return True
    theirs, ours = pattern.split(":", 5), arn.split(":", 5)
    return len(theirs) == len(ours) == 6 and _like(theirs[2], ours[2]) and _like(theirs[5], ours[5])


def _like(pattern: str, text: str) -> bool:
    regex = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None
