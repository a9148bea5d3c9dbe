"""Ranges of a trace that grows: what a seek finds is what reading every line finds."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.daemon.errors import DamagedError
from cellview.daemon.trace_file import frames_of, last_line, read_chunk, seek_iteration


def line(iteration: int, size: int, event: str = "iteration") -> bytes:
    return b'{"event":"%s","iteration":%d,"x":"%s"}\n' % (event.encode(), iteration, b"x" * size)


@st.composite
def traces(draw: st.DrawFn) -> list[bytes]:
    """Lines that ascend with gaps, markers before some of them; some are as long as what is read at once."""
    lines: list[bytes] = []
    iteration = 0
    for _ in range(draw(st.integers(0, 60))):
        iteration += draw(st.integers(1, 3))
        if draw(st.integers(0, 9)) == 0:
            lines.append(line(iteration, draw(st.integers(0, 10)), "abort"))
        lines.append(line(iteration, draw(st.sampled_from((0, 10, 1000, 5000, 70_000)))))
    return lines


@given(traces(), st.integers(0, 200), st.sampled_from((b"", b'{"event":"iteration","itera')))
def test_a_seek_finds_what_reading_finds(lines: list[bytes], wanted: int, torn: bytes) -> None:
    data = b"".join(lines)
    early = [one for one in lines if frames_of(read_chunk(io.BytesIO(one + line(0, 0)), 0))[0].iteration < wanted]
    assert seek_iteration(io.BytesIO(data + torn), wanted) == sum(map(len, early))


@given(traces(), st.integers(1, 20_000), st.sampled_from((b"", b'{"event":"iteration","itera')))
def test_chunks_are_whole_lines_and_lose_none(lines: list[bytes], most: int, torn: bytes) -> None:
    file, offset, found = io.BytesIO(b"".join(lines) + torn), 0, list[bytes]()
    while (chunk := read_chunk(file, offset, most_bytes=most)).lines:
        assert chunk.start == offset and not chunk.lines[-1].startswith(b'{"event":"abort"')
        found += chunk.lines
        offset = chunk.end
    assert found == lines


@given(traces(), st.sampled_from((b"", b'{"event":"iteration","itera')))
def test_the_last_whole_line_is_found(lines: list[bytes], torn: bytes) -> None:
    assert last_line(io.BytesIO(b"".join(lines) + torn)) == (lines[-1].rstrip(b"\n") if lines else b"")


def test_a_marker_waits_for_its_record() -> None:
    marker = line(3, 0, "abort")
    assert read_chunk(io.BytesIO(line(2, 0) + marker), 0).lines == (line(2, 0),)
    assert read_chunk(io.BytesIO(line(2, 0) + marker), len(line(2, 0))).lines == ()


def test_damage_is_one_sentence() -> None:
    with pytest.raises(DamagedError, match="damaged at byte 0"):
        frames_of(read_chunk(io.BytesIO(b"no record\n"), 0))
