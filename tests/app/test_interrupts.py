from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from cellview.app.interrupts import interruptible, resume_hint


async def test_work_that_ends_by_itself_says_its_status() -> None:
    async def work() -> int:
        return 3

    assert await interruptible(work, interrupted=lambda: pytest.fail("nobody interrupted it")) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_cancels_the_work_and_lets_it_put_things_in_order(number: signal.Signals) -> None:
    said: list[str] = []

    async def work() -> int:
        os.kill(os.getpid(), number)  # in its very first step
        try:
            await anyio.sleep(60)
        finally:
            said.append("put in order")
        return 0

    assert await interruptible(work, interrupted=lambda: said.append("interrupted")) == 128 + number
    assert said == ["put in order", "interrupted"]


async def test_a_second_signal_does_not_disturb_the_end() -> None:
    said: list[str] = []

    async def work() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await anyio.sleep(60)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.01)
            said.append("put in order")
        return 0

    assert await interruptible(work, interrupted=lambda: None) == 130
    assert said == ["put in order"]


async def test_a_signal_that_comes_when_all_is_done_changes_nothing() -> None:
    async def work() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return 4

    assert await interruptible(work, interrupted=lambda: pytest.fail("it was done")) == 4


async def test_errors_pass_through() -> None:
    async def work() -> int:
        raise KeyError("a bug")

    with pytest.raises(ExceptionGroup) as caught:
        await interruptible(work, interrupted=lambda: pytest.fail("nobody interrupted it"))
    assert isinstance(caught.value.exceptions[0], KeyError)


def test_the_hint_can_be_pasted_into_a_shell() -> None:
    hint = resume_hint(Path("my runs/it's"))
    _, _, command = hint.partition(": ")
    assert shlex.split(command) == ["cellview", "run", "--resume", "my runs/it's"]
    assert "Nothing was written" in resume_hint(None)


def test_a_signal_while_the_program_loads_is_no_traceback(tmp_path: Path) -> None:
    """A module that waits stands in for a slow disk: the signal comes in the middle of the program's imports."""
    (tmp_path / "typer.py").write_text("import pathlib, time\npathlib.Path('loading').touch()\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "cellview", "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "loading").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "cellview: Interrupted before anything was done.\n"
