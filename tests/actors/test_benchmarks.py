"""The benchmark scripts run and print what they promise; what they measure is not tested."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


def report(*command: str) -> Any:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, cwd=BENCHMARKS)
    return json.loads(done.stdout)


def test_the_actor_benchmark_measures_all_kinds_for_all_contestants() -> None:
    found = report("actors.py", "--messages", "200", "--repeats", "1")
    kinds = {"tell", "ask", "ask with deadline", "fan-out", "back-pressure"}
    results = found["results"]
    assert {"kernel", "asyncio.Queue and future", "anyio stream"} <= results.keys()
    assert all(set(row) == kinds for name, row in results.items() if name != "pykka")
    assert all(value > 0 for row in results.values() for value in row.values())
    assert len(found["targets"]) == 3
    assert "pykka" in results or "pykka" in found["left out"]


def test_the_bug_zoo_script_tries_every_strategy_on_every_specimen() -> None:
    from zoo import SPECIMENS

    found = report("bug_zoo.py", "--trials", "1", "--limit", "2")
    assert set(found) == {specimen.name for specimen in SPECIMENS}
    for row in found.values():
        assert set(row) == {"random", "pct", "interventions", "exhaustive"}
        assert all(1 <= entry["runs"] <= 10 for entry in row.values())


def test_the_page_has_a_row_for_every_specimen() -> None:
    from zoo import SPECIMENS

    page = (BENCHMARKS.parent / "docs" / "explanation" / "bug-zoo.md").read_text()
    for specimen in SPECIMENS:
        assert f"| {specimen.name} | {specimen.defect} |" in page
