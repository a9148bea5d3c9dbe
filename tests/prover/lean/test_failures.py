"""A worker that crashes, hangs, eats memory or is killed: the answer comes all the same, or an honest failure does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from cellview.prover import Failure, Goal, Preview
from cellview.prover.errors import ProverError
from cellview.prover.lean import LeanProver, Toolchain, TransportName, find_toolchain
from cellview.prover.lean.language_server import LanguageServer

STATEMENT = "(p q : Prop) : p ∧ q → q ∧ p"
PANIC = "have h : Nat.shiftLeft 1 4294967296 = 0 := by decide"
SLOW = "repeat (have h : 1 + 1 = 2 := by simp)"


def ended(pid: int) -> bool:
    """Whether the process is gone (a zombie has ended too)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def gone(pid: int) -> bool:
    """Whether the process ends within a few seconds."""
    for _ in range(500):
        if ended(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def worker_of(prover: LeanProver) -> int:
    """The worker's process, after it was busy for a moment."""
    await asyncio.sleep(0.2)
    assert prover.worker_pid is not None
    return prover.worker_pid


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def is_swap(goal: Goal) -> bool:
    return goal.goal_type == "q ∧ p"


async def test_killed_between_two_questions(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(STATEMENT)
        before = await prover.preview(root.mvar_id, "intro h", checkpoint=1)
        assert prover.worker_pid is not None
        os.kill(prover.worker_pid, signal.SIGKILL)
        assert await prover.preview(root.mvar_id, "intro h", checkpoint=1) == before
        assert (prover.statistics.crashes, prover.statistics.restarts) == (1, 1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_killed_or_stopped_in_the_middle(
    transport: TransportName, toolchain: Toolchain, number: signal.Signals
) -> None:
    """The first worker is hit while it works on a slow tactic; the second one gives the answer."""
    # Far from both: long enough for an answer, short enough for a test.
    timeout_s = 10.0 if number == signal.SIGSTOP else 60.0
    async with LeanProver.open(
        toolchain=toolchain, transport=transport, heartbeats=5000, timeout_s=timeout_s
    ) as prover:
        root = await prover.start(STATEMENT)
        question = asyncio.create_task(prover.preview(root.mvar_id, SLOW, checkpoint=1))
        first = await worker_of(prover)
        os.kill(first, number)
        answer = await question
        assert isinstance(answer, Failure)
        assert answer.reason == "heartbeats"
        counts = prover.statistics
        assert counts.restarts == 1
        assert (counts.crashes, counts.hangs) == ((0, 1) if number == signal.SIGSTOP else (1, 0))
        assert await gone(first)


@pytest.mark.parametrize(
    "tactic", [PANIC, "have h : Nat.shiftLeft (Nat.shiftLeft 1 4294967295) 4294967295 = 0 := by decide"]
)
async def test_a_tactic_that_ends_lean_is_given_up(transport: TransportName, toolchain: Toolchain, tactic: str) -> None:
    """The first panics, the second wants a gigabyte; no number of new processes helps, and the next tactic works."""
    async with LeanProver.open(toolchain=toolchain, transport=transport, retries=1, memory_bytes=200 << 20) as prover:
        root = await prover.start(STATEMENT)
        answer = await prover.preview(root.mvar_id, tactic, checkpoint=1)
        assert isinstance(answer, Failure)
        assert answer.reason == "adapter"
        assert prover.statistics.crashes == 2
        after = await prover.preview(root.mvar_id, "intro h", checkpoint=2)
        assert isinstance(after, Preview)
        assert is_swap(after.children[0])


@pytest.mark.parametrize("explain", [True, False])
async def test_memory_that_elaboration_eats_is_limited(
    transport: TransportName, toolchain: Toolchain, explain: bool
) -> None:
    """Lean watches its own memory while it elaborates; that end is a failure of the infrastructure too, also where
    messages of failures are not printed."""
    doubling = (
        "have h : (Nat.rec (motive := fun _ => List Nat) [0] (fun _ l => l ++ l) {} : List Nat).length = {} := by "
        "decide +kernel"
    )
    async with LeanProver.open(
        toolchain=toolchain,
        transport=transport,
        retries=0,
        memory_bytes=400 << 20,
        heartbeats=200_000,
        explain=explain,
    ) as prover:
        root = await prover.start("(n : Nat) : n = n")
        greedy = await prover.preview(root.mvar_id, doubling.format(26, 1), checkpoint=1)
        assert isinstance(greedy, Failure)
        assert greedy.reason == "adapter"
        assert "memory" in greedy.message
        assert isinstance(await prover.preview(root.mvar_id, doubling.format(4, 16), checkpoint=2), Preview)


async def test_a_cancelled_question_leaves_nothing_behind(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport, heartbeats=100_000) as prover:
        root = await prover.start(STATEMENT)
        question = asyncio.create_task(prover.preview(root.mvar_id, SLOW, checkpoint=1))
        pid = await worker_of(prover)
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        assert await gone(pid)
        assert isinstance(await prover.preview(root.mvar_id, "intro h", checkpoint=2), Preview)


async def test_closing_twice_and_asking_afterwards(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(STATEMENT)
        pid = prover.worker_pid
        assert pid is not None
        await prover.aclose()
        await prover.aclose()
        assert await gone(pid)
        answer = await prover.preview(root.mvar_id, "intro h", checkpoint=1)
        assert isinstance(answer, Failure)
        assert answer.reason == "adapter"
        assert prover.statistics.starts == 1


async def test_an_exception_in_the_block_ends_the_worker(transport: TransportName, toolchain: Toolchain) -> None:
    pid = None
    with pytest.raises(ZeroDivisionError):
        async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
            await prover.start(STATEMENT)
            pid = prover.worker_pid
            raise ZeroDivisionError
    assert pid is not None
    assert await gone(pid)


async def test_no_descriptor_or_task_is_left(transport: TransportName, toolchain: Toolchain) -> None:
    async def session() -> None:
        async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
            root = await prover.start(STATEMENT)
            for _ in range(2):
                assert prover.worker_pid is not None
                os.kill(prover.worker_pid, signal.SIGKILL)
                await prover.preview(root.mvar_id, "intro h", checkpoint=1)

    await session()
    before = descriptors(), len(asyncio.all_tasks())
    for _ in range(3):
        await session()
    await asyncio.sleep(0.05)
    assert (descriptors(), len(asyncio.all_tasks())) == before


async def test_the_worker_dies_with_its_parent(toolchain: Toolchain) -> None:
    program = """
        import asyncio, os, signal
        from cellview.prover.lean import open_prover

        async def main():
            async with open_prover() as prover:
                await prover.start("(p : Prop) : p → p")
                print(prover.worker_pid, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    done = subprocess.run(  # noqa: ASYNC221 - nothing else runs in this test
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert await gone(int(done.stdout))


async def test_silence_for_longer_than_lean_keeps_a_session(toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport="lsp") as prover:
        root = await prover.start(STATEMENT)
        server = prover._lean  # pyright: ignore[reportPrivateUsage]
        assert isinstance(server, LanguageServer)
        worker = server._worker  # pyright: ignore[reportPrivateUsage]
        assert worker is not None
        worker._session = "12345"  # pyright: ignore[reportPrivateUsage] - as if Lean had dropped the real one
        assert isinstance(await prover.preview(root.mvar_id, "intro h", checkpoint=1), Preview)
        assert prover.statistics.restarts == 0


@pytest.fixture
def lean_script(toolchain: Toolchain, tmp_path: Path) -> Callable[[str], Path]:
    """A `lean` of the user's own: a script that becomes the embedded Lean, after some shell commands."""

    def make(before: str = "") -> Path:
        words = " ".join(f"'{word}'" for word in toolchain.command)
        settings = "\n".join(f"export {name}='{value}'" for name, value in toolchain.env)
        path = tmp_path / "lean"
        path.write_text(f'#!/bin/sh\n{before}\n{settings}\nexec {words} "$@"\n')
        path.chmod(0o755)
        return path

    return make


async def test_a_users_own_lean(lean_script: Callable[[str], Path]) -> None:
    toolchain = await find_toolchain(lean=lean_script(""))
    async with LeanProver.open(toolchain=toolchain) as prover:
        assert prover.transport == "lsp"
        root = await prover.start(STATEMENT)
        assert isinstance(await prover.preview(root.mvar_id, "intro h", checkpoint=1), Preview)
        assert (await prover.verify(STATEMENT, "exact fun h => ⟨h.2, h.1⟩")).ok


async def test_imports_are_the_first_lines_of_the_document(toolchain: Toolchain, tmp_path: Path) -> None:
    source = tmp_path / "Extra.lean"
    source.write_text("theorem extra_fact : 2 + 2 = 4 := rfl\n")
    environment = toolchain.environment()
    command = [*toolchain.command, "-o", str(tmp_path / "Extra.olean"), str(source)]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)  # noqa: ASYNC221 - nothing else runs in this test
    path = f"{environment['LEAN_PATH']}:{tmp_path}"
    user = Toolchain(
        kind="lake",
        command=toolchain.command,
        env=(("LEAN_PATH", path),),
        cwd=str(tmp_path),
        version=toolchain.version,
        commit=toolchain.commit,
        library=toolchain.library,
    )
    async with LeanProver.open(toolchain=user, imports=("Init", "Extra")) as prover:
        root = await prover.start(": 2 + 2 = 4")
        assert isinstance(await prover.preview(root.mvar_id, "exact extra_fact", checkpoint=1), Preview)
        assert (await prover.verify(": 2 + 2 = 4", "exact extra_fact")).ok
    async with LeanProver.open(toolchain=toolchain, imports=("Missing",)) as prover:
        with pytest.raises(ProverError, match="Missing"):
            await prover.start(": True")


async def test_a_lean_that_babbles_or_cannot_start(toolchain: Toolchain, tmp_path: Path) -> None:
    for program in ("echo nonsense", "printf 'Content-Length: 2\\r\\n\\r\\n[]'", "exit 3"):
        path = tmp_path / "lean"
        path.write_text(f"#!/bin/sh\n{program}\n")
        path.chmod(0o755)
        broken = Toolchain("lean", (str(path),), (), None, "4.35.0", "0", str(path))
        async with LeanProver.open(toolchain=broken, retries=1) as prover:
            with pytest.raises(ProverError, match="2 times"):
                await prover.start(STATEMENT)
    missing = Toolchain("lean", (str(tmp_path / "none"),), (), None, "4.35.0", "0", "none")
    async with LeanProver.open(toolchain=missing, retries=1) as prover:
        with pytest.raises(ProverError, match="2 times"):
            await prover.start(STATEMENT)
