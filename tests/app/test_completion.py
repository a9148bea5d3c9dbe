"""What a shell completes: asked of bash itself, through the script that ``--show-completion`` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to ask")


def completed(line: str) -> list[str]:
    """Return what bash offers behind `line`."""
    words = line.split(" ")
    script = f"""
eval "$(cellview --show-completion bash)"
COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1}
_cellview_completion cellview
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", script],
        # Typer takes the shell from the name of the parent process unless it is told not to.
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("cellview run --mcts-mode ", ["centralized", "distributed"]),
        ("cellview run --mcts-mode d", ["distributed"]),
        ("cellview run --mcts-selection ", ["virtual-loss", "wu-uct", "puct", "best-first", "blind", "blind-order"]),
        ("cellview prove --automation l", ["light"]),
        ("cellview frontier verify --plant worker-s", ["worker-seed"]),
        ("cellview simulate recovery --broker r", ["redis", "ray"]),
        ("cellview run --interventions wild", ["wild_type"]),
        ("cellview run --interventions wild_type,control", ["wild_type,control_null"]),
        ("cellview run --mcts-unf", ["--mcts-unfreeze-after", "--mcts-unfreeze-prob"]),
        ("cellview tra", ["trace"]),
        ("cellview runs --format ", ["text", "csv", "latex", "json"]),
        ("cellview results runs/x --table ", ["searches", "arms"]),
        ("cellview compare a b --table t", ["theorems"]),
        ("cellview compare a b --factor tree.sel", ["tree.selection"]),
        ("cellview compare a b --factor agents,infl", ["agents,inflight"]),
    ],
)
def test_bash_completes(line: str, offered: list[str]) -> None:
    assert completed(line) == offered
