"""A child of a parent that was killed is gone too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cellview.base.parent import launched

_PYTHON_CHILD = """
import os, subprocess, sys, time
code = ("from cellview.base.parent import die_with_parent; import sys, time; "
        "die_with_parent(int(sys.argv[1])); print('here', flush=True); time.sleep(60)")
child = subprocess.Popen([sys.executable, "-c", code, str(os.getpid())], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""
_OTHER_CHILD = """
import subprocess, time
from cellview.base.parent import launched
child = subprocess.Popen(launched(["sh", "-c", "echo here; sleep 60"]), stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def _is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("code", [_PYTHON_CHILD, _OTHER_CHILD], ids=["python", "another program"])
def test_children_end_with_a_parent_that_was_killed(code: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as out:
        pid = int(out.readline())
    assert _is_alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(500):
        if not _is_alive(pid):
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    pytest.fail(f"process {pid} outlived its parent")


def test_a_child_whose_parent_ended_before_it_could_ask_ends_by_itself() -> None:
    code = "from cellview.base.parent import die_with_parent; die_with_parent(1 << 22); print('still here')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")


def test_a_launched_program_keeps_its_words_and_its_status() -> None:
    told = subprocess.run(
        launched(["sh", "-c", 'echo "$1"; exit 3', "sh", "two words"]), capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (3, "two words\n", "")
