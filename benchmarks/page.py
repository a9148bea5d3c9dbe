"""Frame times of the page's viewer in Chromium, and its memory.

For trees of 1,000, 5,000 and 20,000 goals: what a frame takes while one pans, zooms and scrubs. Then a search of 500
iterations a second as it comes, and a trace of 100,000 iterations: loading it, going anywhere in it, and its memory.

What it flatters: the traces are of the synthetic prover, whose goals and tactics are short. What it does not: Chromium
draws in software here, with no graphics processor, and every frame is read back, so that what was drawn is really there
when the clock is read; a browser on a desk does neither. CPU time is of the whole browser, the reading included.

Usage: page.py [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

import cellview.daemon
from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, ReroutePolicy
from cellview.search import Progress, SearchConfig, search
from cellview.trace import OrderedTraceWriter

PAGE = Path(cellview.daemon.__file__).parent / "page"
FRAMES = 60

HTML = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/viewer.css">
<style>html, body { margin: 0; height: 100% } main { height: 100% }</style><main></main>"""


async def make_trace(path: Path, *, goals: int | None = None, iterations: int = 10_000_000) -> dict[str, int]:
    """Write the trace of a search that ends at so many goals or iterations."""
    config = SearchConfig(
        agents=8,
        inflight=8,
        budget=(iterations,),
        block=BlockPolicy(0.1, 20, 0, spare_root=True),
        reroute=ReroutePolicy(2),
    )

    def enough(state: Progress) -> Any:
        return "abort" if goals is not None and state.nodes >= goals else None

    with OrderedTraceWriter(path) as trace:
        result = await search(
            "benchmark",
            prover=SyntheticProver(seed=4, branching=2, p_fail=0.35, p_two=0.2),
            provider=SyntheticProvider(branching=2),
            config=config,
            trace=trace,
            progress=enough,
        )
    written = path.stat().st_size  # noqa: ASYNC240  # nothing else runs
    return {"goals": result.nodes, "iterations": result.iterations, "bytes": written}


class Handler(SimpleHTTPRequestHandler):
    """Serves the page's modules, and the traces."""

    traces: Path

    def translate_path(self, path: str) -> str:
        name = path.lstrip("/")
        folder = self.traces if name.endswith((".jsonl", ".html", "page_driver.js")) else PAGE
        return str(folder / name)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Generator[str]:
    """Serve on a loopback address."""
    handler = type("Here", (Handler,), {"traces": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(PAGE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def spread(values: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    ordered = sorted(values)
    return {
        "median_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
    }


def cpu_s() -> float:
    """Return CPU seconds of all processes of the browser: on a busy machine they say more than a clock."""
    times = [one.cpu_times() for one in psutil.Process().children(recursive=True)]
    return sum(time.user + time.system for time in times)


def memory(page: Page) -> dict[str, float]:
    """Return what the page's heap and its buffers hold after a collection, in megabytes."""
    session: Any = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = session.send("Runtime.getHeapUsage")
    return {
        "heap_mb": round(usage["usedSize"] / 1e6, 1),
        "buffers_mb": round(usage.get("backingStorageSize", 0) / 1e6, 1),
    }


def measure_tree(page: Page, name: str) -> dict[str, Any]:
    """Open a trace; pan, zoom and scrub."""
    opened = page.evaluate(f"open_('/{name}.jsonl')")
    acts: dict[str, dict[str, float]] = {}
    for act in ("pan", "zoom", "scrub"):
        before = cpu_s()
        took = page.evaluate(f"measure('{act}', {FRAMES})")
        acts[act] = spread(took) | {"cpu_ms": round(1000 * (cpu_s() - before) / FRAMES, 1)}
    return {"load_ms": round(opened["load_ms"]), **acts, **memory(page)}


def measure_live(page: Page, trace: Path, seconds: int) -> dict[str, Any]:
    """Show a search of 500 iterations a second as it comes, in ten pieces a second, as the daemon sends them."""
    lines = trace.read_text().splitlines()
    came = page.evaluate("([lines, seconds]) => live(lines, 500, seconds)", [lines, seconds])
    return {
        "iterations_per_s": 500,
        "seconds": seconds,
        "shown": came["last"] + 1,
        "between_frames": spread(came["gaps"]),
        "append": spread(came["appends"]),
        "behind_ms": round(came["behind_ms"], 1),
    }


async def make_traces(folder: Path, *, quick: bool) -> dict[str, dict[str, int]]:
    """Write all traces that are looked at, by name."""
    made: dict[str, dict[str, int]] = {}
    for goals in (1000,) if quick else (1000, 5000, 20_000):
        made[str(goals)] = await make_trace(folder / f"{goals}.jsonl", goals=goals)
    made["live"] = await make_trace(folder / "live.jsonl", iterations=1000 if quick else 5000)
    made["long"] = await make_trace(folder / "long.jsonl", iterations=2000 if quick else 100_000)
    return made


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small trees, to see that it runs")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = asyncio.run(make_traces(folder, quick=quick))
        (folder / "page.html").write_text(HTML + '<script type="module" src="/page_driver.js"></script>')
        shutil.copy(Path(__file__).with_name("page_driver.js"), folder)
        with sync_playwright() as playwright, serving(folder) as url:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(600_000)
            page.goto(f"{url}/page.html")
            page.wait_for_function("window.ready_")
            report: dict[str, Any] = {"browser": browser.version, "load_average": os.getloadavg()[0]}
            for trace, size in made.items():
                if trace != "live":
                    report[trace] = size | measure_tree(page, trace)
            report["live"] = measure_live(page, folder / "live.jsonl", 2 if quick else 10)
            browser.close()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
