"""Runs that are killed, stalled, starved of disk and sent through time, again and again: what they end with.

    python benchmarks/kills.py [--kills 1000] [--seed 0] [--ways lean,synthetic,process,frontier,redis]

A round starts one run in one way, does something to it at a random instant, resumes it when it died, and so on to its
end. Its outcome must be that of a run which nobody touched: no search lost, none twice, no digest another; and when the
round is over no process of it may be alive and no temporary folder left. Done to it, drawn with the seed:

* *kill run*: SIGKILL to the command itself;
* *kill child*: SIGKILL to one of the processes under it: Lean, its nursery, a worker, Redis when it is ours;
* *stall*: SIGSTOP to a process under it (with Redis: the network stands still), SIGCONT after up to half a second;
* *full disk*: no file may grow beyond some bytes (``RLIMIT_FSIZE``: the write fails, as ENOSPC does);
* *clock*: the wall clock of the command jumps by days, forwards or back (libfaketime; left out where it is not).

Not done here: EIO below the file system (it needs a device or FUSE), and power loss. Prints JSON, and progress on
standard error. Minutes to an hour; by hand.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LEAN = """\
[[theorem]]
id = "distribute"
statement = "(p q r : Prop) : p ∧ (q ∨ r) → (p ∧ q) ∨ (p ∧ r)"
[[theorem]]
id = "not_a_theorem"
statement = "(p q r : Prop) : (p → q ∨ r) → (q → p) → (p → q)"
provable = false
[[theorem]]
id = "exchange"
statement = "(α : Type) (p q : α → Prop) : (∃ x, p x ∨ q x) → (∃ x, p x) ∨ (∃ x, q x)"
"""
SYNTHETIC = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\n" for number in range(12))
SEARCH = (
    *("--mcts-mode", "distributed", "--mcts-agents", "3", "--mcts-inflight", "5", "--trace-mcts"),
    *("--mcts-expansion-policy", "first-success"),
    *("--mcts-delay-prob", "0.2", "--mcts-delay-duration", "2", "--mcts-delay-seed", "1", "--mcts-reroute-blocked"),
)
WAYS: dict[str, tuple[str, ...]] = {
    "lean": ("lean.toml", "--automation", "none", "--budget", "30", "--jobs", "2"),
    "synthetic": ("synthetic.toml", "--prover", "synthetic", "--budget", "300", "--jobs", "2"),
    "process": ("synthetic.toml", "--prover", "synthetic", "--budget", "300", "--executor", "process"),
    "frontier": ("synthetic.toml", "--prover", "synthetic", "--budget", "50,300", "--executor", "frontier"),
    "redis": ("synthetic.toml", "--prover", "synthetic", "--budget", "50,300", "--executor", "frontier"),
}
"""How a run is started. Those that hand searches out do it to two workers."""

ACTS = {"kill run": 4, "kill child": 4, "stall": 2, "full disk": 1, "clock": 1}
"""What is done, and how often beside the others."""

MARK = "CELLVIEWKILLS"
"""An environment variable that everything under a round inherits: it finds what was left alive."""

Row = tuple[str, bool, str, str | None]


class Disturbed(Exception):
    """Raised when a run ended otherwise than any disturbance excuses."""


class Redis:
    """A private server that keeps every write on disk, so that it may be killed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = home / "redis.sock"

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it, or start it again after it was killed."""
        if self._process is not None and self._process.poll() is None:
            return
        # The manual's settings for a frontier: nothing acknowledged may be lost.
        options = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"]
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self._home), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self.socket.exists():
                return
            time.sleep(0.02)
        raise SystemExit("redis-server does not start.")

    @property
    def pid(self) -> int | None:
        """Its process."""
        return None if self._process is None else self._process.pid

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Round:
    """One run, from its start to its end, with all that is done to it."""

    def __init__(self, way: str, home: Path, name: str, draw: random.Random, done: Counter[str]) -> None:
        self.way, self.home, self.draw, self.done = way, home, draw, done
        self.folder = home / name
        self.scratch = home / f"{name}-tmp"
        self.scratch.mkdir()
        self.mark = f"{os.getpid()}-{name}"
        self.redis = Redis(self.scratch) if way == "redis" else None
        self.environment = {**os.environ, MARK: self.mark, "TMPDIR": str(self.scratch)}
        self.disturbances = 0
        self.history: list[str] = []

    def command(self) -> list[str]:
        """Return what starts the run, or goes on with it."""
        start = [sys.executable, "-m", "cellview", "run", "--json"]
        if self.redis is not None:
            start += ["--frontier", self.redis.url]
        if (self.folder / "run.json").exists():
            return [*start, "--resume", self.folder.name]
        return [*start, *WAYS[self.way], *SEARCH, "--out", self.folder.name]

    def run(self, *, most: int) -> list[Row]:
        """Disturb the run up to `most` times; return its outcome."""
        try:
            while True:
                if self.redis is not None:
                    self.redis.start()
                said = self._once() if self.disturbances < most else self._calmly()
                if said is not None:
                    return outcome(said)
        finally:
            if self.redis is not None:
                self.redis.stop()

    def _calmly(self) -> str:
        process = self._start(self.command())
        out, err = process.communicate(timeout=300)
        if process.returncode != 0:
            raise Disturbed(f"{self.way}: ended with {process.returncode}: {err}")
        return out

    def _once(self) -> str | None:
        """Start or resume the run, and do one thing to it; return what it printed if it ended well."""
        acts = {act: weight for act, weight in ACTS.items() if act != "clock" or shutil.which("faketime")}
        (act,) = self.draw.choices([*acts], [*acts.values()])
        command, limits = self.command(), None
        if act == "full disk":
            limits = disk_of(self.draw.choice([500, 3_000, 9_000, 20_000]))
        elif act == "clock":
            command = ["faketime", "-f", f"{self.draw.choice('+-')}{self.draw.randint(1, 900)}d", *command]
        process = self._start(command, limits)
        if act in ("full disk", "clock"):
            out, err = process.communicate(timeout=300)
            self._count(act)
            if act == "clock" and process.returncode != 0:
                raise Disturbed(f"{self.way}: a clock that is wrong ended the run with {process.returncode}: {err}")
            if process.returncode not in (0, 1, 2) or "Traceback" in err:
                raise Disturbed(f"{self.way}: {act} ended the run with {process.returncode}: {err}")
            return out if process.returncode == 0 else None
        try:
            out, err = process.communicate(timeout=self.draw.uniform(0.1, 2.5))
        except subprocess.TimeoutExpired:
            self._disturb(act, process)
            out, err = process.communicate(timeout=300)
        if process.returncode == 0:
            return out
        # What a killed server, worker or Lean costs the run, and costs it more than its retries, is a sentence.
        if process.returncode != -signal.SIGKILL and (process.returncode not in (1, 2, 3) or "Traceback" in err):
            raise Disturbed(f"{self.way}: {act} ended the run with {process.returncode}: {err}")
        return None

    def _disturb(self, act: str, process: subprocess.Popen[str]) -> None:
        under = [*descendants(process.pid)]
        if self.redis is not None and self.redis.pid is not None:
            under.append(self.redis.pid)
        if act == "kill run":
            self._signal(process.pid, signal.SIGKILL, act)
        elif not under:
            return
        elif act == "kill child":
            self._signal(self.draw.choice(under), signal.SIGKILL, act)
            if self.redis is not None:
                time.sleep(self.draw.uniform(0.0, 0.5))
                self.redis.start()
        else:
            victim = self.draw.choice(under)
            if self._signal(victim, signal.SIGSTOP, act):
                time.sleep(self.draw.uniform(0.0, 0.5))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGCONT)

    def _signal(self, pid: int, number: signal.Signals, act: str) -> bool:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        self._count(act)
        return True

    def _count(self, act: str) -> None:
        self.disturbances += 1
        self.history.append(act)
        self.done[f"{self.way}: {act}"] += 1

    def _start(self, command: list[str], limits: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.home,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limits,
        )

    def left(self) -> tuple[list[str], list[str]]:
        """Return the processes that still run, and the temporary files, of the run and of the one that ended it well.

        A process that was told to end may take a moment.
        """
        alive: list[str] = []
        for _ in range(100):
            alive = [*marked(self.mark)]
            if not alive:
                break
            time.sleep(0.05)
        kept = [] if self.redis is None else ["redis.sock", "appendonlydir", "dump.rdb"]
        return alive, sorted(entry.name for entry in self.scratch.iterdir() if entry.name not in kept)

    def clear(self) -> None:
        """Remove everything of the round."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)


def outcome(said: str) -> list[Row]:
    """Return what a run's ``--json`` says of its searches: all that may not depend on what was done to it."""
    return [(row["id"], row["solved"], row["stop_reason"], row["digest"]) for row in json.loads(said)["theorems"]]


def disk_of(most: int) -> Callable[[], None]:
    """Return what limits a process's files to so many bytes."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes under a process."""
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from descendants(int(child))


def marked(mark: str) -> Iterator[str]:
    """Yield the command line of every process that has inherited a round's mark, zombies left out."""
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    yield (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:120]


def main() -> None:
    """Disturb runs until the number asked for is reached; print what they ended with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000, help="disturbances, all kinds together")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything that is drawn")
    parser.add_argument("--ways", default=",".join(WAYS), help="which ways to run, in turn")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no further round after so long")
    options = parser.parse_args()
    ways = options.ways.split(",")
    draw, done, wrong = random.Random(options.seed), Counter[str](), list[dict[str, Any]]()
    started, rounds = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="cellview-benchmark-") as place:
        home = Path(place)
        (home / "lean.toml").write_text(LEAN)
        (home / "synthetic.toml").write_text(SYNTHETIC)
        expected = {way: Round(way, home, f"calm-{way}", draw, done).run(most=0) for way in ways}
        while done.total() < options.kills and time.monotonic() - started < 60 * options.minutes:
            way = ways[rounds % len(ways)]
            rounds += 1
            one = Round(way, home, f"round{rounds}", draw, done)
            try:
                ended = one.run(most=draw.randint(3, 12))
                alive, files = one.left()
                differs = [row for row in zip(expected[way], ended, strict=False) if row[0] != row[1]]
                problem: dict[str, Any] = {"differs": differs, "alive": alive, "files": files}
                if len(ended) != len(expected[way]):
                    problem["searches"] = len(ended)
            except (Disturbed, subprocess.TimeoutExpired) as error:
                problem = {"failed": str(error)[:2000]}
            if any(problem.values()):
                wrong.append({"round": rounds, "way": way, "done": one.history, **problem})
                sys.stderr.write(f"{wrong[-1]}\n")
            one.clear()
            sys.stderr.write(f"\r{done.total()} of {options.kills} in {rounds} runs ")
    print(
        json.dumps(
            {
                "what": "runs that were killed, stalled, starved of disk and sent through time",
                "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
                "seed": options.seed,
                "runs": rounds,
                "disturbances": dict(sorted(done.items())),
                "together": done.total(),
                "wrong": wrong,
                "seconds": round(time.monotonic() - started),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
