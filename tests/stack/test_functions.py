"""What becomes of a call: handlers that fail, crash, hang, print, and change while the stack runs."""

import re
from collections.abc import Callable

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.stack.support import RECORDER, RECORDING_HANDLER, Project, Witness, eventually, expire, put, serverless_yml

Start = Callable[..., Stack]

# Calls that fail leave a mark, so that a new worker knows how many there were before it.
FAIL_TWICE = (
    RECORDER
    + """
    def handler(event, context):
        with open("calls", "a+") as calls:
            calls.write(".")
            calls.seek(0)
            if len(calls.read()) <= 2:
                calls.close()
                {fail}
        record_all(event)
"""
)


def check_delivered_at_the_third_call(
    fail: str, error: str, start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    project.write_handler(FAIL_TWICE.replace("{fail}", fail))
    stack = start()
    put(stack, "ann", clock.now() + 3600)
    # The pauses between retries are on the clock.
    eventually(lambda: project.received("INSERT"), meanwhile=lambda: clock.advance(1))
    assert [outcome.ok for outcome in eventually(lambda: witness.outcomes[2:] and witness.outcomes)] == [
        False,
        False,
        True,
    ]
    assert all(re.search(error, outcome.error or "") for outcome in witness.outcomes[:2])
    assert len(project.received()) == 1


def test_a_handler_that_raises_gets_the_records_again(
    start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    check_delivered_at_the_third_call(
        "raise LookupError('no rates')", "LookupError: no rates", start, clock, project, witness
    )


def test_a_handler_that_ends_its_process_is_replaced_and_gets_them_again(
    start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    check_delivered_at_the_third_call(
        "os._exit(3)", r"Runtime\.ExitError: .*exit status 3", start, clock, project, witness
    )


# One second is the shortest timeout there is, on AWS as here.
def test_a_handler_that_overruns_its_timeout_is_replaced_and_gets_them_again(
    start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    project.write(serverless_yml(timeout_s=1))
    check_delivered_at_the_third_call(
        "time.sleep(60)", r"Task timed out after 1\.00 seconds", start, clock, project, witness
    )


def test_what_a_handler_prints_comes_with_its_request_id(
    start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    project.write_handler("""
        def handler(event, context):
            print("serving", context.aws_request_id)
    """)
    expire(start(), clock, "ann")
    function, request_id, line = eventually(lambda: [one for one in witness.lines if one[2].startswith("serving")])[0]
    assert function == "shop-dev-main"
    assert line == f"serving {request_id}"


# The save that a person makes while the stack runs; calls under way end on the old code.
def test_changed_code_runs_from_the_next_call_on(
    start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    stack = start(watch=True)
    expire(stack, clock, "before")
    eventually(lambda: "before" in project.expired_keys())
    project.write_handler("def handler(event, context): print('new code')")
    eventually(
        lambda: any(line == "new code" for _, _, line in witness.lines),
        # How long the operating system takes to tell of a change is unknown.
        meanwhile=lambda: expire(stack, clock, "after"),
    )


# A person's slip of the pen must not need a restart, nor the patience for the pause between retries.
def test_code_that_cannot_be_loaded_is_tried_again_when_it_has_changed(
    start: Start, clock: ManualClock, project: Project, witness: Witness
) -> None:
    project.write_handler("def handler(event, context) print('a colon is missing')")
    stack = start(watch=True)
    expire(stack, clock, "ann")
    (failed, *_) = eventually(lambda: witness.outcomes)
    assert "SyntaxError" in (failed.error or "")
    project.write_handler(RECORDING_HANDLER)
    eventually(project.expired_keys)
    assert project.expired_keys() == ["ann"]
