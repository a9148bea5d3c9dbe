"""Reading and recovering: a torn last line is skipped and reported, damage inside is an error that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellview.trace import (
    DamagedLineError,
    OrderedTraceWriter,
    TornLineWarning,
    TraceError,
    TraceReader,
    digest_file,
    encode_line,
    read_trace,
    recover,
    resume_point,
)
from cellview.trace.testing import sample_trace

RECORDS = sample_trace(12)
LINES = [encode_line(record) for record in RECORDS]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def test_reading_gives_back_what_was_written(path: Path) -> None:
    reader = TraceReader(path)
    assert list(reader) == RECORDS
    assert reader.torn is None
    assert list(reader) == RECORDS  # and again


@pytest.mark.parametrize("tail", [b"{", LINES[0][:-1], b"\x00" * 50, b"\xff"])
def test_a_torn_last_line_is_skipped_and_reported(path: Path, tail: bytes) -> None:
    size, digest = path.stat().st_size, digest_file(path)
    path.write_bytes(path.read_bytes() + tail)
    reader = TraceReader(path)
    assert list(reader) == RECORDS
    assert reader.torn is not None
    assert (reader.torn.line, reader.torn.offset, reader.torn.size) == (13, size, len(tail))
    with pytest.warns(TornLineWarning, match="line 13 is torn"):
        assert list(read_trace(path)) == RECORDS
    assert digest_file(path) == digest
    recovery = recover(path)
    assert (recovery.last_iteration, recovery.records, recovery.torn) == (11, 12, reader.torn)
    assert path.read_bytes() == b"".join(LINES)
    assert recover(path).torn is None


@pytest.mark.parametrize(
    "damage",
    [
        b"{",
        b"",
        b"[]",
        b'{"event":"iteration","iteration":3}',
        b'{"event":"other","iteration":3}',
        b"\xff\xfe",
        LINES[3][:-1].replace(b'"iteration":3', b'"iteration":"3"'),
    ],
)
def test_damage_inside_names_the_file_and_the_line_and_nothing_is_cut(path: Path, damage: bytes) -> None:
    content = b"".join([*LINES[:3], damage + b"\n", *LINES[4:], b"torn"])
    path.write_bytes(content)
    for read in (lambda: list(TraceReader(path)), lambda: recover(path), lambda: OrderedTraceWriter(path, resume=True)):
        with pytest.raises(DamagedLineError, match=rf"^{path}, line 4 "):
            read()
    assert path.read_bytes() == content


def test_a_file_of_two_runs_is_not_resumed(path: Path) -> None:
    path.write_bytes(b"".join([*LINES, LINES[5]]))
    with pytest.raises(DamagedLineError, match="line 13 has iteration 5 after 11"):
        recover(path)


@pytest.mark.parametrize("written", [0, 20])
def test_an_abort_marker_without_its_record_is_cut(path: Path, written: int) -> None:
    lines = [encode_line(record) for record in sample_trace(4, aborted=True)]
    path.write_bytes(b"".join(lines[:4]) + lines[4][:written])
    recovery = recover(path)
    assert recovery.abort_cut
    assert recovery.last_iteration == 2
    assert path.read_bytes() == b"".join(lines[:3])


def test_a_resume_point_has_all_that_was_written(path: Path) -> None:
    path.write_bytes(b"".join(LINES[:7]) + LINES[7][:30])
    point = resume_point(path)
    assert point.records == tuple(RECORDS[:7])
    assert point.next_iteration == 7
    path.write_bytes(LINES[0][:5])
    assert resume_point(path).next_iteration == 0


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    for read in (lambda: list(read_trace(path)), lambda: recover(path), lambda: digest_file(path)):
        with pytest.raises(TraceError, match=r"^Cannot read .*none\.jsonl: No such file or directory\.$"):
            read()
