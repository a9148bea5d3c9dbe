"""The fresh check: what it accepts, what it refuses, and that nothing of it outlives its end."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from cellview.prover.errors import ToolchainError
from cellview.prover.lean import check
from cellview.prover.lean.check import Message, check_file, proof_source, verify
from cellview.prover.lean.child import run_child
from cellview.prover.lean.nursery import Nursery
from cellview.prover.lean.soundness import tactic_problem
from cellview.prover.lean.toolchain import Toolchain


@pytest.fixture(params=["fresh", "forked"])
async def nursery(request: pytest.FixtureRequest, toolchain: Toolchain) -> AsyncGenerator[Nursery | None]:
    """Both ways to make the process of a check: what uses this holds for either."""
    if request.param == "fresh":
        yield None
        return
    forks = Nursery(toolchain)
    yield forks
    await forks.aclose()


SWAP = "(p q : Prop) : p ∧ q → q ∧ p"

ACCEPTED = {
    "plain": (SWAP, "intro h\nexact ⟨h.2, h.1⟩"),
    "indented": (SWAP, "    intro h\n    exact ⟨h.2, h.1⟩\n"),
    "blank lines around": (SWAP, "\n\nintro h\n\nexact ⟨h.2, h.1⟩\n\n"),
    "structured": (SWAP, "intro h\ncases h with\n| intro a b =>\n  constructor\n  · exact b\n  · exact a"),
    "comment at the end": (SWAP, "grind -- by reflex"),
    "block comment": (SWAP, "/- first ( /- then -/ -/ grind"),
    "universes": (".{u} (α : Sort u) (a b : α) (h : a = b) : b = a", "exact h.symm"),
    "anonymous universe": ("{α : Type _} (a b : α) (h : a = b) : b = a", "exact h.symm"),
    "instance": ("(p : Prop) [Decidable p] : (if p then 1 else 1) = 1", "split\n· rfl\n· rfl"),
    "no binders": (": 2 + 2 = 4", "rfl"),
    "several lines": ("(a b : Nat)\n    (h : a = b) :\n    b = a", "exact h.symm"),
    "let rec": (": ∀ n : Nat, n = n", "let rec f : ∀ n : Nat, n = n := fun _ => rfl\nexact f"),
    "string": (": True", 'trace "theorem ) sorry"\ntrivial'),
    "exact?": ("(p q : Prop) (h : p) : p ∨ q", "exact?"),
}


@pytest.mark.parametrize(("statement", "script"), ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_accepted(statement: str, script: str, toolchain: Toolchain, nursery: Nursery | None) -> None:
    verification = await verify(toolchain, statement, script, nursery=nursery)
    assert (verification.ok, verification.message) == (True, "")
    # The source stands on its own: anyone can check it again.
    again = await check_file(toolchain, verification.source)
    assert again.ok
    assert verification.source == proof_source(statement, script)


async def test_axioms_are_named(toolchain: Toolchain, nursery: Nursery | None) -> None:
    classical = await verify(
        toolchain, "(p : Prop) : p ∨ ¬p", "by_cases h : p\n· left; exact h\n· right; exact h", nursery=nursery
    )
    assert (classical.ok, classical.axioms) == (True, ("Classical.choice", "Quot.sound", "propext"))
    assert (await verify(toolchain, SWAP, "exact And.symm", nursery=nursery)).axioms == ()


async def test_name_and_shape_of_the_source(toolchain: Toolchain) -> None:
    verification = await verify(toolchain, SWAP, "intro h\nexact h.symm", name="and_swap")
    assert verification.source == f"theorem and_swap {SWAP} := by\n  intro h\n  exact h.symm\n"


REFUSED = {
    "wrong": (SWAP, "intro h\nexact h", "mismatch"),
    "unfinished": (SWAP, "intro h\nconstructor\n· exact h.2", "unsolved goals"),
    "goals left": (SWAP, "skip", "unsolved goals"),
    "unknown tactic": (SWAP, "frobnicate", ""),
    "sorry": (SWAP, "sorry", "leaves the proof open"),
    "hole 2": (": 1 = 2", "set_option debug.skipKernelTC true in decide +kernel", "set_option"),
    "hole 4, a panic": (": Nat.shiftLeft 1 4294967296 = 0", "decide", "INTERNAL PANIC"),
    "itself": (": False", "exact proved", ""),
    "proof inside the statement": (": True := trivial", "trivial", "ends before its proof"),
    "hole in the statement": (": (_ : Nat) = 1", "rfl", "synthesize"),
    "statement that does not parse": ("(p : Prop) : p ∧", "exact h", ""),
    "unknown constant": (": Foo = Foo", "rfl", "Foo"),
    "a parser as evidence": (": Nonempty Lean.ParserDescr", "exact ⟨Lean.Parser.Tactic.exact⟩", "not accepted"),
    "stack overflow": (": True", f"exact {'(' * 60_000}trivial{')' * 60_000}", ""),
}


@pytest.mark.parametrize(("statement", "script", "said"), REFUSED.values(), ids=REFUSED.keys())
async def test_refused(statement: str, script: str, said: str, toolchain: Toolchain, nursery: Nursery | None) -> None:
    verification = await verify(toolchain, statement, script, nursery=nursery)
    assert not verification.ok
    assert verification.message
    assert said in verification.message


# Each of these would prove False if the wall named in the test stood alone and had a gap.
BREAKOUTS = {
    "new theorem": "trivial\ntheorem x : False := sorry",
    "new theorem after a closing bracket": "trivial\n)\ntheorem x : False := sorry",
    "exit": "skip\n  )\n#exit",
    "exit at once": ")\n#exit",
    "axiom, and its own report": "exact x)\naxiom x : False\n#print axioms x",
    "print forged": "trace \"'proved' does not depend on any axioms\"\nsorry",
    "end of input": "sorry )\nend",
    "notation": 'exact h)\nnotation "False" => True\nexample : False := (by trivial',
    "macro": "exact h)\nmacro_rules | `(term| False) => `(True)\nexample : False := (by trivial",
    "instance": "exact h)\ninstance : OfNat Nat 2 := ⟨1⟩\nexample : 1 = 1 := (by rfl",
    "unfinished comment": "sorry /-",
    "comment that eats the rest": "sorry --",
    "unsafe axiom": "exact lcProof",
    "sorryAx": "exact sorryAx _ true",
    "own name": "exact proved",
    "attribute": "attribute [instance] foo",
    "let rec without end": "let rec f (n : Nat) : False := f (n + 1)\nexact f 0",
    "partial": "exact h)\npartial def f (n : Nat) : False := f n\nexample : False := (f 0",
    "namespace": "exact h)\nnamespace Foo\ntheorem proved : True := (trivial",
}


def no_problem(_text: str) -> None:
    """A filter that lets everything pass."""


@pytest.mark.parametrize("script", BREAKOUTS.values(), ids=BREAKOUTS.keys())
async def test_the_form_of_the_check_holds_without_the_filter(
    script: str, toolchain: Toolchain, nursery: Nursery | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "tactic_problem", no_problem)
    verification = await verify(toolchain, ": False", script, nursery=nursery)
    assert not verification.ok
    assert verification.message


@pytest.mark.parametrize("script", BREAKOUTS.values(), ids=BREAKOUTS.keys())
async def test_the_filter_or_lean_refuses_them_in_the_ordinary_way(script: str, toolchain: Toolchain) -> None:
    assert not (await verify(toolchain, ": False", script)).ok


@pytest.mark.parametrize(
    ("imports", "name"),
    [(["Foo\ntheorem x : False := sorry"], "t"), ([], "t : True := trivial\ntheorem x"), (["Foo Bar"], "t"), ([], "")],
)
async def test_names_are_plain_names(imports: list[str], name: str, toolchain: Toolchain) -> None:
    verification = await verify(toolchain, ": True", "trivial", imports=imports, name=name)
    assert not verification.ok
    assert "plain name" in verification.message


async def test_missing_import_is_said(toolchain: Toolchain) -> None:
    verification = await verify(toolchain, ": True", "trivial", imports=["Mathlib.Logic.Basic"])
    assert "Mathlib" in verification.message


async def test_messages_have_places(toolchain: Toolchain, tmp_path: Path) -> None:
    file = tmp_path / "some file.lean"
    file.write_text("example : True := trivial\n\nexample : 1 = 2 := by\n  rfl\n#print axioms propext\n")
    report = await check_file(toolchain, file)
    assert (report.exit_status, report.ok) == (1, False)
    assert [(m.severity, m.line, m.column) for m in report.messages] == [("error", 4, 2), ("information", 5, 0)]
    assert report.first_error == report.messages[0]
    assert report.explain().startswith("line 4: ")


async def test_sorry_is_a_warning_in_a_file(toolchain: Toolchain) -> None:
    report = await check_file(toolchain, "theorem t : 1 = 2 := sorry\n")
    assert report.ok
    assert report.messages == (Message("warning", 1, 8, "declaration uses `sorry`"),)


async def test_missing_file_is_one_sentence(toolchain: Toolchain, tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match=r"cannot be read: give the path of a \.lean file"):
        await check_file(toolchain, tmp_path / "none.lean")


def processes_of(mark: str) -> list[int]:
    """Process ids whose command line or environment holds `mark`."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


async def until_gone(mark: str) -> list[int]:
    for _ in range(200):
        if not processes_of(mark):
            return []
        await asyncio.sleep(0.02)
    return processes_of(mark)


async def until_running(mark: str, wanted: int) -> None:
    for _ in range(3000):
        if len(processes_of(mark)) >= wanted:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"no process {mark}")


ENDLESS = "example : True := by\n  repeat skip\n"


def endless_file(folder: Path) -> Path:
    file = folder / f"endless-{os.getpid()}-{time.monotonic_ns()}.lean"
    file.write_text(ENDLESS)
    return file


async def test_out_of_time_is_broken_and_leaves_nothing(toolchain: Toolchain, tmp_path: Path) -> None:
    file = endless_file(tmp_path)
    report = await check_file(toolchain, file, timeout_s=0.7)
    assert report.broken == "Lean gave no answer in 0.7 seconds and was ended"
    assert not report.ok
    assert await until_gone(file.name) == []


async def test_cancelled_leaves_nothing(toolchain: Toolchain, tmp_path: Path) -> None:
    file = endless_file(tmp_path)
    task = asyncio.create_task(check_file(toolchain, file, timeout_s=60))
    await until_running(file.name, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await until_gone(file.name) == []


PARENT = """
import asyncio, sys
from pathlib import Path
from cellview.prover.lean.check import check_file
from cellview.prover.lean.toolchain import find_toolchain

async def main():
    toolchain = await find_toolchain(cache=Path(sys.argv[1]))
    await check_file(toolchain, Path(sys.argv[2]), timeout_s=60)

asyncio.run(main())
"""


async def test_a_killed_parent_takes_its_lean_along(toolchain: Toolchain, prelude_cache: Path, tmp_path: Path) -> None:
    file = endless_file(tmp_path)
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(prelude_cache), str(file))
    await until_running(file.name, 2)  # the parent, and its Lean
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    assert await until_gone(file.name) == []


GREEDY = """
def f : Nat → List Nat
  | 0 => [0]
  | n + 1 => f n ++ f n
theorem t : (f 26).length = 1 := by decide +kernel
"""


async def test_memory_limit(toolchain: Toolchain, nursery: Nursery | None) -> None:
    report = await check_file(toolchain, GREEDY, memory_bytes=400 << 20, timeout_s=60, nursery=nursery)
    assert not report.ok
    assert "memory" in report.explain()


async def test_the_second_memory_limit_holds_when_lean_does_not_look(toolchain: Toolchain) -> None:
    script = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    launcher = toolchain.command[: toolchain.command.index("embedded")]
    outcome = await run_child(
        [*launcher, "exec", sys.executable, "-c", script],
        env=toolchain.environment(memory_bytes=1 << 30),
        timeout_s=30,
    )
    assert int(outcome.output) == (1 << 30) + (5 << 29)


async def test_flood_is_ended() -> None:
    script = "while True: print('x' * 1000)"
    outcome = await run_child([sys.executable, "-c", script], env=os.environ, timeout_s=30, output_bytes=100_000)
    assert outcome.ending == "flood"
    assert len(outcome.output) <= 100_000


async def test_children_of_the_child_end_with_it() -> None:
    mark = f"grandchild-{os.getpid()}"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60) # {mark}'])"
    outcome = await run_child([sys.executable, "-c", script], env=os.environ, timeout_s=0.8)
    assert outcome.ending == "timeout"
    assert await until_gone(f"time.sleep(60) # {mark}") == []


# fmt: off
PIECES = [
    "exact", "(", ")", "⟨", "⟩", "[", "]", "{", "}", "sorry", "'", "\"", "--", "/-", "-/", "\n", "·", "by",
    "h", "trivial", "theorem x : False :=", "axiom z : False", "exact z", "#exit", "<-", "<--", "rw", "simp",
    "3", "ᵒᵖ", "⁻¹", "'a'", "' '", "'\"'", "«", "»", "«a", "b»", "/--", "/-!", "r\"", "s!\"", "!", "`", "$",
    "@", "#", "=>", "fun", "_", "?_", ":=", "have :=", "let", "match", "with", "|", "(by", "show False from",
    "nofun", "nomatch", "decide", "lcProof", "«sorryAx»", "_ true", "admit", "next", "case", "all_goals",
    "try", "first |", "skip", "done", "assumption", "contradiction", "1 = 2", ": False",
    "let rec f : False := f", "termination_by", "λ", "Π", "ₓ", "\\", "\\\"", ";", "<;>", ".", " ",
]
# fmt: on


async def test_whatever_passes_the_filter_stays_inside_its_parentheses(toolchain: Toolchain) -> None:
    # Had a script begun a comment or a string in Lean's eyes and not in the filter's, it would swallow what follows:
    # the next theorem would show no error of its own, or the last command would be missing.
    draw = random.Random(20250102)
    scripts: list[str] = []
    while len(scripts) < 300:
        parts = draw.choices(PIECES, k=draw.randint(1, 9))
        script = "".join(part + draw.choice(("", " ")) for part in parts)
        if tactic_problem(script) is None:
            scripts.append(script)
    lines: list[str] = []
    blocks: list[tuple[int, int, str]] = []
    for number, script in enumerate(scripts):
        first = len(lines) + 1
        lines += [f"theorem b{number} : False := by", "  (", *(f"  {row}" for row in script.split("\n")), "  )", ""]
        blocks.append((first, len(lines), script))
    lines += ["theorem last : True := trivial", "#print axioms last"]
    report = await check_file(toolchain, "\n".join(lines) + "\n", options=["maxErrors=1000000"])
    assert report.messages[-1].line == len(lines)
    assert report.messages[-1].text == "'last' does not depend on any axioms"
    wrong = {message.line for message in report.messages if message.severity == "error"}
    assert [script for first, last, script in blocks if wrong.isdisjoint(range(first, last + 1))] == []


SOUND = (SWAP, "intro h\nexact ⟨h.2, h.1⟩")
WRONG = (": False", "trivial")
PANIC = (": Nat.shiftLeft 1 4294967296 = 0", "decide")


async def test_forked_checks_side_by_side_under_fire(toolchain: Toolchain) -> None:
    """Checks by one forking process, a few at a time, while that process is killed or stopped now and then: each
    verdict is the right one, whether its check was forked or had to be made anew."""
    nursery = Nursery(toolchain)
    draw = random.Random(20250104)

    async def one(number: int) -> None:
        statement, script = (SOUND, WRONG, SOUND, PANIC)[number % 4]
        verification = await verify(toolchain, statement, script, nursery=nursery, timeout_s=20)
        assert verification.ok == (number % 2 == 0), verification.message

    async def attacks() -> None:
        for _ in range(3):
            await asyncio.sleep(draw.uniform(0.3, 1.0))
            if nursery.pid is not None:
                os.kill(nursery.pid, signal.SIGKILL)

    async with asyncio.TaskGroup() as tasks:
        attacker = tasks.create_task(attacks())
        for start in range(0, 24, 4):
            await asyncio.gather(*(one(start + number) for number in range(4)))
        attacker.cancel()
    await nursery.aclose()
    assert nursery.pid is None


async def test_a_stopped_nursery_is_given_up(toolchain: Toolchain) -> None:
    nursery = Nursery(toolchain)
    assert (await verify(toolchain, *SOUND, nursery=nursery)).ok
    assert nursery.pid is not None
    os.kill(nursery.pid, signal.SIGSTOP)
    assert (await verify(toolchain, *SOUND, nursery=nursery, timeout_s=5)).ok
    await nursery.aclose()


async def test_a_nursery_that_cannot_start_leaves_the_ordinary_way(toolchain: Toolchain) -> None:
    broken = Nursery(msgspec.structs.replace(toolchain, library="/nowhere/libleanshared.so"))
    assert (await verify(toolchain, *SOUND, nursery=broken)).ok
    await broken.aclose()


async def test_forked_checks_leave_no_descriptor_and_no_process(toolchain: Toolchain) -> None:
    nursery = Nursery(toolchain)
    await verify(toolchain, *SOUND, nursery=nursery)
    before = len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{nursery.pid}/fd"))  # noqa: PTH208
    for _ in range(5):
        assert (await verify(toolchain, *SOUND, nursery=nursery)).ok
        assert not (await verify(toolchain, *PANIC, nursery=nursery)).ok
    after = len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{nursery.pid}/fd"))  # noqa: PTH208
    assert before == after
    assert forked_by(nursery) == []
    await nursery.aclose()


def forked_by(nursery: Nursery) -> list[str]:
    """The children that a nursery has now."""
    return Path(f"/proc/{nursery.pid}/task/{nursery.pid}/children").read_text().split()


async def until_forked(nursery: Nursery, wanted: int) -> bool:
    for _ in range(3000):
        if nursery.pid is not None and len(forked_by(nursery)) == wanted:
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_forked_check_out_of_time_or_cancelled_is_ended(toolchain: Toolchain) -> None:
    nursery = Nursery(toolchain)
    late = await check_file(toolchain, ENDLESS, timeout_s=2, nursery=nursery)
    assert late.broken == "Lean gave no answer in 2 seconds and was ended"
    assert await until_forked(nursery, 0)
    task = asyncio.create_task(check_file(toolchain, ENDLESS, timeout_s=60, nursery=nursery))
    assert await until_forked(nursery, 1)
    child = int(forked_by(nursery)[0])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await until_forked(nursery, 0)
    # The children die with the process that forked them, and that dies with us.
    task = asyncio.create_task(check_file(toolchain, ENDLESS, timeout_s=60, nursery=nursery))
    assert await until_forked(nursery, 1)
    child = int(forked_by(nursery)[0])
    task.cancel()
    await nursery.aclose()
    for _ in range(500):
        if not Path(f"/proc/{child}").exists():  # noqa: ASYNC240
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("the child outlived its parent")


async def test_one_forked_child_knows_nothing_of_another(toolchain: Toolchain) -> None:
    """What one file declares, the next may declare again."""
    nursery = Nursery(toolchain)
    for _ in range(3):
        text = "def mine : Nat := 1\nattribute [simp] mine\ntheorem t : mine = 1 := by simp\n"
        assert (await check_file(toolchain, text, nursery=nursery)).ok
        assert not (await check_file(toolchain, "#print mine\n", nursery=nursery)).ok
    await nursery.aclose()
