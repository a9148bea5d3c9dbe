"""Run folders: made once, locked, written whole or not at all, and every refusal is one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.schedule import InterventionError, TacticIntervention
from cellview.trace import (
    BackendInfo,
    CorpusInfo,
    ExperimentInfo,
    OrderedTraceWriter,
    RunFolder,
    RunFolderError,
    RunMetadata,
    SearchEntry,
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
        experiment=ExperimentInfo(name="one", digest="00"),
        config={"agents": 4, "inflight": 4},
        backend=BackendInfo(prover="lean", provider="heuristic", provider_digest="00"),
        corpus=CorpusInfo(source="corpora/micro.toml", digest="00", theorems=1),
        versions=describe_versions(lean="4.35.0"),
        host=describe_host(),
        git=describe_git(),
    )


def result(theorem: str, **changes: object) -> SearchEntry:
    base = SearchEntry(theorem=theorem, solved=True, iterations=3, attempts=5, stop_reason="solved")
    return msgspec.structs.replace(base, **changes)


def test_a_run_is_a_folder_of_files_by_theorem_and_arm(tmp_path: Path, metadata: RunMetadata) -> None:
    with RunFolder.create(tmp_path / "runs" / "one", metadata) as run:
        run.make_theorem_folder("and_comm")
        with OrderedTraceWriter(run.trace_path("and_comm")) as writer:
            writer.write_many(sample_trace(3))
        run.write_file("and_comm", run.tree_path("and_comm").name, b"{}")
        run.write_file("and_comm", run.proof_path("and_comm", arm="block_simp").name, b"theorem t : True := trivial")
        run.update(status="running", results=(result("and_comm", digest=writer.digest()),))
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
    assert data["format"] == 2
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
            folder.write_file("t", "tree.json", b"{}")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "it has no run.json"),
        (b"{", "does not describe a run"),
        (b'{"format":2}', "does not describe a run"),
        (b'{"format":3}', "of a newer Cellview"),
    ],
)
def test_a_folder_that_is_no_run_is_one_sentence(tmp_path: Path, content: bytes | None, text: str) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    for take in (RunFolder.resume, RunFolder.read):
        with pytest.raises(RunFolderError, match=text):
            take(tmp_path)


def test_files_of_several_seeds_bear_them_and_no_arm_looks_like_one(tmp_path: Path, metadata: RunMetadata) -> None:
    several = msgspec.structs.replace(metadata, seeds=(0, 3))
    with RunFolder.create(tmp_path / "run", several) as run:
        assert run.trace_path("t", arm="block_simp", seed=3).name == "block_simp@3_mcts_trace.jsonl"
        assert run.trace_path("t", arm="block_simp").name == "block_simp@0_mcts_trace.jsonl"
    with pytest.raises(InterventionError):
        TacticIntervention("block_simp@3")


def test_what_repeats_is_told_from_what_does_not(metadata: RunMetadata) -> None:
    other = msgspec.structs.replace(
        metadata, created="later", resumed=3, driver={"executor": "ray"}, seconds={"t/wild_type": 2.0}, command=("x",)
    )
    assert other != metadata
    assert other.repeatable() == metadata.repeatable()
    changed = msgspec.structs.replace(metadata, results=(result("t"),))
    assert changed.repeatable() != metadata.repeatable()


def test_format_1_is_read_and_cannot_be_continued(tmp_path: Path) -> None:
    old: dict[str, Any] = {
        "format": 1,
        "status": "finished",
        "created": "2026-01-01T00:00:00Z",
        "config": {"options": {"automation": "none", "heartbeats": 2000}, "search": {}, "arms": []},
        "seeds": {"run": 7, "block": 9},
        "versions": {"cellview": "0.1.0", "python": "3.11.7", "lean": "4.35.0"},
        "host": {"name": "h", "system": "Linux", "machine": "x86_64", "cpus": 2},
        "results": [
            {
                "theorem": "t", "arm": "block_simp", "solved": True, "iterations": 3, "attempts": 5, "seconds": 0.5,
                "stop_reason": "solved", "digest": "ab",
            }
        ],
    }  # fmt: skip
    (tmp_path / "run.json").write_text(json.dumps(old))
    metadata = RunFolder.read(tmp_path).metadata
    assert metadata.schedule_version == 1
    assert metadata.seeds == (7,)
    assert (metadata.backend.automation, metadata.backend.heartbeats) == ("none", 2000)
    found = metadata.result_of("t", arm="block_simp")
    assert found is not None
    assert (found.seed, found.block_seed, found.files, found.digest) == (7, 9, "block_simp", "ab")
    assert metadata.seconds == {"t/block_simp": 0.5}


def test_a_folder_appears_whole_or_not_at_all(
    tmp_path: Path, metadata: RunMetadata, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(TraceWriteError, match="No space left"):
        RunFolder.create(tmp_path / "run", metadata, files={"corpus.toml": b"x"})
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_place_of_a_theorems_folder_is_refused(tmp_path: Path, metadata: RunMetadata) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with RunFolder.create(tmp_path / "run", metadata) as run:
        (run.path / "t").symlink_to(elsewhere)
        with pytest.raises(RunFolderError, match="is a link"):
            run.write_file("t", "wild_type_proof.lean", b"x")
    assert list(elsewhere.iterdir()) == []


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
