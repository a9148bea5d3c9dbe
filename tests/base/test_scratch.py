"""Temporary folders of killed processes are found by the next; those of living ones are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cellview.base import scratch
from cellview.base.scratch import make_scratch, make_scratch_file, remove_orphans, scratch_folder

_OWNER = """
import sys, time
from pathlib import Path
from cellview.base.scratch import make_scratch
folder = make_scratch("test", within=Path(sys.argv[1]))
(folder / "deep").mkdir()
(folder / "deep" / "file").write_text("x")
print(folder, flush=True)
time.sleep(60)
"""


def _own(place: Path) -> tuple[subprocess.Popen[str], Path]:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(place)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout as out:
        return owner, Path(out.readline().strip())


def test_a_folder_is_gone_at_the_end_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), scratch_folder("test", within=tmp_path) as folder:
        (folder / "file").write_text("x")
        assert folder.stat().st_mode & 0o777 == 0o700
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


def test_the_next_process_removes_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    living, kept = _own(tmp_path)
    killed, orphan = _own(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    others = [tmp_path / name for name in ("cellview-test-notes", "cellview-test-1-2-3", "somebody-else")]
    for other in others:
        other.mkdir()
    stranger = tmp_path / kept.name.replace(f"-{living.pid}-", "-1-")  # same start time, another process
    elsewhere = tmp_path / orphan.name.replace(f"{scratch._namespace()}-", "1-")  # pyright: ignore[reportPrivateUsage]
    link = tmp_path / f"{orphan.name}x"
    stranger.mkdir()
    elsewhere.mkdir()
    link.symlink_to(tmp_path / "somebody-else")
    mine = make_scratch("test", within=tmp_path)
    assert not orphan.exists()
    assert not stranger.exists()
    assert all(path.exists() for path in (kept, mine, elsewhere, link, *others))
    living.send_signal(signal.SIGKILL)
    living.wait()
    assert remove_orphans(tmp_path) == 1
    assert not kept.exists()
    assert mine.exists()


def test_a_file_that_was_not_renamed_goes_the_same_way(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from cellview.trace import write_atomically
os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]) / "run.json", b"new")
"""
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".cellview-file-")
    (tmp_path / "run.json").write_bytes(b"old")
    descriptor, mine = make_scratch_file("file", within=tmp_path)
    os.close(descriptor)
    assert not left.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", mine.name}
    assert remove_orphans(tmp_path) == 0


def test_a_number_given_out_again_does_not_keep_a_dead_owners_folder(tmp_path: Path) -> None:
    mine = make_scratch("test", within=tmp_path)
    start = mine.name.split("-")[4]
    older = tmp_path / mine.name.replace(f"-{os.getpid()}-{start}-", f"-{os.getpid()}-{int(start) - 1}-")
    older.mkdir()
    assert remove_orphans(tmp_path) == 1
    assert mine.exists()
