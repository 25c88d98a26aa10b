"""What `everwarm up` shows once everything runs: what runs where, and what to beware of."""

import shlex
import textwrap
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from everwarm.cli.check_view import summary
from everwarm.durations import duration
from everwarm.dynamodb.ttl.options import TimeToLiveOptions
from everwarm.errors import ProjectError
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.serverless.check import check
from everwarm.serverless.check.framework import NOT_RUN_HERE
from everwarm.stack import Stack

LABEL_WIDTH = 10

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Row(NamedTuple):
    """A line of the overview; the style is for the text, of rich's kind."""

    label: str
    text: str
    style: str = ""


def show(console: Console, stack: Stack, host: str) -> None:
    """Print the overview of a stack that has been started."""
    for label, text, style in overview(stack, host):
        lines = [text]
        if console.is_terminal:
            # Between words only: an ARN is there to be copied.
            width = console.width - LABEL_WIDTH
            lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        for n, line in enumerate(lines):
            head = (f"{'' if n else label:{LABEL_WIDTH}}", "bold yellow" if label == "Warning" else "bold")
            console.print(Text.assemble(head, (line, style)), soft_wrap=True)
    console.print("\nReady. Ctrl-C ends it.")


def overview(stack: Stack, host: str) -> list[Row]:
    """What there is to say.

    Args:
        host: the interface, as the person has named it.
    """
    warnings = [Row("Warning", warning) for warning in _warnings(stack, host)]
    return [*_whole(stack), *_parts(stack), *_check(stack), *warnings]


def _check(stack: Stack) -> list[Row]:
    """How many findings there are, and which; what is not run here stands among the warnings."""
    if stack.project is None:
        return []
    try:
        findings = [finding for finding in check(stack.project) if finding.code != NOT_RUN_HERE.code]
    except ProjectError as err:  # in what is not needed here, the package say
        return [Row("Check", str(err))]
    if not findings:
        return []
    codes = ", ".join(dict.fromkeys(finding.code for finding in findings))
    command = f"everwarm check {shlex.quote(str(stack.project.path.parent))}"
    return [Row("Check", f"{summary(findings)} ({codes}); '{command}' says what AWS would do, and how to mend it")]


def _whole(stack: Stack) -> list[Row]:
    project = stack.project
    name = (
        "none: there is no serverless.yml here, so this is the engine alone"
        if project is None
        else f"{project.service}, stage {project.stage}"
    )
    credentials = "credentials are checked" if stack.checks_credentials else "any credentials"
    data = "in memory, gone when this ends" if stack.data is None else str(stack.data)
    return [
        Row("Project", name),
        Row("Endpoint", f"{stack.endpoint} (region {stack.region}, {credentials})", "green"),
        Row("Data", data),
        *_failures(stack),
        *_time_to_live(stack.time_to_live),
    ]


def _time_to_live(options: TimeToLiveOptions) -> list[Row]:
    said = []
    if options.delay:
        said.append(f"items are deleted {options.delay} after their time")
    if options.cool_down_s:
        said.append(f"settings of a table can be changed every {duration(options.cool_down_s)}")
    return [Row("TTL", "; ".join(said))] if said else []


def _failures(stack: Stack) -> list[Row]:
    said = []
    by_service = stack.destinations.by_service
    for place in sorted(set(by_service.values())):
        services = ", ".join(service.upper() for service, its_place in by_service.items() if its_place == place)
        said.append(f"sent to {place} where a trigger's destination is in {services}")
    if kept := stack.failure_counts.failures:
        said.append(f"{kept:,} kept from before: see 'everwarm failures list'")
    return [Row("" if n else "Failures", text) for n, text in enumerate(said)]


def _parts(stack: Stack) -> list[Row]:
    rows: list[Row] = []
    for table in stack.tables:
        ttl = f"TTL on {table.time_to_live}" if table.time_to_live else "no TTL"
        rows += [Row("Table", f"{table.name} ({ttl})"), Row("", table.arn, "dim")]
        if table.stream_arn:
            rows.append(Row("Stream", table.stream_arn, "dim"))
    for function in stack.functions:
        limits = f"{function.memory_mb} MB, {function.timeout_s:g} s"
        rows.append(Row("Function", f"{function.name}: {function.handler} ({limits})"))
    for mapping in stack.mappings:
        source = mapping.stream_arn.partition(":table/")[2].partition("/")[0]
        rows.append(Row("Trigger", f"{source} -> {mapping.function_name} ({_settings(mapping.settings)})"))
    return rows


def _warnings(stack: Stack, host: str) -> list[str]:
    warnings = [str(notice) for notice in stack.notices if notice.code == NOT_RUN_HERE.code]
    warnings += [
        f"{mapping.function_name}: its failures are kept here and {mapping.settings.on_failure} is not told of them; "
        "see --destinations-endpoint"
        for mapping in stack.mappings
        if mapping.settings.on_failure is not None and not stack.destinations.reach(mapping.settings.on_failure)
    ]
    if host not in _LOOPBACK and not stack.checks_credentials:
        warnings.append(f"{host} can be reached by others, and no credentials are checked; see --credentials")
    return warnings


def _settings(settings: MappingSettings) -> str:
    retries = settings.maximum_retry_attempts
    parts = [f"batches of {settings.batch_size}", str(settings.starting_position)]
    if settings.batching_window_s:
        parts.append(f"window {settings.batching_window_s} s")
    if settings.tumbling_window_s:
        parts.append(f"tumbling windows of {settings.tumbling_window_s} s")
    if settings.parallelization_factor > 1:
        parts.append(f"{settings.parallelization_factor} at a time for each shard")
    if settings.filters:
        parts.append(f"{len(settings.filters)} filter{'' if len(settings.filters) == 1 else 's'}")
    parts.append("retries without end" if retries == -1 else f"{retries} {'retry' if retries == 1 else 'retries'}")
    if settings.maximum_record_age_s != -1:
        parts.append(f"records up to {settings.maximum_record_age_s} s old")
    if settings.bisect_batch_on_function_error:
        parts.append("halved when they fail")
    if settings.report_batch_item_failures:
        parts.append("failed records named by the answer")
    if settings.on_failure is not None:
        parts.append(f"failures to {settings.on_failure.split(':')[2].upper()} {settings.on_failure.split(':')[-1]}")
    return ", ".join(parts) + ("" if settings.enabled else ", disabled")
