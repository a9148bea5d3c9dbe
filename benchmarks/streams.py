"""What fifty readers of a search cost it: iterations a second with and without them; prints JSON.

A daemon in a process of its own runs the same search again and again, in turn with nobody listening and with 50 streams
of server-sent events: 40 follow the search, 5 all events, and 5 ask for the search and then never read. Every reader
that lives checks that it got each number once, in order. With Lean (the default) the search takes what processor it
gets; ``--synthetic`` is faster by far than any Lean, so that there is more to send.

Its bias: the readers run on the same machine, and what they take of the processors counts against the streams. They
are as cheap as a reader can be: one thread, that looks for the numbers and parses nothing else.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from cellview.core import SearchConfig
from cellview.daemon import Client, ExperimentStatus, Submission
from cellview.experiment import LeanSpec, ProverSpec, SyntheticSpec

STATEMENT = (
    "(p q r s : Prop) (h : p ∨ q) (k : r ∨ s) (l : p ∨ s) (a b c d : Nat) (m : a + b = c) (n : b + c = d)"
    " : a * d = b * c + 1"
)
"""Nobody proves it, and there is much to try."""

SEARCH, EVERYTHING, FROZEN = 40, 5, 5


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="searches without readers, and as many with them")
    parser.add_argument("--budget", type=int, default=400, help="iterations of each search")
    parser.add_argument("--synthetic", action="store_true", help="the synthetic prover, which waits for nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        words = ("serve", "--data", data, "--port", "0", "--workers", "1")
        process = subprocess.Popen([sys.executable, "-m", "cellview", *words], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            print(json.dumps(anyio.run(_measure, url, arguments), indent=2))
        finally:
            process.terminate()
            process.wait()


async def _measure(url: str, arguments: argparse.Namespace) -> dict[str, Any]:
    rates: dict[bool, list[float]] = {False: [], True: []}
    readers: list[dict[str, Any]] = []
    async with Client(url) as client:
        await _run(client, arguments, None)  # Lean is loaded, and everything is warm
        for _ in range(arguments.pairs):
            for listened in (False, True):
                rate, seen = await _run(client, arguments, url if listened else None)
                rates[listened].append(rate)
                readers += [] if seen is None else [seen]
    without, with_them = statistics.median(rates[False]), statistics.median(rates[True])
    return {
        "benchmark": "streams",
        "prover": "synthetic" if arguments.synthetic else "lean",
        "readers": {"of the search": SEARCH, "of all events": EVERYTHING, "frozen": FROZEN},
        "iterations": arguments.budget,
        "iterations_per_s_without": [round(rate, 1) for rate in rates[False]],
        "iterations_per_s_with": [round(rate, 1) for rate in rates[True]],
        "fall_of_the_median_percent": round(100 * (1 - with_them / without), 1),
        "streams_whole_and_in_order": all(one["good"] for one in readers),
        "bytes_per_s_to_all": round(statistics.median(one["bytes_per_s"] for one in readers)),
        "load_average_at_the_end": os.getloadavg()[0],
        "cpus": os.cpu_count(),
    }


async def _run(client: Client, arguments: argparse.Namespace, url: str | None) -> tuple[float, dict[str, Any] | None]:
    """Run one search, with readers if there is a `url`; return its iterations a second, and what readers saw."""
    status = await client.submit(_submission(arguments))
    ours, theirs = multiprocessing.Pipe()
    readers = None
    if url is not None:
        readers = multiprocessing.Process(target=_read, args=(url, status, theirs))
        readers.start()
    began, ended = 0.0, 0.0
    async for event in client.events(experiment=status.id):
        if event.kind == "search_started":
            began = event.at
        elif event.kind == "search_finished":
            ended = event.at
        elif event.kind == "finished":
            break
    seen: dict[str, Any] | None = None
    if readers is not None:
        seen = await anyio.to_thread.run_sync(ours.recv)
        readers.join()
    result = (await client.search(status.id, 0)).result
    assert result is not None
    if seen is not None:
        seen["good"] = seen["good"] and seen["last"] == [result.iterations - 1]
    return result.iterations / (ended - began), seen


def _submission(arguments: argparse.Namespace) -> Submission:
    prover: ProverSpec = LeanSpec()
    statement = STATEMENT
    if arguments.synthetic:
        prover, statement = SyntheticSpec(seed=0, p_fail=0.6, p_close=0.0), ": T1"
    return Submission(
        search=SearchConfig(agents=2, inflight=3, budget=(arguments.budget,)),
        corpus_text=f"[[theorem]]\nid = 't'\nstatement = '{statement}'\n",
        prover=prover,
    )


class _Reader:
    """One stream: what came, and whether its numbers ascend one by one."""

    def __init__(self, address: tuple[str, int], path: str, first: int | None) -> None:
        self.socket = socket.create_connection(address)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {address[0]}\r\n\r\n".encode())
        self.bytes = 0
        self.last = first
        self.good = True
        self.ended = False
        self._rest = b""

    def take(self) -> None:
        """Read what is there."""
        data = self.socket.recv(1 << 20)
        self.bytes += len(data)
        self.ended = self.ended or not data
        text = self._rest + data
        whole = text.rfind(b"\n") + 1
        self._rest = text[whole:]
        for found in re.finditer(rb"^id: (\d+)$", text[:whole], re.MULTILINE):
            number = int(found[1])
            self.good = self.good and (self.last is None or number == self.last + 1)
            self.last = number
        self.ended = self.ended or b"\nevent: end\n" in text[:whole]


def _read(url: str, status: ExperimentStatus, answer: Connection) -> None:
    """Be all readers, until each that follows the search has been told of its end."""
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    address = (parts.hostname, parts.port)
    path = f"/api/experiments/{status.id}/searches/0/events"
    frozen = [_Reader(address, path, -1) for _ in range(FROZEN)]
    everything = [_Reader(address, "/api/events", None) for _ in range(EVERYTHING)]
    followers = [_Reader(address, path, -1) for _ in range(SEARCH)]
    selector = selectors.DefaultSelector()
    for reader in (*followers, *everything):
        selector.register(reader.socket, selectors.EVENT_READ, reader)
    began = time.monotonic()
    while not all(reader.ended for reader in followers):
        for key, _ in selector.select():
            reader = key.data
            reader.take()
            if reader.ended:
                selector.unregister(reader.socket)
    seconds = time.monotonic() - began
    good = all(reader.good for reader in (*followers, *everything))
    total = sum(reader.bytes for reader in (*followers, *everything))
    answer.send({"good": good, "last": list({reader.last for reader in followers}), "bytes_per_s": total / seconds})
    for reader in (*followers, *everything, *frozen):
        reader.socket.close()


if __name__ == "__main__":
    main()
