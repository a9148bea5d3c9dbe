"""Nothing false can be had from the prelude: names that Lean takes on trust, positions of arguments, false goals."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest

from cellview.prover.lean import cache
from cellview.prover.lean.check import check_file
from cellview.prover.lean.missing import ELSEWHERE, PAGE, advice_on
from cellview.prover.lean.toolchain import Toolchain

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]

# What the kernel computes or builds by itself, beside the operations of Nat (see test_prelude.py): text literals.
KERNEL_TEXTS = ("String", "String.ofList", "Char", "Char.ofNat", "List", "List.cons", "List.nil", "Nat", "Nat.succ")

TEXTS = """
example : "ab" = String.ofList [Char.ofNat 97, Char.ofNat 98] := rfl
example : "" = String.ofList [] := rfl
example : 'a' = Char.ofNat 97 := rfl
example (k l : List Char) : String.ofList k = String.ofList l → k = l := String.ofList_injective
example (m n : Nat) (h : Char.isScalar m = true) (k : Char.isScalar n = true) (e : Char.ofNat m = Char.ofNat n) :
    m = n := by rw [← Char.val_ofNat h, ← Char.val_ofNat k, e]
example : Char.isScalar 0xd7ff = true ∧ Char.isScalar 0xd800 = false ∧ Char.isScalar 0xdfff = false ∧
    Char.isScalar 0xe000 = true ∧ Char.isScalar 0x10ffff = true ∧ Char.isScalar 0x110000 = false := by decide
"""


@pytest.mark.parametrize("name", KERNEL_TEXTS)
async def test_no_name_of_text_literals_is_free(name: str, toolchain: Toolchain) -> None:
    report = await check_file(toolchain, f"axiom {name} : Nat\n")
    assert report.first_error is not None
    assert "already been declared" in report.first_error.text


async def test_text_literals_mean_what_the_kernel_builds(toolchain: Toolchain) -> None:
    # Different characters and different lists of them must be different texts, or the kernel's view would be false.
    report = await check_file(toolchain, TEXTS)
    assert report.explain() == ""


async def test_native_code_finds_the_arguments_of_lemmas_where_it_puts_them(toolchain: Toolchain) -> None:
    # Compiled tactics apply lemmas by position, implicit arguments counted. One lemma with two of them exchanged
    # made omega fail; `@` shows the order, and the kernel compares it.
    table = (HERE / "native_lemmas.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [row.split("\t") for row in table]
    assert len(rows) >= 300
    lines = [f"noncomputable example : {statement} := @{name}" for name, statement in rows]
    report = await check_file(toolchain, "universe u_1 u_2 u_3\n" + "\n".join(lines) + "\n")
    assert report.explain() == ""


async def test_the_order_of_arguments_is_seen(toolchain: Toolchain) -> None:
    wrong = "noncomputable example : ∀ {n m : Nat}, ¬m ≤ n → n < m := @Nat.lt_of_not_le\n"
    report = await check_file(toolchain, wrong)
    assert report.exit_status == 1


FALSE_GOALS = (
    *("(1 : Int) = 2", "(0 : Int) < 0", "(-1 : Int) / 2 = 0", "(-7 : Int) % 2 = -1", "(2 : Int) ∣ 3", "(-1 : Int) = 1"),
    *("Nat.gcd 4 6 = 3", "7 / 2 = 4", "7 % 0 = 0", "5 - 7 = 2", "2 ^ 10 = 1023", "Nat.log2 8 = 2", "3 ∣ 10"),
    *("5 &&& 3 = 2", "5 ||| 3 = 6", "5 ^^^ 3 = 5", "1 <<< 4 = 8", "9 >>> 1 = 5", "max 2 3 = 2", "min 2 3 = 3"),
    *("'a' = 'b'", '"ab" = "ba"', '"a" ++ "b" = "b"', '"ab".length = 3', '"" = "a"'),
    *("(1 : Fin 3) = 2", "(2 : Fin 3) + 2 = 2", "(0 : Fin 3) = 1", "(3 : Fin 3) = 1"),
    *("((5 : Nat) : Int) = 6", "(-3 : Int).toNat = 3", "(-3 : Int).natAbs = 4", "min (-1 : Int) 1 = 1"),
    *("[1, 2] = [2, 1]", "[1].length = 2", "(1, 2) = (2, 1)", "some 1 = none", "(some 1 : Option Nat) = some 2"),
    *("∀ x y : Int, x < y → y < x", "∀ x : Int, 0 ≤ x", "∀ x y : Int, x * y = 0", "∀ n : Nat, n % 2 = 0"),
    *("∀ a b : Nat, a - b = b - a", "∀ a b : Int, a ∣ b", "∀ i : Fin 2, i.val = 0", "∃ n : Nat, n < 0"),
    *("∃ x : Int, 2 * x = 1", "∀ f : Nat → Nat, f 0 = f 1", "¬∃ x : Int, x < 0", "∀ p q : Prop, p ∨ q → p"),
)
CLOSERS = (
    *("omega", "grind", "simp", "simp +arith", "decide", "decide +kernel", "rfl", "ac_rfl", "simp_all", "norm_cast"),
    *("intros; omega", "intros; grind", "exact of_decide_eq_true rfl", "exact (by decide : _)", "trivial"),
)


BATCH = 90
"""Lean gives up on a file after a hundred errors."""


async def test_no_closer_proves_a_false_goal(toolchain: Toolchain) -> None:
    # The attack set without the filter: each goal with each closer. All must end in an error of their own.
    tried = [*itertools.product(FALSE_GOALS, CLOSERS)]
    missing = list[tuple[str, str]]()
    for start in range(0, len(tried), BATCH):
        batch = tried[start : start + BATCH]
        lines = [f"example : {goal} := by {closer}" for goal, closer in batch]
        report = await check_file(toolchain, "\n".join(lines) + "\n")
        assert not report.broken
        refused = {message.line for message in report.messages if message.severity == "error"}
        missing += [attack for number, attack in enumerate(batch, start=1) if number not in refused]
    assert missing == []


AXIOMS = {"propext", "Classical.choice", "Quot.sound"}


def stands_on_more(text: str) -> bool:
    """Whether Lean's answer to ``#print axioms`` names one that is not allowed."""
    named = re.search(r"depends on axioms: \[([^\]]*)\]", text)
    return named is not None and not set(re.split(r",\s*", named[1])) <= AXIOMS


NEW_NAMES = ("Int.add", "Int.mul", "Int.div", "Int.emod", "Int.le", "Int.decEq", "Nat.gcd", "Fin.add", "Char.ofNat")


async def test_shadowing_and_local_definitions_prove_nothing_false(toolchain: Toolchain) -> None:
    # A fuzzer: local definitions under the names of real ones, then a closer on a goal that is false by the real ones.
    draw = random.Random(20261124)
    for _ in range(4):
        lines = list[str]()
        for number in range(40):
            name, goal, closer = draw.choice(NEW_NAMES), draw.choice(FALSE_GOALS), draw.choice(CLOSERS)
            space, short = name.split(".")
            lines += draw.choice(
                (
                    [
                        f"namespace Shadow{number}.{space}",
                        f"def {short} : Nat → Nat → Nat := fun _ _ => 0",
                        f"end Shadow{number}.{space}",
                        f"open Shadow{number} in",
                    ],
                    ["section", f"local instance (priority := high) shadow{number} : Add Nat := ⟨fun _ _ => 0⟩"],
                    ["section", f"local instance (priority := high) shadow{number} : LE Int := ⟨fun _ _ => True⟩"],
                )
            )
            inside = lines[-1].startswith("local")
            lines.append(f"theorem fuzz{number} : {goal} := by {closer}")
            lines += ["end"] if inside else []
            lines += [f"theorem sum{number} : False := absurd fuzz{number} (by decide)", f"#print axioms sum{number}"]
        report = await check_file(toolchain, "\n".join(lines) + "\n")
        assert not report.broken
        # What failed stands on sorryAx, or, where the kernel refused it, on itself as an axiom.
        failed = {m.line for m in report.messages if m.severity == "error" or stands_on_more(m.text)}
        asked = [number for number, line in enumerate(lines, start=1) if line.startswith("#print axioms")]
        assert len(asked) == 40
        assert [lines[number - 1] for number in asked if number not in failed] == []


def test_what_is_missing_says_so_in_one_sentence() -> None:
    for name in ELSEWHERE:
        said = advice_on(f"Unknown identifier `{name}`\n\nNote: It is not possible to treat `{name}` as …")
        assert said is not None
        assert "--project" in said
        assert PAGE in said
        assert "\n" not in said
    assert advice_on("type mismatch") is None
    nested = advice_on("Unknown constant `Finset.sum`")
    assert nested is not None
    assert "Mathlib" in nested


async def test_what_is_said_to_be_missing_is_missing(toolchain: Toolchain) -> None:
    report = await check_file(toolchain, "\n".join(f"#check @{name}" for name in ELSEWHERE) + "\n")
    unknown = {m.line for m in report.messages if m.severity == "error" and "nknown" in m.text}
    assert len(unknown) == len(ELSEWHERE)


def test_the_page_lists_what_the_prelude_holds() -> None:
    page = (REPOSITORY / PAGE).read_text(encoding="utf-8")
    code = cache.prelude_source()
    for name in re.findall(
        r"^(?:class inductive|class|structure|inductive) (?!inductive )([\w.?']+)", code, flags=re.MULTILINE
    ):
        short = name.removeprefix("Lean.")
        if not name.startswith(("Lean.", "Std.", "H")):
            assert f"`{short}`" in page, name
    for file in sorted(cache.PRELUDE_FOLDER.glob("*.lean")):
        assert file.name in page, file.name
    for name in ELSEWHERE:
        assert f"`{name}`" in page, name


def test_files_can_be_read_on_one_evening() -> None:
    for file in cache.PRELUDE_FOLDER.glob("*.lean"):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 300, file.name
        assert max(map(len, lines)) <= 132, file.name
