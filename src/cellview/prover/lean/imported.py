"""Lean as it is after importing the prelude, saved once: a fresh check begins there instead of importing again.

Half of a forked check was spent on importing: reading tables of the prelude into Lean's own, the same for every check.
Lean can save that state itself (``--incr-header-save``: no text has been elaborated yet, there is none in the file) and
begin from it (``--incr-load``). What a check then does is the same, and so are its messages; that is tried for a sample
of texts, accepted ones and refused ones, before a saved state is kept.

The options of Lean stand in the saved state, and those of the command line no longer count. So there is one state for
one set of options. It also names Lean's library and the prelude by their paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cellview.prover.lean.cache import Kept, cached_files
from cellview.prover.lean.child import Outcome, run_child
from cellview.prover.lean.toolchain import Toolchain

__all__ = ["begin_there", "imported_state"]

_FILE = "imported.snap"
_PARTS = (_FILE, f"{_FILE}.deps")
"""The state, and in which compiled files the terms are that it does not hold itself."""
_SECONDS = 120.0

_SAMPLE = """\
theorem swapped (p q : Prop) : p ∧ q → q ∧ p := by
  intro h
  exact ⟨h.2, h.1⟩
#print axioms swapped
theorem sums (a b : Nat) : a + b = b + a := by
  induction a with
  | zero => simp
  | succ n ih => omega
#print axioms sums
theorem excluded (p : Prop) : p ∨ ¬p := by
  by_cases h : p
  · exact Or.inl h
  · exact Or.inr h
#print axioms excluded
theorem open_ (a : Nat) : a = a + 0 := by
  sorry
#print axioms open_
theorem wrong : 1 = 2 := by
  decide
theorem missing : x = x := by
  rfl
example : type_of% @swapped := @sums
#check (⟨1, 2⟩ : Nat × Nat)
set_option pp.all true in
#print swapped
"""
"""Texts that Lean accepts, refuses and warns of."""


async def imported_state(toolchain: Toolchain, options: Sequence[str]) -> Path:
    """Return the file of the state for `options` (``name=value``), which is saved first if need be (half a second).

    Raises:
        ToolchainError: Lean does not save it, a check that begins there says something else than an ordinary one, or
            the cache folder cannot be written.
    """
    prelude = Path(dict(toolchain.env)["LEAN_PATH"])

    async def make(room: Path) -> str:
        nothing = room / "Nothing.lean"
        nothing.write_text("\n", encoding="utf-8")
        saved = await _run(toolchain, room, options, f"--incr-header-save={room / _FILE}", str(nothing))
        if saved.status or not all((room / part).exists() for part in _PARTS):
            return _said(saved)
        return await _difference(toolchain, room, options)

    # Both paths stand in the files, so that another installation needs its own.
    text = "\n".join([*options, toolchain.library, str(prelude), _SAMPLE])
    kept = Kept("imported", text, _PARTS)
    return (await cached_files(kept, prelude.parent, library=prelude.name, make=make)) / _FILE


def begin_there(state: Path) -> str:
    """Return the argument with which Lean begins from a saved state."""
    return f"--incr-load={state}"


async def _difference(toolchain: Toolchain, room: Path, options: Sequence[str]) -> str:
    """Check the sample both ways; return how the two differ, or nothing."""
    sample = room / "Sample.lean"
    sample.write_text(_SAMPLE, encoding="utf-8")
    usual = await _run(toolchain, room, options, str(sample))
    saved = await _run(toolchain, room, options, begin_there(room / _FILE), str(sample))
    if usual == saved:
        return ""
    return f"begun from what it has imported, it says {_said(saved)} and not {_said(usual)}"


async def _run(toolchain: Toolchain, room: Path, options: Sequence[str], *arguments: str) -> Outcome:
    given = [*(f"-D{option}" for option in options), "--json", *arguments]
    return await run_child([*toolchain.command, *given], env=toolchain.environment(), cwd=room, timeout_s=_SECONDS)


def _said(outcome: Outcome) -> str:
    said = (outcome.output + outcome.errors).decode(errors="replace").strip()
    return f"{said[:500]} (exit status {outcome.status})"
