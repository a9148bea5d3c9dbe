"""Run folders: made once, locked, written whole or not at all, and every refusal is one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.trace import (
    CorpusInfo,
    OrderedTraceWriter,
    RunFolder,
    RunFolderError,
    RunMetadata,
    TheoremResult,
    TraceWriteError,
    describe_git,
    describe_host,
    describe_versions,
    folder_name,
    write_atomically,
)
from cellview.trace.testing import sample_trace


@pytest.fixture
def metadata() -> RunMetadata:
    return RunMetadata(
        created="2026-01-01T00:00:00Z",
        config={"agents": 4, "inflight": 4},
        seeds={"run": 0},
        corpus=CorpusInfo(source="corpora/micro.toml", digest="00", theorems=1),
        versions=describe_versions(lean="4.35.0"),
        host=describe_host(),
        git=describe_git(),
    )


def result(theorem: str, **changes: object) -> TheoremResult:
    base = TheoremResult(theorem=theorem, solved=True, iterations=3, attempts=5, seconds=0.5, stop_reason="solved")
    return msgspec.structs.replace(base, **changes)


def test_a_run_is_a_folder_of_files_by_theorem_and_arm(tmp_path: Path, metadata: RunMetadata) -> None:
    with RunFolder.create(tmp_path / "runs" / "one", metadata) as run:
        run.make_theorem_folder("and_comm")
        with OrderedTraceWriter(run.trace_path("and_comm")) as writer:
            writer.write_many(sample_trace(3))
        run.write_tree("and_comm", b"{}")
        run.write_proof("and_comm", "theorem t : True := trivial\n", arm="block_simp")
        run.update(status="running")
        run.save(run.metadata.with_result(result("and_comm", digest=writer.digest())))
    files = sorted(str(file.relative_to(run.path)) for file in run.path.rglob("*") if file.is_file())
    assert files == [
        "and_comm/block_simp_proof.lean",
        "and_comm/wild_type_mcts_trace.jsonl",
        "and_comm/wild_type_mcts_tree.json",
        "run.json",
    ]
    again = RunFolder.read(run.path)
    assert again.metadata == run.metadata
    assert again.metadata.status == "running"
    found = again.metadata.result_of("and_comm")
    assert found is not None
    assert found.digest == writer.digest()
    data = json.loads((run.path / "run.json").read_bytes())
    assert {"config", "seeds", "corpus", "versions", "host", "git", "status", "reproducible", "results"} <= set(data)
    assert set(data["versions"]) == {"cellview", "python", "lean"}


def test_a_folder_that_exists_is_never_taken(tmp_path: Path, metadata: RunMetadata) -> None:
    for name in ("folder", "file"):
        (tmp_path / name).mkdir() if name == "folder" else (tmp_path / name).touch()
        with pytest.raises(RunFolderError, match=rf"^{tmp_path / name} exists already; choose another folder, or"):
            RunFolder.create(tmp_path / name, metadata)
    with pytest.raises(TraceWriteError, match=r"^Cannot make the folder .*: (Not a directory|File exists)\.$"):
        RunFolder.create(tmp_path / "file" / "run", metadata)


def test_a_read_only_place_is_one_sentence(metadata: RunMetadata) -> None:
    with pytest.raises(TraceWriteError, match=r"^Cannot make the folder /sys/run: .+\.$"):
        RunFolder.create("/sys/run", metadata)  # read-only, even for root


def test_only_one_process_writes_into_a_run(tmp_path: Path, metadata: RunMetadata) -> None:
    path = tmp_path / "run"
    with RunFolder.create(path, metadata):
        with pytest.raises(RunFolderError, match="Another process is writing"):
            RunFolder.resume(path)
        assert RunFolder.read(path).metadata == metadata
    script = """
import sys
from cellview.trace import RunFolder

run = RunFolder.resume(sys.argv[1])
print("mine", flush=True)
sys.stdin.read()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(RunFolderError, match="Another process is writing"):
            RunFolder.resume(path)
        other.kill()
    with RunFolder.resume(path) as run:  # a killed process holds nothing
        run.update(status="finished")


def test_a_folder_opened_for_reading_or_closed_cannot_be_written(tmp_path: Path, metadata: RunMetadata) -> None:
    with RunFolder.create(tmp_path / "run", metadata) as run:
        pass
    for folder in (run, RunFolder.read(run.path)):
        with pytest.raises(RunFolderError, match="opened for reading, or is closed"):
            folder.update(status="running")
        with pytest.raises(RunFolderError, match="opened for reading, or is closed"):
            folder.write_tree("t", b"{}")


@pytest.mark.parametrize(
    ("content", "text"),
    [(None, "it has no run.json"), (b"{", "does not describe a run"), (b'{"format":2}', "does not describe a run")],
)
def test_a_folder_that_is_no_run_is_one_sentence(tmp_path: Path, content: bytes | None, text: str) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    for take in (RunFolder.resume, RunFolder.read):
        with pytest.raises(RunFolderError, match=text):
            take(tmp_path)


def test_a_result_replaces_the_earlier_one_and_its_doubts_are_the_runs(metadata: RunMetadata) -> None:
    one = metadata.with_result(result("a")).with_result(result("a", arm="block_simp")).with_result(result("b"))
    assert [(entry.theorem, entry.arm) for entry in one.results] == [
        ("a", "wild_type"),
        ("a", "block_simp"),
        ("b", "wild_type"),
    ]
    assert one.reproducible
    doubtful = result("a", reproducible=False, not_reproducible_because=("Lean did not answer in 60 s",))
    two = one.with_result(doubtful)
    assert len(two.results) == 3
    assert two.result_of("a") == doubtful
    assert not two.reproducible
    assert two.not_reproducible_because == ("a: Lean did not answer in 60 s",)
    assert not two.with_result(result("a")).reproducible  # what happened, happened


def test_an_atomic_write_leaves_the_old_file_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    write_atomically(path, b"old")

    def fail(fd: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(TraceWriteError, match=rf"^Cannot write {path}: No space left on device\.$"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@given(st.text(min_size=1), st.text(min_size=1))
def test_folder_names_are_safe_and_as_different_as_their_theorems(one: str, other: str) -> None:
    name = folder_name(one)
    assert name
    assert "/" not in name
    assert "\0" not in name
    assert not name.startswith(".")
    assert len(name.encode()) <= 150
    assert (name == folder_name(other)) == (one == other)


def test_long_names_stay_different() -> None:
    assert folder_name("x" * 300) != folder_name("x" * 301)


def test_a_folder_without_a_repository_has_no_commit(tmp_path: Path) -> None:
    assert describe_git(tmp_path) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert describe_git(tmp_path) is None  # no commit yet
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(tmp_path), *identity, "commit", "-q", "--allow-empty", "-m", "m"], check=True)
    git = describe_git(tmp_path)
    assert git is not None
    assert len(git.commit) == 40
    assert not git.dirty
    (tmp_path / "new").touch()
    dirty = describe_git(tmp_path)
    assert dirty is not None
    assert dirty.dirty
