import asyncio
import os

from hypothesis import given
from hypothesis import strategies as st

from everwarm.lambdas.runtime import output
from everwarm.lambdas.runtime.output import Lines, OutputPipe


def cut(*parts: bytes) -> list[str]:
    lines = Lines()
    return [*(line for part in parts for line in lines.feed(part)), *lines.end()]


@given(st.lists(st.text(alphabet="aé☃ ", min_size=1), max_size=8), st.data())
def test_lines_are_the_same_wherever_reads_end(texts: list[str], data: st.DataObject) -> None:
    written = "\n".join(texts).encode()
    ends = sorted(data.draw(st.sets(st.integers(0, len(written)))))
    parts = [written[start:end] for start, end in zip([0, *ends], [*ends, len(written)], strict=True)]
    assert cut(*parts) == texts


# awslambdaric ends the lines of a traceback with \r, Windows-minded libraries theirs with \r\n.
def test_every_line_end_counts_and_blank_lines_do_not() -> None:
    assert cut(b"a\rb\r\nc\n\nd") == ["a", "b", "c", "d"]


def test_a_long_line_comes_in_pieces() -> None:
    pieces = cut(b"x" * 40_000)
    assert "".join(pieces) == "x" * 40_000
    assert max(map(len, pieces)) == output.LONGEST_LINE_BYTES


def test_a_flood_is_cut_off_until_the_next_call() -> None:
    lines = Lines()
    shown = [line for _ in range(1000) for line in lines.feed(b"a line of no use\n" * 1000)]
    assert shown[-1] == output.FLOOD_NOTICE
    assert len(shown) <= output.MOST_BYTES_PER_CALL / output.LINE_OVERHEAD_BYTES
    assert list(lines.end()) == []
    assert list(lines.feed(b"next call\n")) == ["next call"]


async def test_the_end_of_a_call_takes_what_is_in_the_pipe() -> None:
    seen: list[str] = []
    pipe = OutputPipe(seen.append)
    os.write(pipe.write_end, b"whole\nopen")
    await pipe.end_call()
    assert seen == ["whole", "open"]
    pipe.close()


async def test_lines_come_while_the_process_runs() -> None:
    arrived = asyncio.Event()
    pipe = OutputPipe(lambda _line: arrived.set())
    os.write(pipe.write_end, b"working\n")
    async with asyncio.timeout(5):
        await arrived.wait()
    pipe.close()
