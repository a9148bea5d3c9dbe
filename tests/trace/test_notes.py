"""Notes and tags of a run: whole or not at all, also when several write at once."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from cellview.trace import Note, RunFolderError, RunNotes, TraceWriteError, change_notes, read_notes
from cellview.trace.notes import NOTES_NAME


def test_nothing_was_written_where_nobody_has(tmp_path: Path) -> None:
    assert read_notes(tmp_path) == RunNotes()
    assert change_notes(tmp_path, lambda before: before) == RunNotes()
    assert list(tmp_path.iterdir()) == [], "a change that changes nothing leaves no file"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    change_notes(tmp_path, lambda before: before.with_note("first", at="2026-01-01T00:00:00Z"))
    change_notes(tmp_path, lambda before: before.with_note("second ∧ last", at="2026-01-02T00:00:00Z"))
    change_notes(tmp_path, lambda before: before.tagged(add=["b", "a", "b"]))
    after = change_notes(tmp_path, lambda before: before.tagged(add=["c"], remove=["a"]))
    assert after == read_notes(tmp_path)
    assert after.tags == ("b", "c")
    assert after.notes[1] == Note(at="2026-01-02T00:00:00Z", text="second ∧ last")
    assert change_notes(tmp_path, lambda before: before.without_note(1)).notes == after.notes[1:]
    assert [path.name for path in tmp_path.iterdir()] == [NOTES_NAME]


def test_a_change_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    def fail(before: RunNotes) -> RunNotes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_notes(tmp_path, fail)
    assert list(tmp_path.iterdir()) == []
    there = change_notes(tmp_path, lambda before: before.tagged(add=["x"]))
    with pytest.raises(ZeroDivisionError):
        change_notes(tmp_path, fail)
    assert read_notes(tmp_path) == there


def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / NOTES_NAME).write_text("{")
    with pytest.raises(RunFolderError, match="mend it, or remove it"):
        change_notes(tmp_path, lambda before: before.tagged(add=["x"]))
    assert (tmp_path / NOTES_NAME).read_text() == "{"
    with pytest.raises(TraceWriteError, match="Cannot write"):
        change_notes(tmp_path / "nowhere", lambda before: before)


def _write(folder: Path, writer: int, times: int) -> None:
    for number in range(times):
        change_notes(folder, lambda before: before.with_note(f"{writer}.{number}", at=""))  # noqa: B023  # run at once
        change_notes(folder, lambda before: before.tagged(add=[f"t{writer}"]))


def test_no_note_of_several_processes_is_lost(tmp_path: Path) -> None:
    spawning = multiprocessing.get_context("spawn")
    writers = [spawning.Process(target=_write, args=(tmp_path, writer, 20)) for writer in range(4)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    assert [process.exitcode for process in writers] == [0] * 4
    notes = read_notes(tmp_path)
    assert sorted(note.text for note in notes.notes) == sorted(f"{w}.{n}" for w in range(4) for n in range(20))
    assert notes.tags == ("t0", "t1", "t2", "t3")
    for writer in range(4):
        own = [note.text for note in notes.notes if note.text.startswith(f"{writer}.")]
        assert own == [f"{writer}.{number}" for number in range(20)], "each writer's own order is kept"
