"""The form of Lambda's own lines is that of its documentation ("Using the Lambda console", Python logging)."""

import pytest

from everwarm.lambdas.runtime.call_log import TAIL_BYTES, Tail, report_line

MIB = 1024 * 1024


def test_the_report_of_a_warm_call() -> None:
    line = report_line("id-1", duration_s=0.01234, init_s=None, memory_mb=128, used_bytes=18 * MIB)
    assert line.split("\t") == [
        "REPORT RequestId: id-1",
        "Duration: 12.34 ms",
        "Billed Duration: 13 ms",
        "Memory Size: 128 MB",
        "Max Memory Used: 18 MB",
    ]


# Since August 2025 the start is billed, too.
def test_the_report_of_a_first_call() -> None:
    line = report_line("id-1", duration_s=0.001, init_s=0.2505, memory_mb=128, used_bytes=18 * MIB)
    assert line.endswith("\tMax Memory Used: 18 MB\tInit Duration: 250.50 ms")
    assert "\tBilled Duration: 252 ms\t" in line


@pytest.mark.parametrize(
    ("error_type", "end"),
    [
        ("Sandbox.Timedout", "\tStatus: timeout"),
        ("Runtime.OutOfMemory", "\tStatus: error\tError Type: Runtime.OutOfMemory"),
    ],
)
def test_the_report_of_a_call_that_was_ended(error_type: str, end: str) -> None:
    line = report_line("i", duration_s=1, init_s=None, memory_mb=128, used_bytes=300 * MIB, error_type=error_type)
    assert line.endswith(f"\tMax Memory Used: 128 MB{end}")


def test_a_short_tail_is_the_whole_log() -> None:
    tail = Tail()
    for line in ("START", "é", "END"):
        tail.add(line)
    assert bytes(tail) == "START\né\nEND\n".encode()


@pytest.mark.parametrize("line", ["x" * 10, "é" * 1000, "y" * 10_000])
def test_a_long_log_has_a_tail_of_4_kb(line: str) -> None:
    tail = Tail()
    for _ in range(1000):
        tail.add(line)
    tail.add("END")
    assert len(bytes(tail)) == TAIL_BYTES
    assert bytes(tail).endswith(f"{line[-10:]}\nEND\n".encode())


def test_a_long_log_is_not_kept() -> None:
    tail = Tail()
    for n in range(100_000):
        tail.add(f"line {n}")
    assert len(tail._lines) < TAIL_BYTES
