"""The prelude: every row of the acceptance tables, the kernel's arithmetic, and the cache."""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from cellview.prover.errors import ToolchainError
from cellview.prover.lean import cache
from cellview.prover.lean.check import CheckReport, check_file
from cellview.prover.lean.toolchain import Toolchain, find_toolchain

HERE = Path(__file__).parent


class Case(msgspec.Struct, frozen=True):
    name: str
    source: str
    accept: bool


def _cases(name: str) -> list[Case]:
    lines = (HERE / name).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Case) for line in lines]


CASES = [*_cases("tactic_cases.jsonl"), *_cases("more_cases.jsonl")]


class Checked(NamedTuple):
    accepted: CheckReport
    line_of: dict[str, int]


def _sections(cases: list[Case]) -> tuple[str, dict[str, int]]:
    """One file with each case in a namespace of its own, and the line on which each begins."""
    lines: list[str] = []
    starts: dict[str, int] = {}
    for number, case in enumerate(cases):
        starts[case.name] = len(lines) + 1
        lines += [f"namespace Case{number}", *case.source.split("\n"), f"end Case{number}"]
    return "\n".join(lines) + "\n", starts


@pytest.fixture(scope="module")
def checked(toolchain: Toolchain) -> Checked:
    # One run for all rows that must be accepted: a run costs 60 ms, a row 2 ms.
    text, line_of = _sections([case for case in CASES if case.accept])
    return Checked(asyncio.run(check_file(toolchain, text)), line_of)


def test_the_tables_are_whole() -> None:
    assert len(_cases("tactic_cases.jsonl")) == 71
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(not case.accept for case in CASES) >= 14


@pytest.mark.parametrize("case", [case for case in CASES if case.accept], ids=lambda case: case.name)
def test_accepted(case: Case, checked: Checked) -> None:
    first = checked.line_of[case.name]
    last = first + case.source.count("\n") + 2
    errors = [m.text for m in checked.accepted.messages if m.severity == "error" and first <= m.line <= last]
    sorries = [m.text for m in checked.accepted.messages if "sorry" in m.text and first <= m.line <= last]
    assert not checked.accepted.broken
    assert (errors, sorries) == ([], [])


@pytest.mark.parametrize("case", [case for case in CASES if not case.accept], ids=lambda case: case.name)
async def test_rejected(case: Case, toolchain: Toolchain) -> None:
    # Each alone: an error must not be able to hide behind another one.
    report = await check_file(toolchain, case.source)
    assert report.exit_status == 1
    assert not report.broken
    assert report.first_error is not None


# Soundness hole 1: the kernel computes these names by itself and never looks at what they mean.
KERNEL_OPERATIONS = (
    *("add", "sub", "mul", "pow", "div", "mod", "gcd", "beq", "ble"),
    *("land", "lor", "xor", "shiftLeft", "shiftRight"),
)


@pytest.mark.parametrize("name", KERNEL_OPERATIONS)
async def test_no_name_that_the_kernel_computes_is_free(name: str, toolchain: Toolchain) -> None:
    kind = "Bool := fun _ _ => true" if name in {"beq", "ble"} else "Nat := fun _ _ => 7"
    report = await check_file(toolchain, f"def Nat.{name} : Nat → Nat → {kind}\n")
    assert report.first_error is not None
    assert "has already been declared" in report.first_error.text


EQUATIONS = """
example (n : Nat) : Nat.add n 0 = n := rfl
example (n m : Nat) : Nat.add n (.succ m) = .succ (Nat.add n m) := rfl
example (n : Nat) : Nat.sub n 0 = n := rfl
example (n m : Nat) : Nat.sub n (.succ m) = Nat.pred (Nat.sub n m) := rfl
example : Nat.pred 0 = 0 := rfl
example (n : Nat) : Nat.pred (.succ n) = n := rfl
example (n : Nat) : Nat.mul n 0 = 0 := rfl
example (n m : Nat) : Nat.mul n (.succ m) = Nat.add (Nat.mul n m) n := rfl
example (n : Nat) : Nat.pow n 0 = 1 := rfl
example (n m : Nat) : Nat.pow n (.succ m) = Nat.mul (Nat.pow n m) n := rfl
example : Nat.beq 0 0 = true := rfl
example (n : Nat) : Nat.beq 0 (.succ n) = false := rfl
example (n : Nat) : Nat.beq (.succ n) 0 = false := rfl
example (n m : Nat) : Nat.beq (.succ n) (.succ m) = Nat.beq n m := rfl
example (n : Nat) : Nat.ble 0 n = true := by cases n <;> rfl
example (n : Nat) : Nat.ble (.succ n) 0 = false := rfl
example (n m : Nat) : Nat.ble (.succ n) (.succ m) = Nat.ble n m := rfl
example (n m : Nat) : Nat.shiftLeft n m = Nat.mul n (Nat.pow 2 m) := rfl
example (n m : Nat) : Nat.shiftRight n m = Nat.div n (Nat.pow 2 m) := rfl
"""


async def test_simple_operations_have_their_defining_equations(toolchain: Toolchain) -> None:
    # With variables in them the kernel has no shortcut: these hold by the definitions.
    report = await check_file(toolchain, EQUATIONS)
    assert report.explain() == ""


async def test_the_kernel_agrees_with_the_definitions_of_the_others(toolchain: Toolchain) -> None:
    chapter = (cache.PRELUDE_FOLDER / "02-naturals.lean").read_text(encoding="utf-8")
    section = chapter[chapter.index("namespace Nat") : chapter.index("end Nat")]
    # The same text under other names, for which the kernel has no shortcut.
    copied = re.sub(r"\bNat\.(div|mod)\b", r"Copy.\1", section.replace("namespace Nat", "namespace Copy"))
    copied = re.sub(r"(?<![.\w])(ble|beq)\b", r"Nat.\1", copied)
    draw = random.Random(20250101)
    lines = [copied, "end Copy"]
    for name in ("div", "mod", "gcd", "land", "lor", "xor"):
        assert f"def {name} " in copied
        pairs = [(0, 0), (0, 5), (5, 0), (1, 1), (63, 63), (64, 63)]
        pairs += [(draw.randrange(80), draw.randrange(40)) for _ in range(14)]
        goals = [f"Nat.beq (Copy.{name} {a} {b}) (Nat.{name} {a} {b}) = true" for a, b in pairs]
        lines += [f"example : {goal} := by decide +kernel" for goal in goals]
    report = await check_file(toolchain, "\n".join(lines) + "\n")
    assert report.explain() == ""


async def test_the_comparison_with_the_kernel_can_fail(toolchain: Toolchain) -> None:
    report = await check_file(toolchain, "example : Nat.beq (Nat.xor 5 3) 7 = true := by decide +kernel\n")
    assert report.exit_status == 1


async def test_prelude_mentions_no_sorry_and_only_three_axioms_that_prove(toolchain: Toolchain) -> None:
    code = re.sub(r"/-.*?-/", "", cache.prelude_source(), flags=re.DOTALL)
    assert not re.search(r"\bsorry\b|skipKernelTC|native_decide", code)
    axioms = re.findall(r"^(?:@\[[^\n]*\] )?axiom (\S+) (.*)$", code, flags=re.MULTILINE)
    hooks = ("Lean.ParserDescr", "Lean.TrailingParserDescr", "Lean.Macro", "Lean.PrettyPrinter.Unexpander")
    others = {name for name, rest in axioms if not rest.endswith(hooks)}
    names = {"Lean.Name", "Lean.Name.anonymous", "Lean.Name.str", "Lean.Name.num", "Lean.Opaque"}
    names |= {f"Lean.Name.mkStr{n}" for n in (1, 2, 3, 4)}
    assert others - names == {"propext", "Classical.choice", "Quot.sound", "sorryAx"}


async def test_compiled_once_and_reused(toolchain: Toolchain, prelude_cache: Path) -> None:
    folder = Path(dict(toolchain.env)["LEAN_PATH"])
    assert folder.parent == prelude_cache
    before = (folder / "Init.olean").stat().st_mtime_ns
    again = await find_toolchain(cache=prelude_cache)
    assert again == toolchain
    assert (folder / "Init.olean").stat().st_mtime_ns == before


async def test_damaged_prelude_is_compiled_anew(toolchain: Toolchain, prelude_cache: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(prelude_cache, copied)
    olean = copied / Path(dict(toolchain.env)["LEAN_PATH"]).name / "Init.olean"
    whole = olean.read_bytes()
    olean.write_bytes(whole[: len(whole) // 2])
    mended = await find_toolchain(cache=copied)
    assert olean.stat().st_size > len(whole) // 2
    assert (await check_file(mended, "example : True := trivial\n")).ok
    assert os.listdir(copied) == os.listdir(prelude_cache)  # noqa: PTH208  (names are what is wanted)


STARTER = """
import asyncio, sys
from pathlib import Path
from cellview.prover.lean.check import check_file
from cellview.prover.lean.toolchain import find_toolchain

async def main():
    toolchain = await find_toolchain(cache=Path(sys.argv[1]))
    report = await check_file(toolchain, "example (p : Prop) (h : p) : p := by exact h")
    print(report.exit_status, dict(toolchain.env)["LEAN_PATH"])

asyncio.run(main())
"""


async def test_four_processes_that_start_at_once_share_one_prelude(tmp_path: Path) -> None:
    cold = tmp_path / "cold"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTER, str(cold), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    ended = await asyncio.gather(*(process.communicate() for process in started))
    assert [errors for _, errors in ended] == [b""] * 4
    assert len({output for output, _ in ended}) == 1
    assert ended[0][0].startswith(b"0 ")
    assert len(os.listdir(cold)) == 1  # noqa: PTH208  (names are what is wanted)


async def test_key_depends_on_source_and_library() -> None:
    keys = {cache.prelude_key(source, library) for source in ("a", "b") for library in ("x", "y")}
    assert len(keys) == 4


async def test_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ToolchainError, match="Set XDG_CACHE_HOME"):
        await find_toolchain(cache=tmp_path / "file" / "cache")


def test_default_cache_follows_xdg() -> None:
    assert cache.default_cache({"XDG_CACHE_HOME": "/somewhere"}) == Path("/somewhere/cellview")
    assert cache.default_cache({}) == Path.home() / ".cache" / "cellview"
    assert cache.default_cache({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "cellview"


async def test_silent_failure_is_tried_again(tmp_path: Path, toolchain: Toolchain) -> None:
    # A Lean that fails without a word the first time: one compilation in some twenty does.
    flag = tmp_path / "failed-once"
    lean = tmp_path / "flaky"
    real = " ".join(toolchain.command)
    lean.write_text(f'#!/bin/sh\n[ -e {flag} ] || {{ touch {flag}; exit 1; }}\nexec {real} "$@"\n')
    lean.chmod(0o755)
    folder = await cache.cached_prelude(
        tmp_path / "c", lean=[str(lean)], library="x", environ=toolchain.environment(), attempts=2
    )
    assert (folder / "Init.olean").stat().st_size > 1_000_000
    flag.unlink()
    with pytest.raises(ToolchainError, match="did not compile the prelude"):
        await cache.cached_prelude(
            tmp_path / "d", lean=[str(lean)], library="x", environ=toolchain.environment(), attempts=1
        )
