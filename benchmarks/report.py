"""What a report costs: to make, in bytes, and to open in Chromium from the disk.

``python benchmarks/report.py [FOLDER]`` measures the report of a run; without a folder it runs what ``make demo`` runs.
Opened five times in a fresh browser each, whose own start does not count: until the page has loaded, and until the
viewer of a search stands in it, which is behind the link of that search. Other programs make everything slower.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from cellview.report import Material, report_html

CORPUS = Path(__file__).resolve().parent.parent / "corpora" / "micro.toml"
DEMO = ("--mcts-mode", "distributed", "--mcts-agents", "4", "--mcts-inflight", "4", "--trace-mcts", "--quiet")
TIMES = 5


def demo(folder: Path) -> Path:
    """Run what ``make demo`` runs."""
    out = folder / "demo"
    subprocess.run([sys.executable, "-m", "cellview", "run", str(CORPUS), *DEMO, "--out", str(out)], check=False)
    return out


def opened(path: Path, key: str) -> tuple[float, float]:
    """Seconds until the page has loaded, and until the viewer of a search is drawn in it."""
    api: Any = import_module("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(path.as_uri())
        loaded = time.perf_counter() - start
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(f"{path.as_uri()}#watch={key}")
        page.wait_for_selector("#viewer canvas")
        drawn = time.perf_counter() - start
        browser.close()
    return loaded, drawn


def main() -> None:
    """Measure, and print JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else demo(Path(scratch))
        start = time.perf_counter()
        page = report_html(Material(folder))
        made = time.perf_counter() - start
        path = Path(scratch) / "report.html"
        path.write_bytes(page)
        index = json.loads(page.partition(b' id="index">')[2].partition(b"</script>")[0])
        key = max(index, key=lambda search: search["nodes"])["key"]
        times = [opened(path, key) for _ in range(TIMES)]
        print(
            json.dumps(
                {
                    "searches": len(Material(folder).cells),
                    "traces_embedded": len(index),
                    "bytes": len(page),
                    "made_s": round(made, 2),
                    "load_s": [round(loaded, 2) for loaded, _ in times],
                    "load_median_s": round(median(loaded for loaded, _ in times), 2),
                    "watch_s": [round(drawn, 2) for _, drawn in times],
                    "watch_median_s": round(median(drawn for _, drawn in times), 2),
                    "load_average": os.getloadavg()[0],
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main()
