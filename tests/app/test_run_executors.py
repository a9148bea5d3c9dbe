"""``cellview run`` on every executor: equal folders, mistakes as one sentence, interruption and resumption."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cellview.frontier.redis.server import RedisServer
from cellview.trace import RunFolder, digest_file

_CORPUS = "".join(
    f"[[theorem]]\nid = '{name}'\nstatement = '{statement}'\ntags = []\nprovable = {provable}\n"
    for name, statement, provable in [
        ("swap", "(p q : Prop) : p ∧ q → q ∧ p", "true"),
        ("turn", "(p q r : Prop) : p ∨ q ∨ r → r ∨ q ∨ p", "true"),
        ("hard", "(p q : Prop) : p → q", "false"),
    ]
)
_SEARCH = ("--interventions", "wild_type,block_intro", "--seeds", "0,1", "--budget", "2,5,20", "--automation", "none",
           "--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "2", "--trace-mcts")  # fmt: skip
_COMMAND = [sys.executable, "-c", "from cellview.app.cli import main; main()"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(_CORPUS)
    return path


def cellview(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_COMMAND, *arguments], capture_output=True, text=True, env=os.environ | (env or {}), timeout=280
    )


def contents(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"run.json": RunFolder.read(folder).metadata.repeatable()}
    for path in sorted(folder.glob("*/*")):
        name = str(path.relative_to(folder))
        found[name] = digest_file(path) if path.suffix == ".jsonl" else path.read_text()
    return found


def test_every_executor_writes_the_same_folder(tmp_path: Path, corpus: Path) -> None:
    ways = {
        "here": ("--jobs", "2"),
        "frontier": ("--executor", "frontier", "--workers", "2"),
        "process": ("--executor", "process", "--workers", "2"),
    }
    found: list[dict[str, Any]] = []
    report: dict[str, Any] = {}
    for name, way in ways.items():
        out = tmp_path / name
        ended = cellview("run", str(corpus), *_SEARCH, "--name", "small", *way, "--out", str(out), "--json")
        assert ended.returncode == 0, ended.stderr
        report = json.loads(ended.stdout)
        assert (report["totals"]["searches"], report["totals"]["unprovable_solved"]) == (12, 0)
        assert report["totals"]["solved"] >= 4
        assert {row["seed"] for row in report["theorems"]} == {0, 1}
        found.append(contents(out))
    assert found[0] == found[1] == found[2]
    replayed = cellview("trace", "replay", str(tmp_path / "frontier"))
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    database = str(tmp_path / "process" / "claims.duckdb")
    claims = cellview(
        "claims", "query", "SELECT * FROM claims WHERE status = 'solved'", "--json", "--database", database
    )
    assert claims.returncode == 0, claims.stderr
    assert len(json.loads(claims.stdout)) == report["totals"]["solved"]


def test_a_ray_cluster_writes_the_same_folder(tmp_path: Path, corpus: Path) -> None:
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    # Ray's own store of shared objects takes a third of the memory unless told otherwise.
    small = {"CELLVIEW_CLUSTER_OBJECT_STORE_BYTES": "80000000", "CELLVIEW_CLUSTER_NUM_CPUS": "2"}
    found: list[dict[str, Any]] = []
    for name in ("here", "ray"):
        out = tmp_path / name
        options = ("--prover", "synthetic", "--name", "small", "--executor", name, "--out", str(out))
        ended = cellview("run", str(corpus), *_SEARCH, *options, env=small if name == "ray" else None)
        assert ended.returncode == 0, ended.stderr
        found.append(contents(out))
    assert found[0] == found[1]
    assert len(found[0]) > 12


def limit_file_size() -> None:
    """Make every write beyond so many bytes of a file fail, as a full disk does; workers inherit it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (14_000, 14_000))


@pytest.mark.parametrize("executor", ["frontier", "process"])
def test_a_full_disk_at_a_worker_sets_nothing_aside(executor: str, tmp_path: Path, corpus: Path) -> None:
    options = ("--prover", "synthetic", "--name", "small")
    assert cellview("run", str(corpus), *_SEARCH, *options, "--out", str(tmp_path / "whole")).returncode == 0
    out = tmp_path / "full"
    full = subprocess.run(
        [*_COMMAND, "run", str(corpus), *_SEARCH, *options, "--executor", executor, "--out", str(out)],
        capture_output=True,
        text=True,
        preexec_fn=limit_file_size,
    )
    assert full.returncode == 2, full.stderr
    assert "File too large" in full.stderr
    assert "Traceback" not in full.stderr
    resumed = cellview("run", "--resume", str(out))
    assert resumed.returncode == 0, resumed.stderr
    assert contents(out) == contents(tmp_path / "whole")


def test_an_experiment_is_a_file_and_options_win_over_it(tmp_path: Path, corpus: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(
        f'[experiment]\nname = "held-back"\nquestion = "Does it matter?"\n'
        f'[[hypothesis]]\nfamily = "primary"\nmeasure = "solve_rate_difference"\narms = ["block_intro", "wild_type"]\n'
        f'[run]\ncorpus = "{corpus}"\ninterventions = ["wild_type", "block_intro"]\nseeds = "0-1"\n'
        f'prover = "synthetic"\n'
        f'budget = [2, 3]\nmcts-mode = "distributed"\nmcts-agents = 2\nmcts-inflight = 2\n'
        f'[cluster]\nexecutor = "process"\nnum-cpus = 2\n'
    )
    out = tmp_path / "out"
    ended = cellview("run", str(file), "--budget", "4", "--out", str(out), "--json", env={"CELLVIEW_RUN_SEEDS": "5"})
    assert ended.returncode == 0, ended.stderr
    metadata = RunFolder.read(out).metadata
    assert metadata.experiment.name == "held-back"
    assert metadata.experiment.plan_digest is not None
    assert metadata.config["hypotheses"][0]["family"] == "primary"
    assert metadata.config["setup"]["search"]["budget"] == [4]  # typed, over the file
    assert metadata.seeds == (5,)  # the environment, over the file
    assert metadata.driver["executor"] == "process"  # [cluster] is heard
    assert metadata.backend.prover == "synthetic"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "CORPUS", "--executor", "frontier", "--workers", "-1"), "--workers"),
        (("run", "CORPUS", "--seeds", "1,-2"), "--seeds"),
        (("run", "CORPUS", "--interventions", "random_nonpath_control"), "add wild_type to the arms"),
        (("run", "CORPUS", "--frontier", "http://:pw@host/", "--out", "OUT"), "is not a frontier"),
        (("run", "CORPUS", "--frontier", "redis://h/", "--executor", "process", "--out", "OUT"), "does not go with"),
        (("run", "CORPUS", "--executor", "frontier", "--workers", "0", "--out", "OUT"), "give at least 1"),
        (("run", "--resume", "OUT"), "is not the folder of a run"),
        (("run", "--resume", "OUT", "--seeds", "1"), "leave out --seeds"),
        (("run", "EXPERIMENT", "--config", "EXPERIMENT"), "leave out --config"),
        (("run", "EXPERIMENT"), "unknown table [rum]"),
        (("sweep", "CORPUS"), "No such command"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence_and_leave_nothing(
    arguments: tuple[str, ...], says: str, tmp_path: Path, corpus: Path
) -> None:
    experiment = tmp_path / "experiment.toml"
    experiment.write_text("[run]\nseeds = 1\n[rum]\n")
    names = {"CORPUS": str(corpus), "OUT": str(tmp_path / "out"), "EXPERIMENT": str(experiment)}
    ended = cellview(*(names.get(part, part) for part in arguments))
    assert ended.returncode == 2, ended.stderr
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "pw" not in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["experiment.toml", "small.toml"]


def test_an_interrupted_run_goes_on_with_another_executor(tmp_path: Path, corpus: Path) -> None:
    whole = tmp_path / "whole"
    assert cellview("run", str(corpus), *_SEARCH, "--name", "x", "--out", str(whole)).returncode == 0
    for first, second in ((("--jobs", "1"), ("--executor", "process")), (("--executor", "process"), ("--jobs", "2"))):
        out = tmp_path / f"cut-{first[1]}"
        run = subprocess.Popen(
            [*_COMMAND, "run", str(corpus), *_SEARCH, "--name", "x", *first, "--out", str(out)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        while run.poll() is None and not list(out.glob("*/*_mcts_tree.json")):
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
        assert run.returncode == 130, told
        assert f"cellview run --resume {out}" in told
        assert RunFolder.read(out).metadata.status == "interrupted"
        resumed = cellview("run", "--resume", str(out), *second)
        assert resumed.returncode == 0, resumed.stderr
        assert contents(out) == contents(whole)
        assert RunFolder.read(out).metadata.resumed == 1


def test_on_redis_interrupted_drained_resumed_with_a_password_that_is_told_nowhere(
    tmp_path: Path, corpus: Path
) -> None:
    whole = tmp_path / "whole"
    assert cellview("run", str(corpus), *_SEARCH, "--name", "cut", "--out", str(whole)).returncode == 0
    with RedisServer(options={"requirepass": "s3cret-horse"}) as server:
        env = {"CELLVIEW_FRONTIER_URL": f"unix://:s3cret-horse@{server.socket}"}
        out = tmp_path / "cut"
        run = ("run", str(corpus), *_SEARCH, "--name", "cut", "--executor", "frontier")
        first = subprocess.Popen(
            [*_COMMAND, *run, "--workers", "1", "--out", str(out)],
            env=os.environ | env,
            stderr=subprocess.PIPE,
            text=True,
        )
        journal = out / "journal.jsonl"
        while first.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
            time.sleep(0.01)
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=60)
        assert first.returncode == 130, told
        assert f"cellview run --resume {out}" in told
        assert RunFolder.read(out).metadata.status == "interrupted"
        counts = cellview("frontier", "stats", "cut", "--json", env=env)
        assert json.loads(counts.stdout)["leased"] == 0  # handed back, not left to expire
        forgotten = cellview("run", "--resume", str(out), env={"CELLVIEW_FRONTIER_URL": ""})
        assert forgotten.returncode == 2
        assert "give --frontier or CELLVIEW_FRONTIER_URL again" in forgotten.stderr  # never memory in silence
        resumed = cellview("run", "--resume", str(out), "--workers", "2", env=env)
        assert resumed.returncode == 0, resumed.stderr
        again = cellview(*run, "--out", str(tmp_path / "new"), env=env)
        assert again.returncode == 2
        assert "exists already" in again.stderr
        assert cellview("frontier", "clear", "cut", env=env).returncode == 0
    said = told + counts.stdout + counts.stderr + resumed.stdout + resumed.stderr + again.stderr
    said += "".join(path.read_text() for path in out.rglob("*") if path.is_file())
    assert "s3cret" not in said
    assert contents(out) == contents(whole)
