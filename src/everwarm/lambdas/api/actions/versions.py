"""PublishVersion, ListVersionsByFunction: a function as it is now, under a number, for good."""

from everwarm.errors import InvalidParameterValueException
from everwarm.lambdas.api.configuration import configuration, listed
from everwarm.lambdas.api.function_settings import check_revision
from everwarm.lambdas.api.names import FunctionName, find_latest
from everwarm.lambdas.api.operation import Lambdas, Request, Response
from everwarm.lambdas.api.paging import page
from everwarm.lambdas.registry.deployed import Deployed

PAGE = 50


async def run_publish(lambdas: Lambdas, request: Request) -> Response:
    """PublishVersion: the last version again, where nothing has changed since."""
    name = find_latest(lambdas, request).name
    published: list[Deployed] = []

    def change(deployed: Deployed) -> Deployed:
        check_revision(deployed, request)
        if request.get("CodeSha256") not in (None, "", deployed.code.sha256):
            raise InvalidParameterValueException(
                f"CodeSHA256 ({request['CodeSha256']}) is different from current CodeSHA256 in $LATEST "
                f"({deployed.code.sha256}). Please try again with the CodeSHA256 in $LATEST."
            )
        after, version = deployed.published(request.get("Description"))
        published.append(version)
        return after

    await lambdas.functions.change(name, change)
    [version] = published
    return configuration(version, FunctionName(name, version.function.version))


async def run_list(lambdas: Lambdas, request: Request) -> Response:
    """ListVersionsByFunction: `$LATEST`, then by number; 50 to a page at the most."""
    deployed = find_latest(lambdas, request)
    versions = [deployed, *sorted(deployed.versions.values(), key=_place)]
    shown, more = page(versions, _place, request, PAGE)
    return {
        "Versions": [listed(version, FunctionName(deployed.name, version.function.version)) for version in shown],
        **more,
    }


def _place(version: Deployed) -> str:
    """Sorts as the numbers do; `$LATEST` is before them."""
    return version.function.version.zfill(12) if version.function.version.isdecimal() else ""
