"""The soak in its short form, and what it would notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_short_soak_loses_repeats_and_leaves_nothing() -> None:
    words = ("--minutes", "0.12", "--experiments", "5", "--workers", "1", "--budgets", "60", "--theorems", "1")
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "benchmarks" / "soak.py"), *words],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    table: dict[str, Any] = msgspec.json.decode(done.stdout)
    assert table["experiments"] == 5 and table["wrong"] == {}
    assert table["folders_compared"] + table["cancelled"] >= 5 and table["folders_compared"] > 0
    assert table["daemons"] >= 2  # the last one is started when all is done, to clear away
