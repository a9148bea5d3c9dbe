"""The table of families in the reference is the one in the code."""

from __future__ import annotations

from pathlib import Path

from cellview.schedule import FAMILIES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "interventions.md"


def test_the_reference_lists_every_family_and_head() -> None:
    lines = set(PAGE.read_text(encoding="utf-8").splitlines())
    for family, heads in FAMILIES.items():
        assert f"| `{family}` | {', '.join(f'`{head}`' for head in sorted(heads))} |" in lines
