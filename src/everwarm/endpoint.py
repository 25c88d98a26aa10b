"""Which application answers which paths of the endpoint: told by the path's first part, at the cost of one look-up.

DynamoDB has the path `/` alone, and whatever nobody else has. The applications are plugged in by `stack.py`.
"""

from collections.abc import Mapping

from everwarm.listener import AsgiApp, Receive, Scope, Send


def route(default: AsgiApp, apps: Mapping[str, AsgiApp]) -> AsgiApp:
    """One application out of several.

    Args:
        default: answers `/` and what none of the others has.
        apps: by the first part of the paths that they answer, `2015-03-31` or `metrics` say. Looked into at each
            request, so that one may come later.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path == "/":
            await default(scope, receive, send)
            return
        _, _, path = path.partition("/")
        await apps.get(path.partition("/")[0], default)(scope, receive, send)

    return app
