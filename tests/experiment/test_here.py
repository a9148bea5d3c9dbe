"""The driver of one process: files, order, any number of jobs, refusals, and folders that were cut short."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from cellview.core import SearchConfig
from cellview.experiment import (
    Corpus,
    CorpusTheorem,
    Experiment,
    ExperimentFolder,
    Opened,
    ProverFailedError,
    Setup,
    SyntheticSpec,
    run_here,
)
from cellview.prover import Goal, SyntheticProver, SyntheticProvider
from cellview.prover.errors import StatementError
from cellview.schedule import BlockPolicy, ReroutePolicy, parse_intervention
from cellview.trace import RunFolder, SearchEntry, check_trace, describe_versions, digest_file
from cellview.tree import Tree


class Prover(SyntheticProver):
    """Refuses the statement ``bad``, and breaks down whenever it is asked to `p_timeout`."""

    async def start(self, statement: str) -> Goal:
        if statement == "bad":
            raise StatementError("Lean does not accept the statement 'bad': unknown identifier.")
        return await super().start(statement)


class Openings:
    """Opens provers, and keeps count of it."""

    def __init__(self, *, p_close: float = 0.2, p_timeout: float = 0.0) -> None:
        self._p_close = p_close
        self.imports: list[tuple[str, ...]] = []
        self.open = 0
        self._p_timeout = p_timeout

    @asynccontextmanager
    async def __call__(self, imports: tuple[str, ...]) -> AsyncGenerator[Opened]:
        self.imports.append(imports)
        self.open += 1
        try:
            yield Opened(Prover(1, 4, 0.3, self._p_close, p_timeout=self._p_timeout), SyntheticProvider(4))
        finally:
            self.open -= 1


SEARCH = SearchConfig(
    agents=2, inflight=3, budget=(10, 20), block=BlockPolicy(0.2, 3, 5), reroute=ReroutePolicy(max_attempts=1)
)


def corpus(*names: str, imports: tuple[str, ...] = ()) -> Corpus:
    theorems = (
        CorpusTheorem(id=name, statement=name, tags=(), provable=name != "never", imports=imports) for name in names
    )
    return Corpus(source="some.toml", theorems=tuple(theorems))


def experiment(theorems: Corpus, *arms: str, trace: bool = True, search: SearchConfig = SEARCH) -> Experiment:
    chosen = tuple(map(parse_intervention, arms or ("wild_type",)))
    setup = Setup(search=search, prover=SyntheticSpec(p_close=0.2))
    return Experiment(corpus=theorems, setup=setup, arms=chosen, trace=trace)


async def run(
    chosen: Experiment, path: Path, openings: Openings | None = None, *, jobs: int = 1
) -> tuple[SearchEntry, ...]:
    with ExperimentFolder.create(path, chosen, corpus=b"", versions=describe_versions(), driver={}) as folder:
        await run_here(folder, openings or Openings(), jobs=jobs)
        folder.save("finished")
        return folder.entries()


async def test_a_run_writes_what_it_says(tmp_path: Path) -> None:
    entries = await run(experiment(corpus("a", "never")), tmp_path / "r")
    assert [entry.theorem for entry in entries] == ["a", "never"]
    folder = RunFolder.read(tmp_path / "r")
    assert folder.metadata.results == entries
    for entry in entries:
        trace = folder.trace_path(entry.theorem)
        assert check_trace(trace) == []
        assert digest_file(trace) == entry.digest
        assert len(trace.read_text().splitlines()) == entry.iterations > 0
        tree = Tree.from_json(msgspec.json.decode(folder.tree_path(entry.theorem).read_bytes()))
        assert tree.solved is entry.solved
        assert entry.proof is not None and entry.proof in folder.proof_path(entry.theorem).read_text()
        assert entry.visits == entry.iterations - entry.given_up
        assert entry.tried + entry.held_back == entry.attempts


async def test_jobs_change_nothing_but_the_time(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(7)]
    arms = ("wild_type", "block_t0", "random_nonpath_control")
    found: list[tuple[SearchEntry, ...]] = []
    for jobs in (1, 3, 20):
        found.append(await run(experiment(corpus(*names), *arms), tmp_path / str(jobs), jobs=jobs))
        assert [(r.theorem, r.arm) for r in found[-1]] == [(name, arm) for name in names for arm in arms]
    assert found[0] == found[1] == found[2]


async def test_without_traces_the_digests_are_the_same(tmp_path: Path) -> None:
    with_traces = await run(experiment(corpus("a")), tmp_path / "with")
    without = await run(experiment(corpus("a"), trace=False), tmp_path / "without")
    assert with_traces[0].digest == without[0].digest
    assert not list((tmp_path / "without").rglob("*.jsonl"))


async def test_arms_hold_tactics_back(tmp_path: Path) -> None:
    wild, arm = await run(experiment(corpus("a"), "wild_type", "block_t0"), tmp_path / "r")
    assert (wild.held_back, arm.arm) == (0, "block_t0")
    assert arm.held_back > 0
    text = (tmp_path / "r" / "a" / "block_t0_mcts_trace.jsonl").read_text()
    assert text.count('"outcome":"blocked"') == arm.held_back


async def test_a_control_without_the_wild_types_proof_is_skipped(tmp_path: Path) -> None:
    chosen = experiment(corpus("a"), "wild_type", "random_nonpath_control")
    entries = await run(chosen, tmp_path / "r", Openings(p_close=0.0))
    assert [entry.stop_reason for entry in entries] == ["budget", "no_wild_type_proof"]


async def test_a_bad_statement_costs_its_own_searches_alone(tmp_path: Path) -> None:
    entries = await run(experiment(corpus("a", "bad", "b"), "wild_type", "block_t0"), tmp_path / "r")
    assert [entry.stop_reason for entry in entries if entry.theorem == "bad"] == ["statement_error"] * 2
    assert all(entry.iterations for entry in entries if entry.theorem != "bad")


async def test_a_run_whose_prover_failed_everywhere_has_no_result(tmp_path: Path) -> None:
    chosen = experiment(corpus("a", "b"))
    with ExperimentFolder.create(tmp_path / "r", chosen, corpus=b"", versions=describe_versions(), driver={}) as folder:
        await run_here(folder, Openings(p_timeout=1.0))
        with pytest.raises(ProverFailedError, match="broke down in every search"):
            folder.require_a_result()
        folder.save("failed")
        assert not folder.folder.metadata.reproducible
        reasons = folder.folder.metadata.not_reproducible_because
        assert len(reasons) == 2 and all("infrastructure failed" in reason for reason in reasons)
    with ExperimentFolder.create(tmp_path / "s", chosen, corpus=b"", versions=describe_versions(), driver={}) as folder:
        await run_here(folder, Openings(p_timeout=0.05))
        folder.require_a_result()  # it broke down now and then
        folder.save("finished")
        assert not folder.folder.metadata.reproducible


@pytest.mark.parametrize("keep", [0, 1, 700, 5000, 10**9])
async def test_a_run_that_was_cut_short_goes_on_to_the_same_end(tmp_path: Path, keep: int) -> None:
    chosen = experiment(corpus("a", "b"), "wild_type", "random_nonpath_control")
    whole = await run(chosen, tmp_path / "whole")
    await run(chosen, tmp_path / "cut")
    with RunFolder.resume(tmp_path / "cut") as folder:
        # As SIGKILL leaves it: theorem a is done in one arm, whose results are known; another trace ends anywhere.
        folder.update(status="running", results=folder.metadata.results[:1])
        trace = folder.trace_path("a", arm="random_nonpath_control")
        trace.write_bytes(trace.read_bytes()[:keep])
        for path in (tmp_path / "cut" / "b").iterdir():
            path.unlink()
        again = ExperimentFolder(folder, chosen)
        await run_here(again, Openings())
        assert again.entries() == whole
    for path in (tmp_path / "whole").rglob("*.*"):
        other = tmp_path / "cut" / path.relative_to(tmp_path / "whole")
        if path.suffix == ".jsonl":
            assert digest_file(other) == digest_file(path)
        elif path.name != "run.json":
            assert other.read_bytes() == path.read_bytes()


async def test_one_prover_for_theorems_with_the_same_imports(tmp_path: Path) -> None:
    openings = Openings()
    mixed = Corpus(source="x", theorems=(*corpus("a", "b").theorems, *corpus("c", imports=("M",)).theorems))
    await run(experiment(mixed), tmp_path / "r", openings)
    assert openings.imports == [(), ("M",)]
    assert openings.open == 0
