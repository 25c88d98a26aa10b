"""Which application answers which paths of the endpoint: told by the path's first part, at the cost of one look-up.

DynamoDB has the path `/` alone, and whatever nobody else has. The applications are plugged in by `stack.py`.
"""

from collections.abc import Awaitable, Mapping

from everwarm.listener import AsgiApp, Receive, Scope, Send


def route(default: AsgiApp, apps: Mapping[str, AsgiApp]) -> AsgiApp:
    """One application out of several.

    Args:
        default: answers `/` and what none of the others has.
        apps: by the first part of the paths that they answer, `2015-03-31` or `metrics` say. Looked into at each
            request, so that one may come later.
    """

    # Not `async`: what is passed on need not be awaited twice.
    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path: str = scope["path"]
        if path == "/":
            return default(scope, receive, send)
        _, _, path = path.partition("/")
        return apps.get(path.partition("/")[0], default)(scope, receive, send)

    return app
