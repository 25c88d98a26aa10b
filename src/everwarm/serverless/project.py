"""A project: what a `serverless.yml` says is to run, read whole before anything is started.

Everything that can be found wrong in the file is found by `load`. What it has that is not run here becomes a notice.

Not here: the parts (`variables.py`, `resources.py`, `tables.py`, `functions.py`, `events.py`), and starting anything
(`everwarm.stack`).
"""

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everwarm.account import ACCOUNT
from everwarm.errors import ProjectError
from everwarm.lambdas.functions import Function
from everwarm.serverless import (
    dotenv,
    elsewhere,
    events,
    functions,
    included_files,
    naming,
    resources,
    tables,
    yaml_file,
)
from everwarm.serverless.functions import FunctionSource
from everwarm.serverless.intrinsics import Attributes, Template
from everwarm.serverless.mappings import Trigger
from everwarm.serverless.nodes import Node, Notice
from everwarm.serverless.tables import TableResource
from everwarm.serverless.variables import Outside, Variables

__all__ = ["Notice", "Project", "TableResource", "Trigger", "find_project_file", "load"]

# In the order in which the framework looks for them.
FILE_NAMES = ("serverless.yml", "serverless.yaml", "serverless.json")
_PROGRAMS = ("serverless.js", "serverless.cjs", "serverless.mjs", "serverless.ts")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")

# The sections that are used here, and those that have nothing to say on one machine: how a deployment is packaged,
# checked and billed.
_SECTIONS_USED = frozenset({"service", "provider", "functions", "resources", "custom", "params", "stages"})
_SECTIONS_WITHOUT_EFFECT = frozenset(
    {
        "app",
        "build",
        "configValidationMode",
        "configurations",
        "console",
        "dashboard",
        "deprecationNotificationMode",
        "disabledDeprecations",
        "enableLegacyDeploymentBucket",
        "frameworkVersion",
        "licenseKey",
        "org",
        "outputs",
        "package",
        "projectDir",
        "tenant",
        "useDotenv",
        "variablesResolutionMode",
    }
)


@dataclass(frozen=True, slots=True)
class Project:
    """What is to run.

    Attributes:
        service, stage, region, account: as in names and ARNs.
        path: the project file.
        directory: where it lies; handlers are found from here.
        tables: the tables to create.
        triggers: which table's stream calls which function.
        notices: what the file has that is not run here.
        root: the file, with variables replaced and CloudFormation's functions not answered.
        sources: the functions as the file describes them.
        template: the CloudFormation template, with the attributes that tables and functions will have.
    """

    service: str
    stage: str
    region: str
    account: str
    path: Path
    directory: Path
    tables: tuple[TableResource, ...]
    triggers: tuple[Trigger, ...]
    notices: tuple[Notice, ...]
    root: Node = field(repr=False)
    sources: tuple[FunctionSource, ...] = field(repr=False)
    template: Template = field(repr=False)

    def functions(self, attributes: Attributes) -> tuple[Function, ...]:
        """The functions, with environments that name what really exists.

        Args:
            attributes: of each table, by its logical id: `{"Ref": name, "Arn": ..., "StreamArn": ...}`.

        Raises:
            ProjectError: a table's attributes are not given.
        """
        if missing := [table.logical_id for table in self.tables if table.logical_id not in attributes]:
            raise ProjectError(f"functions need tables that are not created yet: {', '.join(missing)}", str(self.path))
        template = self.template.with_attributes(attributes)
        return tuple(functions.build(source, template)[0] for source in self.sources)


def find_project_file(directory: Path) -> Path | None:
    """The project file of a directory; None where it has none.

    Raises:
        ProjectError: there is one, and it is a program.
    """
    found = next((path for name in FILE_NAMES if (path := directory / name).is_file()), None)
    program = next((path for name in _PROGRAMS if (path := directory / name).is_file()), None)
    if found is None and program is not None:
        raise ProjectError(
            "a project file that is a program is not run here; with the framework, "
            "`serverless print > serverless.yml` makes a YAML file of it",
            str(program),
        )
    return found


def load(
    path: Path,
    *,
    stage: str | None = None,
    options: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Project:
    """Read a project file.

    Args:
        path: the `serverless.yml`.
        stage: the stage; None for the file's own `provider.stage`, or else `dev`.
        options: further command-line options, for `${opt:}`; `region` overrules the file's.
        params: command-line parameters, for `${param:}`.
        environ: environment variables, for `${env:}`; None for this process's.

    Raises:
        ProjectError: the file cannot be run as it stands; with line and column.
    """
    options = options or {}
    outside = Outside(
        stage=options.get("stage") if stage is None else stage,
        options=options,
        params=params or {},
        environ=os.environ if environ is None else environ,
    )
    try:
        return _project(path, outside)
    except RecursionError as error:
        raise ProjectError(
            "values refer to each other in a circle, or are nested too deeply", str(path), 1, 1
        ) from error


def _project(path: Path, outside: Outside) -> Project:
    written = yaml_file.load(included_files.read_text(path), str(path))
    if not isinstance(written.value, dict):
        raise written.error(
            f"a project file is a map with service, provider, functions and resources, not {written.kind}"
        )
    if _uses_dotenv(written):
        stage = Variables(written, path.parent, outside).stage()
        outside = dataclasses.replace(outside, environ=dotenv.load(path.parent, stage, outside.environ))
    variables = Variables(written, path.parent, outside)
    root = variables.resolve(written)
    directory = path.parent.absolute()  # functions run in processes of their own
    stage, region = variables.stage(), variables.region()
    service = _service(root)
    provider = _provider(root)
    prefix = f"{service}-{stage}"
    stack_name = provider.get("stackName")
    pseudo = _pseudo(region, prefix if stack_name is None else stack_name.text("provider.stackName"))

    generated = frozenset(map(naming.function, functions.by_key(root.get("functions"))))
    template, notices = resources.read(root.get("resources"), pseudo, generated)
    found_tables, table_notices = tables.read(template, prefix)
    sources, function_notices = functions.read(
        root.get("functions"), provider, template, prefix=prefix, directory=directory, region=region, account=ACCOUNT
    )
    template = template.with_attributes(
        {source.logical_id: {"Ref": source.function.name, "Arn": source.function.arn} for source in sources}
        | {table.logical_id: _expected(table, region) for table in found_tables}
    )
    template = template.with_attributes(elsewhere.attributes(template, prefix, region, ACCOUNT))

    notices = _section_notices(root) + notices + table_notices + function_notices
    for source in sources:
        notices += functions.build(source, template)[1]
    triggers, event_notices = events.read(sources, template, found_tables, strict=_is_strict(root))
    notices += event_notices
    return Project(
        service=service,
        stage=stage,
        region=region,
        account=ACCOUNT,
        path=path,
        directory=directory,
        tables=tuple(found_tables),
        triggers=tuple(triggers),
        # As a set: a notice on provider.environment is met again for each function.
        notices=tuple(sorted(set(notices), key=lambda notice: (notice.path, notice.line, notice.column))),
        root=root,
        sources=tuple(sources),
        template=template,
    )


def _uses_dotenv(root: Node) -> bool:
    """Whether a `.env` file counts: where the file says so, and in version 4 of the framework."""
    version, given = root.get("frameworkVersion"), root.get("useDotenv")
    return (given is not None and given.value is True) or (
        version is not None and str(version.value).lstrip("^~>=v ").startswith("4")
    )


def _is_strict(root: Node) -> bool:
    """Whether unknown settings are errors: so it is by default, as in today's framework; its version 3 warned."""
    mode = root.get("configValidationMode")
    return mode is None or mode.value not in ("warn", "off")


def _service(root: Node) -> str:
    given = root.get("service")
    if given is not None and isinstance(given.value, dict):
        given = given.get("name")
    if given is None:
        raise root.error("the file has no service, the project's name")
    name = given.text("service")
    if not _NAME.fullmatch(name):
        raise given.error(f"service is {name!r}; it has to begin with a letter, and go on with letters, digits and -")
    return name


def _provider(root: Node) -> Node:
    provider = root.get("provider")
    if provider is None:
        raise root.error("the file has no provider")
    if isinstance(provider.value, str):  # `provider: aws` for short
        provider = dataclasses.replace(provider, value={"name": provider})
    name = provider.get("name") if provider.mapping("provider") else None
    if name is None:
        raise provider.key_error("provider has no name: aws")
    if name.value != "aws":
        raise name.error(f"provider.name has to be aws, not {name.kind}")
    return provider


def _pseudo(region: str, stack_name: str) -> dict[str, str]:
    stack_id = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{stack_name}/{'0' * 8}"
    return {
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackId": stack_id,
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _expected(table: TableResource, region: str) -> dict[str, str]:
    """The attributes that a table will have, but for its stream's label: enough to check the file with."""
    arn = f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{table.name}"
    return {"Ref": table.name, "Arn": arn} | ({"StreamArn": f"{arn}/stream/0"} if table.has_stream else {})


def _section_notices(root: Node) -> list[Notice]:
    notices = []
    for name, section in root.mapping("the file").items():
        if section.value is None or name in _SECTIONS_USED | _SECTIONS_WITHOUT_EFFECT:
            continue
        if name == "plugins":
            notices.append(section.notice("plugins are not run here"))
        else:
            notices.append(section.notice(f"the section {name} is not used here"))
    return notices
