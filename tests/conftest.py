"""For all tests: figures that a test hands over with `record_property` stand at the end of pytest's output."""

import pytest
import structlog
from hypothesis import HealthCheck, settings

# How fast a machine is, and what else it is doing, is no property of the code.
settings.register_profile("everwarm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("everwarm")

# As a program that has set it up, so that `capture_logs` sees what is logged (see everwarm/log.py).
structlog.configure()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures = [
        (report.nodeid, name, value)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
        for name, value in report.user_properties
    ]
    if not figures:
        return
    terminalreporter.section("figures")
    for test, name, value in figures:
        terminalreporter.write_line(f"{test}: {name}: {value}")
