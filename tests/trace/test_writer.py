"""The ordered writer: ascending lines in whatever order records come, and what the file system may do to it."""

from __future__ import annotations

import errno
import json
import os
import resource
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cellview.trace import (
    AbortRecord,
    IterationRecord,
    NullTraceWriter,
    OrderedTraceWriter,
    Record,
    TraceOrderError,
    TraceReader,
    TraceWriteError,
    check_trace,
    digest_file,
    encode_line,
    read_trace,
    without_timestamps,
)
from cellview.trace.order import RecordOrder
from cellview.trace.testing import sample_trace


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wild_type_mcts_trace.jsonl"


def test_every_record_is_in_the_file_when_write_returns(path: Path) -> None:
    writer = OrderedTraceWriter(path)
    for count, record in enumerate(sample_trace(5), start=1):
        writer.write(record)
        assert len(path.read_bytes().splitlines()) == count
    writer.close()


def test_a_late_record_holds_the_later_ones_back(path: Path) -> None:
    zero, one, two = sample_trace(3)
    writer = OrderedTraceWriter(path)
    writer.write_many([two, one])
    assert (path.read_bytes(), writer.pending) == (b"", 2)
    writer.write(zero)
    assert writer.pending == 0
    writer.close()
    assert list(read_trace(path)) == [zero, one, two]


def test_an_abort_marker_goes_directly_before_its_iteration_whenever_it_comes(path: Path) -> None:
    records = sample_trace(6, aborted=True)
    marker = next(record for record in records if isinstance(record, AbortRecord))
    with OrderedTraceWriter(path) as writer:
        writer.write(marker)
        writer.write_many(reversed([record for record in records if record is not marker]))
    assert list(read_trace(path)) == records
    assert check_trace(path) == []


def test_what_is_held_back_is_written_at_the_close_in_order_gaps_and_all(path: Path) -> None:
    records = sample_trace(9)
    kept = [records[index] for index in (0, 3, 4, 8)]
    writer = OrderedTraceWriter(path)
    writer.write_many(reversed(kept))
    writer.close()
    assert list(read_trace(path)) == kept


def test_an_iteration_written_twice_is_an_error(path: Path) -> None:
    zero, one, two = sample_trace(3)
    with OrderedTraceWriter(path) as writer:
        writer.write_many([zero, two])
        for repeated in (zero, two):
            with pytest.raises(TraceOrderError, match=f"of iteration {repeated.iteration} comes too late"):
                writer.write(repeated)
        writer.write(one)
    assert list(read_trace(path)) == [zero, one, two]


def test_nothing_can_be_written_to_a_closed_trace(path: Path) -> None:
    writer = OrderedTraceWriter(path)
    digest = writer.close()
    assert writer.close() == digest == sha256().hexdigest()
    with pytest.raises(TraceWriteError, match="closed"):
        writer.write(sample_trace(1)[0])


def with_timestamps(records: list[Record], offset: int) -> list[Record]:
    return [
        replace(
            record,
            attempts=[replace(attempt, timestamp_ms=attempt.timestamp_ms + offset) for attempt in record.attempts],
        )
        if isinstance(record, IterationRecord)
        else record
        for record in records
    ]


def test_the_digest_leaves_out_time_stamps_and_nothing_else(tmp_path: Path) -> None:
    records = sample_trace(30)
    digests: list[str] = []
    for name, variant in (
        ("a", records),
        ("b", with_timestamps(records, 123_456)),
        ("c", sample_trace(30, seed=1)),
        ("d", [*records[:-1], replace(records[-1], tree=replace(records[-1].tree, inflight=99))]),
    ):
        path = tmp_path / name
        with OrderedTraceWriter(path) as writer:
            writer.write_many(variant)
            assert writer.digest() == digest_file(path)
        digests.append(writer.close())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


NASTY = st.lists(
    st.sampled_from(['"timestamp_ms":5,', '"timestamp_ms"', "timestamp_ms", ":", "7,", '"', "\\", "→", "\x00", "\n"])
).map("".join)


@given(tactic=NASTY, detail=NASTY, stamp=st.integers(0, 2**53))
def test_no_text_in_a_record_looks_like_a_time_stamp(tactic: str, detail: str, stamp: int) -> None:
    record = next(record for record in sample_trace(1) if isinstance(record, IterationRecord))
    attempt = replace(record.attempts[0], tactic=tactic, detail=detail, goal_type=detail, timestamp_ms=stamp)
    line = encode_line(replace(record, attempts=[attempt], error=tactic))
    stripped = without_timestamps(line)
    assert len(line) - len(stripped) == len(f'"timestamp_ms":{stamp},')
    expected = json.loads(line)
    del expected["attempts"][0]["timestamp_ms"]
    assert json.loads(stripped) == expected


@given(order=st.permutations(range(12)), aborted=st.booleans())
def test_records_come_out_in_order_for_every_order_of_arrival(order: list[int], aborted: bool) -> None:
    records = sample_trace(11, aborted=True) if aborted else sample_trace(12)
    if aborted and order.index(10) > order.index(11):  # the caller sends the marker first; see the next test
        order = [{10: 11, 11: 10}.get(index, index) for index in order]
    arrival = [records[index] for index in order]
    state = RecordOrder()
    out: list[Record] = []
    for index, record in enumerate(arrival):
        out += state.add(record)
        done = {entry.iteration for entry in arrival[: index + 1] if isinstance(entry, IterationRecord)}
        ready = next(number for number in range(13) if number not in done)
        # Exactly the gapless prefix is out, nothing is held back without need, and nothing is lost.
        assert [entry.iteration for entry in out if isinstance(entry, IterationRecord)] == list(range(ready))
        assert len(out) + len(state) == index + 1
    assert out == records


def test_an_abort_marker_after_its_record_is_an_error_not_a_line_out_of_place() -> None:
    *rest, marker, last = sample_trace(3, aborted=True)
    state = RecordOrder()
    for record in (*rest, last):
        state.add(record)
    with pytest.raises(TraceOrderError):
        state.add(marker)


@pytest.fixture
def small_files() -> Iterator[int]:
    """A real limit on the size of files, which cuts a write short as a full disk does."""
    limit = 4000
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield limit
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_cut_short_leaves_one_torn_line_and_a_resume_continues(path: Path, small_files: int) -> None:
    records = sample_trace(30)
    writer = OrderedTraceWriter(path)
    with pytest.raises(TraceWriteError, match=r"^Cannot write .*too large.*can be resumed\.$"):
        for record in records:
            writer.write(record)
    with pytest.raises(TraceWriteError):  # and nothing can follow the torn line
        writer.write(records[writer.next_iteration])
    writer.close()
    assert path.stat().st_size == small_files
    reader = TraceReader(path)
    kept = list(reader)
    assert kept == records[: len(kept)]
    assert reader.torn is not None
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    with OrderedTraceWriter(path, resume=True) as resumed:
        assert resumed.recovery is not None
        assert resumed.recovery.torn == reader.torn
        assert resumed.next_iteration == len(kept)
        resumed.write_many(records[resumed.next_iteration :])
    assert list(read_trace(path)) == records
    assert resumed.digest() == digest_file(path)


def test_a_full_disk_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = OrderedTraceWriter(path)

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(TraceWriteError, match=r"^Cannot write .*: No space left on device; the lines before"):
            writer.write(sample_trace(1)[0])
    writer.close()


@pytest.mark.parametrize(
    ("name", "text"),
    [("no/such/folder/t.jsonl", "No such file or directory"), ("file/t.jsonl", "Not a directory")],
)
def test_a_file_that_cannot_be_made_is_one_sentence(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TraceWriteError, match=rf"^Cannot write .*{name}: {text}\.$"):
        OrderedTraceWriter(tmp_path / name)


def test_a_read_only_place_is_one_sentence() -> None:
    with pytest.raises(TraceWriteError, match=r"^Cannot write /sys/t\.jsonl: .+\.$"):
        OrderedTraceWriter("/sys/t.jsonl")  # read-only, even for root


def test_a_file_that_exists_is_never_written_over(path: Path) -> None:
    path.write_bytes(b"precious\n")
    with pytest.raises(TraceWriteError, match="exists already"):
        OrderedTraceWriter(path)
    assert path.read_bytes() == b"precious\n"


def test_half_a_surrogate_pair_is_an_error_of_this_package(path: Path) -> None:
    record = next(record for record in sample_trace(1) if isinstance(record, IterationRecord))
    with OrderedTraceWriter(path) as writer, pytest.raises(TraceWriteError, match="iteration 0 cannot be written"):
        writer.write(replace(record, selected_path=["\ud800"]))


def test_the_null_writer_writes_nothing_and_can_digest(path: Path) -> None:
    records = sample_trace(20)
    with OrderedTraceWriter(path) as writer:
        writer.write_many(records)
    off, digesting = NullTraceWriter(), NullTraceWriter(digest=True)
    for null in (off, digesting):
        null.write_many(reversed(records[:10]))
        for record in records[10:]:
            null.write(record)
        null.sync()
    assert digesting.close() == writer.digest()
    assert off.close() == sha256().hexdigest()


def test_batches_and_single_records_write_the_same_bytes(tmp_path: Path) -> None:
    records = sample_trace(25)
    with OrderedTraceWriter(tmp_path / "one") as one, OrderedTraceWriter(tmp_path / "many") as many:
        for record in records:
            one.write(record)
        for start in range(0, 25, 4):
            many.write_many(records[start : start + 4])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()
    assert one.digest() == many.digest() == digest_file(tmp_path / "one")
    assert b"".join(chain(map(encode_line, records))) == (tmp_path / "one").read_bytes()
