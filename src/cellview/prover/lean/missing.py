"""Say what is missing where a statement names something that the embedded Lean's library does not have.

Lean's own words for it are about implicit variables, which helps nobody who wrote ``Finset`` or ``ℕ``.
"""

from __future__ import annotations

import re

__all__ = ["ELSEWHERE", "PAGE", "advice_on"]

PAGE = "docs/reference/prelude.md"

_UNKNOWN = re.compile(r"Unknown (?:identifier|constant) `(?P<name>[^`]+)`")

ELSEWHERE: dict[str, str] = {
    "ℕ": "write Nat",
    "ℤ": "write Int",
    "Array": "Lean's own library",
    "ByteArray": "Lean's own library",
    "Float": "Lean's own library",
    "IO": "Lean's own library",
    "Rat": "Lean's own library",
    "UInt8": "Lean's own library",
    "UInt32": "Lean's own library",
    "UInt64": "Lean's own library",
    "BitVec": "Lean's own library",
    "ℚ": "Mathlib",
    "ℝ": "Mathlib",
    "ℂ": "Mathlib",
    "Real": "Mathlib",
    "Complex": "Mathlib",
    "Set": "Mathlib",
    "Finset": "Mathlib",
    "Multiset": "Mathlib",
    "Even": "Mathlib",
    "Odd": "Mathlib",
    "Nat.Prime": "Mathlib",
    "Group": "Mathlib",
    "Ring": "Mathlib",
    "Field": "Mathlib",
    "Monoid": "Mathlib",
}
"""Names that people try first, and what to do or where they are. `PAGE` lists what there is."""


def advice_on(message: str) -> str | None:
    """One sentence for a name that the embedded Lean does not know; None if `message` is about something else."""
    found = _UNKNOWN.search(message)
    if found is None:
        return None
    name = found["name"]
    where = ELSEWHERE.get(name, ELSEWHERE.get(name.split(".")[0], ""))
    if where.startswith("write "):
        return f"The embedded Lean has no `{name}`: {where}, or give your Lake project with --project (see {PAGE})."
    home = f" (it is in {where})" if where else ""
    return (
        f"The embedded Lean has no `{name}`{home}: use what {PAGE} lists, or give your Lake project, "
        "with its own library, with --project."
    )
