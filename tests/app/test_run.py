"""The corpus runner, on the synthetic prover: rows, files, order, and the same results for any number of jobs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from cellview.app.backend import Backend
from cellview.app.errors import RunError
from cellview.app.plan import RunPlan
from cellview.app.progress import reporter_for
from cellview.app.report import Row, print_report, report_of
from cellview.app.run import execute, require_accepted
from cellview.prover import Goal, SyntheticProver, SyntheticProvider
from cellview.prover.errors import StatementError
from cellview.schedule import BlockPolicy, ReroutePolicy, parse_intervention
from cellview.search import SearchConfig
from cellview.search.corpus import Corpus, CorpusTheorem
from cellview.trace import RunFolder, RunMetadata, check_trace, describe_host, describe_versions, digest_file
from cellview.tree import Tree


class Prover(SyntheticProver):
    """Refuses the statement ``bad``."""

    async def start(self, statement: str) -> Goal:
        if statement == "bad":
            raise StatementError("Lean does not accept the statement 'bad': unknown identifier.")
        return await super().start(statement)


class Opened:
    """Opens synthetic backends, and remembers for which imports."""

    def __init__(self) -> None:
        self.imports: list[tuple[str, ...]] = []
        self.open = 0

    @asynccontextmanager
    async def __call__(self, imports: tuple[str, ...]) -> AsyncGenerator[Backend]:
        self.imports.append(imports)
        self.open += 1
        try:
            yield Backend(Prover(6, p_close=0.12, latency_s=(0.0, 0.001)), SyntheticProvider())
        finally:
            self.open -= 1


CONFIG = SearchConfig(
    mode="distributed", agents=3, inflight=4, budget=(5, 40), block=BlockPolicy(0.3, 4, 0), reroute=ReroutePolicy(2)
)


def corpus(*names: str, imports: tuple[str, ...] = ()) -> Corpus:
    theorems = (
        CorpusTheorem(id=name, statement=name, tags=(), provable=name != "never", imports=imports) for name in names
    )
    return Corpus(source="some.toml", theorems=tuple(theorems))


def plan(theorems: Corpus, *arms: str, trace: bool = True, jobs: int = 1, config: SearchConfig = CONFIG) -> RunPlan:
    chosen = tuple(map(parse_intervention, arms or ("wild_type",)))
    return RunPlan(corpus=theorems, arms=chosen, config=config, trace=trace, jobs=jobs)


def folder_in(path: Path) -> RunFolder:
    metadata = RunMetadata(
        created="2026-01-01T00:00:00Z", config={}, seeds={"run": 0}, versions=describe_versions(), host=describe_host()
    )
    return RunFolder.create(path, metadata)


async def run(chosen: RunPlan, path: Path, opened: Opened | None = None) -> list[Row]:
    quiet = reporter_for(Console(quiet=True), total=chosen.searches)
    with folder_in(path) as folder, quiet:
        return await execute(chosen, folder, opened or Opened(), quiet)


async def test_a_run_writes_what_it_says(tmp_path: Path) -> None:
    rows = await run(plan(corpus("a", "never")), tmp_path / "r")
    assert [row.id for row in rows] == ["a", "never"]
    folder = RunFolder.read(tmp_path / "r")
    for row in rows:
        trace = folder.trace_path(row.id)
        assert check_trace(trace) == []
        assert digest_file(trace) == row.digest
        assert len(trace.read_text().splitlines()) == row.iterations > 0
        tree = Tree.from_json(msgspec.json.decode(folder.tree_path(row.id).read_bytes()))
        assert tree.solved is row.solved
        assert row.proof is not None and folder.proof_path(row.id).read_text() == row.proof
        result = folder.metadata.result_of(row.id)
        assert result is not None and (result.digest, result.iterations) == (row.digest, row.iterations)


async def test_jobs_change_nothing_but_the_time(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(7)]
    arms = ("wild_type", "block_t0", "random_nonpath_control")
    outcomes: list[list[Row]] = []
    for jobs in (1, 3, 20):
        rows = await run(plan(corpus(*names), *arms, jobs=jobs), tmp_path / str(jobs))
        outcomes.append([msgspec.structs.replace(row, seconds=0.0) for row in rows])
        stored = RunFolder.read(tmp_path / str(jobs)).metadata.results
        assert [(r.theorem, r.arm) for r in stored] == [(name, arm) for name in names for arm in arms]
    assert outcomes[0] == outcomes[1] == outcomes[2]


async def test_without_traces_the_digests_are_the_same(tmp_path: Path) -> None:
    with_traces = await run(plan(corpus("a")), tmp_path / "with")
    without = await run(plan(corpus("a"), trace=False), tmp_path / "without")
    assert with_traces[0].digest == without[0].digest
    assert not list((tmp_path / "without").rglob("*.jsonl"))


async def test_arms_hold_tactics_back(tmp_path: Path) -> None:
    rows = await run(plan(corpus("a"), "wild_type", "block_t0"), tmp_path / "r")
    assert [row.intervention for row in rows] == [msgspec.UNSET, "block_t0"]
    text = (tmp_path / "r" / "a" / "block_t0_mcts_trace.jsonl").read_text()
    assert '"outcome":"blocked"' in text
    assert '"outcome":"blocked"' not in (tmp_path / "r" / "a" / "wild_type_mcts_trace.jsonl").read_text()


async def test_a_control_without_the_wild_types_proof_is_skipped(tmp_path: Path) -> None:
    short = msgspec.structs.replace(CONFIG, budget=(1,))
    rows = await run(plan(corpus("a"), "wild_type", "random_nonpath_control", config=short), tmp_path / "r")
    assert [row.stop_reason for row in rows] == ["budget", "no_wild_type_proof"]


async def test_a_bad_statement_costs_its_own_searches_alone(tmp_path: Path) -> None:
    rows = await run(plan(corpus("a", "bad", "b"), "wild_type", "block_t0"), tmp_path / "r")
    assert [row.stop_reason for row in rows if row.id == "bad"] == ["statement_error", "statement_error"]
    assert all(row.iterations for row in rows if row.id != "bad")
    with pytest.raises(RunError, match=r"some\.toml: Lean does not accept the statement of bad"):
        require_accepted(rows, corpus="some.toml")
    require_accepted([row for row in rows if row.id != "bad"], corpus="some.toml")


@pytest.mark.parametrize("keep", [0, 1, 700, 5000, 10**9])
async def test_a_run_that_was_cut_short_goes_on_to_the_same_end(tmp_path: Path, keep: int) -> None:
    arms = ("wild_type", "random_nonpath_control")
    whole = await run(plan(corpus("a", "b"), *arms), tmp_path / "whole")
    await run(plan(corpus("a", "b"), *arms), tmp_path / "cut")
    with RunFolder.resume(tmp_path / "cut") as folder:
        # As SIGKILL leaves it: theorem a is done in one arm, whose results are known; another trace ends anywhere.
        first = folder.metadata.results[0]
        folder.update(status="running", results=(first,))
        trace = folder.trace_path("a", arm="random_nonpath_control")
        trace.write_bytes(trace.read_bytes()[:keep])
        for path in (tmp_path / "cut" / "b").iterdir():
            path.unlink()
        quiet = reporter_for(Console(quiet=True), total=4)
        again = await execute(plan(corpus("a", "b"), *arms), folder, Opened(), quiet)
    assert [msgspec.structs.replace(row, seconds=0.0) for row in again] == [
        msgspec.structs.replace(row, seconds=0.0) for row in whole
    ]
    for path in (tmp_path / "whole").rglob("*.*"):
        other = tmp_path / "cut" / path.relative_to(tmp_path / "whole")
        if path.suffix == ".jsonl":
            assert digest_file(other) == digest_file(path)
        elif path.name != "run.json":
            assert other.read_bytes() == path.read_bytes()


async def test_one_prover_for_theorems_with_the_same_imports(tmp_path: Path) -> None:
    opened = Opened()
    mixed = Corpus(source="x", theorems=(*corpus("a", "b").theorems, *corpus("c", imports=("M",)).theorems))
    await run(plan(mixed), tmp_path / "r", opened)
    assert opened.imports == [(), ("M",)]
    assert opened.open == 0


def test_the_table_fits_eighty_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = Row(
        id="a_rather_long_name_of_a_theorem_about_lists_and_naturals",
        solved=True,
        provable=True,
        iterations=123456,
        attempts=1234567,
        seconds=1234.5,
        proof="theorem t : True := by\n  skip\n  trivial\n",
        digest=None,
        stop_reason="solved",
    )
    other = msgspec.structs.replace(row, id="n", solved=False, provable=False, intervention="random_nonpath_control")
    print_report(report_of("runs/x", [row, other], seconds=3.0), Console(width=80, highlight=False))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    figures = "246912 iterations, 2469134 tactics, 3.0 s."
    words = " ".join(printed.split())
    assert f"Proved 1 of 1 searches for theorems (100.0 %) and 0 of 1 non-theorems. {figures}" in words
