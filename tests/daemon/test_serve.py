"""The commands, as one types them: a daemon in a process of its own, killed by SIGKILL and ended by SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from cellview.trace import RunFolder, digest_file

CORPUS = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\n" for number in (1, 2, 3))
OPTIONS = (
    "--prover", "synthetic", "--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "3",
    "--budget", "3000", "--interventions", "wild_type,random_nonpath_control", "--seeds", "0,1",
)  # fmt: skip


class Commands:
    """Runs commands against one data folder."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.data = place / "data"
        (place / "three.toml").write_text(CORPUS)
        self._environment = os.environ | {"CELLVIEW_DAEMON_DATA": str(self.data)}

    def run(self, *words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "cellview", *words],
            cwd=self.place, env=self._environment, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    @contextmanager
    def serve(self) -> Generator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cellview", "serve", "--port", "0", "--workers", "1", "--drain", "0.5"],
            cwd=self.place, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None and process.stdout.readline().startswith("http://127.0.0.1:")
            yield process
        finally:
            process.kill()
            process.communicate()


def alive_below(parent: int) -> list[int]:
    """Living children of a process that may be dead: their parent stays in their command line."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if b"cellview.daemon.worker" in words and str(parent).encode() in words and state != "Z":
            found.append(int(entry.name))
    return found


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): digest_file(path) for path in sorted(folder.glob("*/*.jsonl"))}


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


def test_a_killed_daemon_loses_nothing_and_its_workers_die_with_it(commands: Commands) -> None:
    with commands.serve() as process:
        number = commands.run("submit", "three.toml", *OPTIONS, "--key", "one").stdout.strip()
        traces = commands.data / "runs" / "000001-three"
        deadline = time.monotonic() + 120
        while not list(traces.glob("*/*.jsonl")) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert alive_below(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 60
        while alive_below(process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not alive_below(process.pid)
    with commands.serve() as process:
        assert commands.run("submit", "three.toml", *OPTIONS, "--key", "one").stdout.strip() == number
        commands.run("watch", number)
        listed = msgspec.json.decode(commands.run("ps", "--json").stdout)
        assert [(one["state"], one["done"]) for one in listed] == [("finished", 12)]
        wanted = (*("--state", "finished"), *("--name", "THREE"), "--json")
        assert [one["id"] for one in msgspec.json.decode(commands.run("ps", *wanted).stdout)] == [int(number)]
        assert msgspec.json.decode(commands.run("ps", "--state", "queued", "--json").stdout) == []
        assert "no state" in commands.run("ps", "--state", "lost", status=2).stderr
        assert commands.run("pin", number).stdout == f"{number} finished, pinned\n"
        assert "pinned" in commands.run("ps").stdout
        assert "pinned" in commands.run("rm", number, status=2).stderr
        assert commands.run("unpin", number).stdout == f"{number} finished\n"
        commands.run("fetch", number, "fetched")
        assert "exists already" in commands.run("fetch", number, "fetched", status=2).stderr
        assert "final" in commands.run("cancel", number, status=2).stderr
        assert "no experiment 99" in (removed := commands.run("rm", number, "99", "--json", status=2)).stderr
        assert msgspec.json.decode(removed.stdout) == {"removed": [int(number)]}
        assert "no experiment" in commands.run("watch", number, status=2).stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    commands.run("run", "three.toml", *OPTIONS, "--trace-mcts", "--jobs", "1", "--out", "here")
    fetched, here = commands.place / "fetched", commands.place / "here"
    assert digests(fetched) == digests(here) != {}
    ours, theirs = (RunFolder.read(folder).metadata.repeatable() for folder in (fetched, here))
    assert ours == theirs
    assert "No daemon is running" in commands.run("ps", status=2).stderr


def test_what_cannot_be_is_one_sentence(commands: Commands) -> None:
    assert "token" in commands.run("serve", "--host", "0.0.0.0", status=2).stderr
    assert "leave out --jobs" in commands.run("submit", "three.toml", *OPTIONS, "--jobs", "2", status=2).stderr
    assert "is no folder" in commands.run("serve", "--corpora", "nowhere", "--port", "0", status=2).stderr
    assert "No daemon is running" in commands.run("submit", "three.toml", *OPTIONS, status=2).stderr
