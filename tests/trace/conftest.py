"""Fixtures of the trace tests."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REASONS = """jq -r 'select(.event=="iteration") | .reason' "$1" | sort | uniq -c"""
INFLIGHT = """jq -s '
map(select(.event=="iteration" and .tree.inflight != null))
| group_by(.reason)
| map({reason: .[0].reason, avg_inflight: ((map(.tree.inflight)|add)/length)})
' "$1" """
"""The two queries of the trace event dictionary, as they stand there."""


@pytest.fixture
def jq() -> Callable[[Path], tuple[dict[str, int], dict[str, float]]]:
    """Ask jq itself: how often each reason occurs, and the average in flight by reason."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed (apt-get install jq)")

    def shell(script: str, path: Path) -> str:
        command = ["sh", "-c", script, "sh", str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def ask(path: Path) -> tuple[dict[str, int], dict[str, float]]:
        counts = {reason: int(number) for number, reason in map(str.split, shell(REASONS, path).splitlines())}
        averages = {row["reason"]: row["avg_inflight"] for row in json.loads(shell(INFLIGHT, path))}
        return counts, averages

    return ask
