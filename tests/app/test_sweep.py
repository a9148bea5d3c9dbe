"""Sweeps: the same bytes for any number of workers, the same traces as single searches, and resume after a kill."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from cellview.app.sweep import SweepPlan, run_sweep
from cellview.app.sweep_task import SweepSettings, SyntheticBackend
from cellview.frontier import Manifest, RedisFrontier
from cellview.frontier.errors import ExperimentMissingError
from cellview.frontier.redis.server import RedisServer
from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, parse_intervention
from cellview.search import SearchConfig, search
from cellview.search.corpus import Corpus, load_corpus
from cellview.trace import OrderedTraceWriter, RunFolder, RunMetadata, describe_host, describe_versions
from cellview.trace.digest import digest_file

_CORPUS = "".join(
    f"[[theorem]]\nid = 't{tree}'\nstatement = ': P'\ntags = []\nprovable = true\nimports = ['Tree{tree}']\n"
    for tree in (6, 10, 14, 20)  # solved early, solved late, never solved, exhausted
)
_BUDGET = (4, 9, 30)
_BACKEND = SyntheticBackend(seed=5, p_fail=0.6, p_close=0.08)


def _config(seed: int) -> SearchConfig:
    return SearchConfig(
        agents=3,
        inflight=3,
        budget=_BUDGET,
        seed=seed,
        block=BlockPolicy(0.2, 3, seed),
        delay=DelayPolicy(0.1, 2, seed),
        reroute=ReroutePolicy(2),
    )


def _plan(folder: Path, *, seeds: tuple[int, ...] = (0, 1)) -> SweepPlan:
    corpus_file = folder / "corpus.toml"
    corpus_file.write_text(_CORPUS)
    corpus: Corpus = load_corpus(corpus_file)
    arms = [parse_intervention(name) for name in ("wild_type", "block_t1", "random_nonpath_control")]
    settings = SweepSettings(_BACKEND, {str(seed): _config(seed) for seed in seeds}, arms)
    manifest = Manifest(experiment="sweep", task="cellview.sweep", window=6, settings=settings.to_json(), lease_ms=1000)
    return SweepPlan(manifest=manifest, corpus=corpus, settings=settings, seeds=seeds)


def _metadata() -> RunMetadata:
    return RunMetadata(created="now", config={}, seeds={}, versions=describe_versions(), host=describe_host())


def _contents(folder: Path) -> dict[str, str]:
    """Digest of each file of a run folder whose bytes must repeat."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.name.endswith("trace.jsonl"):
            found[name] = digest_file(path)
        elif path.is_file() and path.name not in ("journal.jsonl", "run.json"):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    results: list[dict[str, Any]] = json.loads((folder / "run.json").read_text())["results"]
    for result in results:
        del result["seconds"]
    found["results"] = json.dumps(results, sort_keys=True)
    return found


async def _sweep(root: Path, name: str, **how: Any) -> dict[str, str]:
    with RunFolder.create(root / name, _metadata()) as folder:
        assert await run_sweep(_plan(root), folder, **how) == 0
        return _contents(folder.path)


async def test_any_number_of_workers_any_frontier_the_same_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = await _sweep(tmp_path, "one", workers=1)
    three = await _sweep(tmp_path, "three", workers=3)
    assert one == three
    results: list[dict[str, Any]] = json.loads(one["results"])
    assert len(results) == 4 * 3 * 2
    assert {"solved", "budget", "exhausted"} <= {result["stop_reason"] for result in results}
    assert any(result["arm"].startswith("random_nonpath_control") and result["attempts"] for result in results)
    assert any(result["stop_reason"] == "budget" and result["iterations"] == sum(_BUDGET) for result in results)
    capsys.readouterr()


async def test_tiers_add_up_to_the_trace_of_one_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await _sweep(tmp_path, "swept", workers=2)
    plan = _plan(tmp_path)
    crossed = 0
    for theorem in plan.corpus.theorems:
        for seed in plan.seeds:
            for arm in plan.settings.arms[:2]:
                path = tmp_path / f"{theorem.id}-{seed}-{arm.name}.jsonl"
                with OrderedTraceWriter(path) as writer:
                    result = await search(
                        theorem.statement,
                        prover=SyntheticProver(5 + zlib.crc32(theorem.imports[0].encode()), 4, 0.6, 0.08),
                        provider=SyntheticProvider(4),
                        config=msgspec.structs.replace(_config(seed), intervention=arm if arm.pegs else None),
                        trace=writer,
                    )
                swept = tmp_path / "swept" / theorem.id / f"{arm.name}.seed{seed}_mcts_trace.jsonl"
                if path.stat().st_size or swept.exists():
                    assert digest_file(swept) == digest_file(path)
                crossed += result.iterations > _BUDGET[0]
    assert crossed >= 8  # searches that came back at a later tier
    capsys.readouterr()


_OWNER = """
import sys, anyio
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_sweep as here
async def main():
    root, name, resume = Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "resume"
    folder = here.RunFolder.resume(root / name) if resume else here.RunFolder.create(root / name, here._metadata())
    with folder:
        await here.run_sweep(here._plan(root), folder, workers=2, resume=resume)
anyio.run(main)
"""


async def test_a_killed_sweep_is_resumed_to_the_same_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = await _sweep(tmp_path, "whole", workers=2)

    def own(how: str) -> subprocess.Popen[bytes]:
        here = str(Path(__file__).parent)
        return subprocess.Popen(
            [sys.executable, "-c", _OWNER, here, str(tmp_path), "cut", how], stdout=subprocess.DEVNULL
        )

    journal = tmp_path / "cut" / "journal.jsonl"
    how = "new"
    for lines in (3, 9):
        owner = own(how)
        while owner.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= lines):
            time.sleep(0.005)  # noqa: ASYNC251  # nothing else runs in this loop
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        how = "resume"
    owner = own(how)
    assert owner.wait() == 0
    assert _contents(tmp_path / "cut") == whole
    capsys.readouterr()


async def test_a_drained_sweep_says_how_to_go_on_and_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = await _sweep(tmp_path, "whole", workers=2)
    capsys.readouterr()
    plan = _plan(tmp_path)
    with RedisServer() as server:

        async def drain() -> None:
            frontier = RedisFrontier(server.url, plan.manifest.experiment, reconnect_s=10.0)
            while True:
                with suppress(ExperimentMissingError):
                    if (await frontier.stats()).committed >= 3:
                        break
                await anyio.sleep(0.005)
            await frontier.drain()
            await frontier.close()

        with RunFolder.create(tmp_path / "cut", _metadata()) as folder:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(drain)
                assert await run_sweep(plan, folder, url=server.url, workers=1) == 0
            assert folder.metadata.status == "interrupted"
        assert "Drained. Continue with: cellview sweep --resume" in capsys.readouterr().err
        with RunFolder.resume(tmp_path / "cut") as folder:
            assert await run_sweep(plan, folder, url=server.url, workers=2, resume=True) == 0
    assert _contents(tmp_path / "cut") == whole


def _cellview(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cellview.app.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | (env or {}), timeout=240)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sweep",), "There is no corpus to sweep"),
        (("sweep", "CORPUS", "--workers", "-1"), "--workers is -1"),
        (("sweep", "CORPUS", "--seeds", "1,-2"), "--seeds holds -2"),
        (("sweep", "CORPUS", "--interventions", "random_nonpath_control"), "add wild_type to the arms"),
        (("sweep", "CORPUS", "--frontier", "http://:pw@host/", "--out", "OUT"), "is not a frontier"),
        (("sweep", "CORPUS", "--workers", "0", "--out", "OUT"), "give at least 1"),
        (("sweep", "--resume", "OUT"), "is not the folder of a run"),
        (("frontier", "stats", "x", "--url", "redis://127.0.0.1:1/0"), "cannot reach a Redis server at redis://127.0.0.1:1/0"),
        (("frontier", "verify", "--workers", "0"), "--workers: must be a list of whole numbers of at least 1"),
        (("frontier", "verify", "--plant", "gremlin"), "--plant: must be one of worker-seed"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(_CORPUS)
    filled = [part.replace("CORPUS", str(corpus)).replace("OUT", str(tmp_path / "out")) for part in arguments]
    ended = _cellview(*filled)
    assert ended.returncode == 2, ended.stderr
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "pw" not in ended.stderr


def test_frontier_verify_as_a_command() -> None:
    good = _cellview("frontier", "verify", "--tasks", "--workers", "1,3", "--json")
    assert good.returncode == 0, good.stderr
    report = json.loads(good.stdout)
    assert report["holds"]
    assert len(report["state_digests"]) == len(report["trace_digests"]) == 1
    bad = _cellview("frontier", "verify", "--workers", "1,3", "--plant", "worker-seed")
    assert bad.returncode == 1
    assert "do not agree" in bad.stdout


_LEAN_CORPUS = "".join(
    f"[[theorem]]\nid = '{name}'\nstatement = '{statement}'\ntags = []\nprovable = true\n"
    for name, statement in [
        ("swap", "(p q : Prop) : p ∧ q → q ∧ p"),
        ("turn", "(p q r : Prop) : p ∨ q ∨ r → r ∨ q ∨ p"),
        ("hard", "(p q : Prop) : p → q"),
    ]
)


async def test_the_command_on_redis_interrupted_drained_resumed_with_a_password_that_is_told_nowhere(
    tmp_path: Path,
) -> None:
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(_LEAN_CORPUS)
    sweep = ("--interventions", "wild_type,block_intro", "--seeds", "0,1", "--budget", "2,5,20", "--automation", "none",
             "--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "2")  # fmt: skip
    whole = _cellview("sweep", str(corpus), *sweep, "--workers", "2", "--out", str(tmp_path / "whole"), "--json")
    assert whole.returncode == 0, whole.stderr
    totals = json.loads(whole.stdout)["totals"]
    assert (totals["searches"], totals["unprovable_solved"]) == (12, 0)
    assert totals["solved"] >= 4
    with RedisServer(options={"requirepass": "s3cret-horse"}) as server:
        env = {"CELLVIEW_FRONTIER_URL": f"unix://:s3cret-horse@{server.socket}"}
        out = str(tmp_path / "cut")
        command = [sys.executable, "-c", "from cellview.app.cli import main; main()", "sweep", str(corpus), *sweep]
        first = subprocess.Popen(  # noqa: ASYNC220  # nothing else runs in this loop
            [*command, "--workers", "1", "--out", out], env=os.environ | env, stderr=subprocess.PIPE, text=True
        )
        journal = tmp_path / "cut" / "journal.jsonl"
        while first.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
            time.sleep(0.01)  # noqa: ASYNC251
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=60)
        assert first.returncode == 130, told
        assert "cellview sweep --resume" in told
        assert json.loads((tmp_path / "cut" / "run.json").read_text())["status"] == "interrupted"
        counts = _cellview("frontier", "stats", "cut", "--json", env=env)
        assert json.loads(counts.stdout)["leased"] == 0  # handed back, not left to expire
        refused = _cellview("frontier", "clear", "cut", env=env)
        assert refused.returncode == 2
        assert "not committed yet: add --yes" in refused.stderr
        elsewhere = subprocess.Popen(  # noqa: ASYNC220
            [*command[:3], "frontier", "work", "cut"], env=os.environ | env, stderr=subprocess.PIPE, text=True
        )
        resumed = _cellview("sweep", "--resume", out, "--workers", "1", env=env)
        assert resumed.returncode == 0, resumed.stderr
        _, worked = elsewhere.communicate(timeout=60)
        assert elsewhere.returncode == 0, worked
        assert "tickets completed" in worked
        again = _cellview("sweep", str(corpus), *sweep, "--experiment", "cut", "--out", str(tmp_path / "new"), env=env)
        assert again.returncode == 2
        assert "exists already" in again.stderr
        assert "cut is finished already" in _cellview("frontier", "drain", "cut", env=env).stderr
        assert _cellview("frontier", "clear", "cut", env=env).returncode == 0
    said = told + counts.stdout + counts.stderr + resumed.stdout + resumed.stderr + worked + again.stderr
    said += "".join(path.read_text() for path in (tmp_path / "cut").rglob("*") if path.is_file())
    assert "s3cret" not in said
    assert _contents(tmp_path / "cut") == _contents(tmp_path / "whole")
