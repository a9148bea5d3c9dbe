"""Run folders in, tables out: the same bytes in whatever order, and nothing confirmatory by accident."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.core import SearchConfig
from cellview.experiment import (
    Experiment,
    ExperimentFolder,
    Setup,
    SyntheticSpec,
    opener_of,
    parse_corpus,
    run_here,
)
from cellview.measures import (
    Analysis,
    CellsError,
    MissingExtraError,
    PlanError,
    SolvedNonTheoremError,
    UnequalRunsError,
    analyse,
    load,
    pair,
    read_plan,
    render_analysis,
)
from cellview.schedule import BlockPolicy, ReroutePolicy, parse_intervention, unit_draw
from cellview.trace import RunFolder, RunFolderError, describe_versions
from cellview.tree import TreeConfig

Ran = Callable[..., Awaitable[Path]]

CORPUS = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\nprovable = true\n" for number in range(12))

PLAN = """
[experiment]
name = "synthetic"
question = "Does the tactic t1 matter?"
[design]
seeds = [0, 1]
budget = [40]
[[arm]]
name = "wild_type"
[[hypothesis]]
measure = "solve_rate_difference"
arms = ["block_t1", "wild_type"]
sesoi = 0.1
[[hypothesis]]
measure = "restricted_mean_difference"
arms = ["block_t1", "wild_type"]
[[hypothesis]]
measure = "log_work_ratio"
family = "secondary"
arms = ["block_t1", "wild_type"]
[analysis]
seed = 7
bootstrap = 499
permutations = 499
"""


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """Run an experiment on the synthetic prover, and return its folder."""

    async def run(
        name: str,
        *,
        search: dict[str, Any] | None = None,
        arms: tuple[str, ...] = ("wild_type", "block_t1"),
        seeds: tuple[int, ...] = (0, 1),
        corpus: str = CORPUS,
        plan: Path | None = None,
        p_close: float = 0.06,
    ) -> Path:
        config: dict[str, Any] = {"agents": 4, "inflight": 4, "budget": (40,)} | (search or {})
        config = {key: value for key, value in config.items() if value is not None}
        setup = Setup(search=SearchConfig(**config), prover=SyntheticSpec(seed=3, p_fail=0.5, p_close=p_close))
        experiment = Experiment(
            corpus=parse_corpus(corpus),
            setup=setup,
            arms=tuple(parse_intervention(arm) for arm in arms),
            seeds=seeds,
            name="synthetic",
        )
        digest = None if plan is None else read_plan(plan).digest
        with ExperimentFolder.create(
            tmp_path / name,
            experiment,
            corpus=corpus.encode(),
            versions=describe_versions(),
            driver={},
            plan_digest=digest,
        ) as folder:
            opener = await opener_of(experiment.setup.prover, experiment.setup.provider, None)
            await run_here(folder, opener)
            folder.save("finished")
        return tmp_path / name

    return run


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def bytes_of(analysis: Analysis) -> bytes:
    return msgspec.json.encode(analysis) + render_analysis(analysis).encode()


async def test_cells_are_what_the_run_says(ran: Ran) -> None:
    folder = await ran("one")
    cells = load(folder)
    metadata = RunFolder.read(folder).metadata
    assert len(cells) == len(metadata.results) == 48
    by_key = {(entry.theorem, entry.arm, entry.seed): entry for entry in metadata.results}
    for cell in cells:
        entry = by_key[cell.theorem, cell.arm, cell.seed]
        assert (cell.solved, cell.iterations, cell.tried) == (entry.solved, entry.iterations, entry.tried)
        assert (cell.proof_hash is not None) == cell.solved
    assert {cell.status for cell in cells} >= {"solved", "exhausted"}
    assert cells.runs[0].budget == 40
    assert not cells.figures


def move(folder: Path, where: str) -> Path:
    moved = folder.parent / where / folder.name
    moved.parent.mkdir()
    return folder.rename(moved)


async def test_the_same_folders_in_another_order_give_the_same_bytes(ran: Ran, plan: Path) -> None:
    one = await ran("one", plan=plan)
    two = await ran("two", search={"block": BlockPolicy(0.3, -1, 0), "reroute": ReroutePolicy(2)}, arms=("wild_type",))
    first = analyse([one, two])
    assert bytes_of(first) == bytes_of(analyse([two, one]))
    assert bytes_of(analyse(one, plan=plan)) == bytes_of(analyse([one], plan=read_plan(plan)))
    # Nor does it matter where they lie.
    moved = move(one, "elsewhere")
    assert bytes_of(first) == bytes_of(analyse([two, moved]))


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


async def test_confirmatory_only_with_the_plan_it_was_started_with(ran: Ran, plan: Path) -> None:
    folder = await ran("one", plan=plan)
    found = analyse(folder, plan=plan, traces=False)
    assert (found.status, found.why_exploratory) == ("confirmatory", ())
    assert found.title.startswith("Confirmatory: synthetic (experiment ")
    assert [row.holm_p is None for row in found.contrasts] == [False, False, True]
    assert found.contrasts[0].holm_p == min(1, 2 * min(row.contrast.p or 0 for row in found.contrasts[:2])) or (
        found.contrasts[0].holm_p == max(row.contrast.p or 0 for row in found.contrasts[:2])
    )
    assert analyse(folder, traces=False).why_exploratory == ("there is no preregistration",)
    edit(plan, "0.1", "0.2")
    later = analyse(folder, plan=plan, traces=False)
    assert later.status == "exploratory"
    assert "another preregistration" in later.why_exploratory[0]
    assert "Exploratory, since one was started with another preregistration" in render_analysis(later)


async def test_a_plan_that_names_an_arm_that_nobody_ran(ran: Ran, plan: Path) -> None:
    folder = await ran("one", arms=("wild_type",))
    with pytest.raises(PlanError, match="names the arm block_t1"):
        analyse(folder, plan=plan, traces=False)


async def test_unequal_runs_do_not_pair(ran: Ran) -> None:
    one, two = await ran("one"), await ran("two", search={"agents": 2, "inflight": 2})
    a, b = load(one)["wild_type"], load(two)["wild_type"]
    with pytest.raises(UnequalRunsError, match=r"differ in search\.agents"):
        pair(a, b)
    assert len(pair(a, b, factor=["agents", "inflight"])) == 24


async def test_traces_are_replayed_and_their_figures_averaged(ran: Ran) -> None:
    found = analyse(await ran("one"))
    figures = {(row.arm, row.figure, row.among): row for row in found.traces}
    together = figures["wild_type", "aggregation_excess", "all"]
    assert together.null == 0 and together.p is not None and together.theorems <= 12
    assert (
        figures["wild_type", "gain_excess", "solved"].searches
        + figures["wild_type", "gain_excess", "unsolved"].searches
        == 24
    )
    inflight = figures["wild_type", "mean_inflight", "all"].mean
    assert inflight is not None and 1 <= inflight <= 4
    text = render_analysis(found)
    assert "Figures of traces" in text and "Non-theorems solved: 0." in text


async def test_baselines_have_their_tables(ran: Ran) -> None:
    wild = ("wild_type",)
    centralized = {"mode": "centralized", "agents": None, "inflight": None}
    folders = [
        await ran("agents", arms=wild),
        await ran("centralized", arms=wild, search=centralized),
        await ran("blind", arms=wild, search={**centralized, "tree": TreeConfig(selection="blind")}),
    ]
    found = analyse(folders, traces=False)
    assert [(row.arm, row.reference) for row in found.work] == [("agents/wild_type", "centralized/wild_type")]
    assert {row.arm: row.blind for row in found.efficiency} == {
        "agents/wild_type": "blind/wild_type",
        "centralized/wild_type": "blind/wild_type",
    }
    assert all(row.theorems == row.exact + row.lower + row.upper + row.undetermined for row in found.efficiency)
    assert [(row.arm, row.why_no_wall) for row in found.speed] == [
        ("agents/wild_type", "2 repeats, and seconds want 5")
    ]
    assert "seconds are not compared, 2 repeats" in render_analysis(found)


async def test_tolerance_against_the_wild_types_own_proofs(ran: Ran) -> None:
    wild = ("wild_type",)
    folders = [await ran("free", arms=wild, p_close=0.15)]
    for fraction in (0.1, 0.3):
        policies = {"block": BlockPolicy(fraction, -1, 0), "reroute": ReroutePolicy(2)}
        folders.append(await ran(f"frozen-{fraction}", arms=wild, search=policies, p_close=0.15))
    (table,) = analyse(folders).freezing
    assert [row.fraction for row in table.rows] == [0.0, 0.1, 0.3]
    cells = load(folders, traces=True)
    for row in table.rows[1:]:
        expected: list[float] = []
        for theorem, searches in cells["free/wild_type"].by_theorem().items():
            kept = 0
            for cell in searches:
                figure = cells.figures_of(cell)
                assert figure is not None and theorem == cell.theorem
                frozen = [unit_draw(cell.seed, "block", key) < row.fraction for key in figure.proof_keys]
                kept += cell.solved and not any(frozen)
            expected.append(kept / len(searches))
        assert row.excess is not None and row.solve_rate is not None and row.no_compensation is not None
        assert row.no_compensation == pytest.approx(sum(expected) / len(expected))
        assert row.excess == pytest.approx(row.solve_rate - row.no_compensation)
        assert row.realised is not None and abs(row.realised - row.fraction) < 0.25
    # A search that keeps its own proof free of ice finds one; so nobody can do worse than the null by much.
    assert all((row.excess or 0) > -0.2 for row in table.rows)


async def test_a_proved_non_theorem_stops_everything(ran: Ran) -> None:
    corpus = CORPUS.replace("provable = true", "provable = false")
    folder = await ran("wrong", corpus=corpus, p_close=0.3)
    with pytest.raises(SolvedNonTheoremError, match="wrong has proved t"):
        load(folder)


async def test_non_theorems_are_in_no_denominator(ran: Ran) -> None:
    corpus = CORPUS + "[[theorem]]\nid = 'false'\nstatement = ': F'\nprovable = false\n"
    folder = await ran("one", corpus=corpus, p_close=0.0)
    assert {cell.theorem for cell in load(folder)} == {f"t{number}" for number in range(12)}


def linked(folder: Path, where: Path) -> Path:
    where.mkdir()
    (where / folder.name).symlink_to(folder)
    return where / folder.name


async def test_folders_that_cannot_be_told_apart_or_are_none(ran: Ran, tmp_path: Path) -> None:
    one = await ran("one", arms=("wild_type",), seeds=(0,))
    copy = linked(one, tmp_path / "copies")
    with pytest.raises(RunFolderError, match=r"has no run\.json"):
        load(tmp_path / "copies")
    with pytest.raises(CellsError, match="two of the folders are called one"):
        load([one, copy])
    with pytest.raises(CellsError, match="no search"):
        load([])


async def test_runs_of_format_1_are_read_and_their_traces_counted(ran: Ran) -> None:
    folder = await ran("one", arms=("wild_type",), seeds=(0,))
    then = load(folder)
    as_format_1(folder)
    cells = load(folder)
    assert [(c.theorem, c.status, c.iterations, c.tried, c.visits) for c in cells] == [
        (c.theorem, c.status, c.iterations, c.tried, c.visits) for c in then
    ]
    assert (cells.runs[0].schedule_version, cells.runs[0].budget, cells.runs[0].window) == (1, 40, 4)
    with pytest.raises(UnequalRunsError, match="differ in"):
        pair(cells, then)
    found = analyse(folder)
    assert found.arms[0].theorems == 12
    # Its draws are of another schedule: what needs a replay is left out, the records are measured.
    assert {row.figure for row in found.traces} >= {"mean_inflight", "jain_tried"}
    assert not {row.figure for row in found.traces} & {"staleness", "gain"}


def as_format_1(folder: Path) -> None:
    """Write a run.json as Cellview 0.1 did."""
    path = folder / "run.json"
    now = msgspec.json.decode(path.read_bytes())
    names = ("theorem", "arm", "solved", "provable", "iterations", "attempts", "stop_reason", "proof", "digest")
    old = {name: now[name] for name in ("status", "created", "finished", "corpus", "versions", "host", "git", "trace")}
    results = [{"seconds": 0.1, **{name: entry[name] for name in names}} for entry in now["results"]]
    search = now["config"]["setup"]["search"]
    config = {"options": {"automation": "none"}, "search": search, "arms": now["config"]["arms"]}
    old |= {"format": 1, "config": config, "seeds": {"run": 0}, "results": results}
    path.write_bytes(msgspec.json.encode(old))


async def test_a_folder_that_was_edited_has_no_traces_to_offer(ran: Ran) -> None:
    folder = await ran("one", arms=("wild_type",), seeds=(0,))
    edit(folder / "corpus.toml", ": T1", ": U1")
    with pytest.raises(CellsError, match=r"--no-traces \(traces=False\)"):
        load(folder, traces=True)
    assert len(load(folder)) == 12


async def test_arrival_order_is_measured_from_records_alone(ran: Ran) -> None:
    folder = await ran("arrival", arms=("wild_type",), seeds=(0,), search={"commit": "arrival"})
    # Nothing of such a run repeats, so its searches are no cases by default.
    assert all(cell.status == "missing" and cell.why == "not_reproducible" for cell in load(folder))
    cells = load(folder, exclude=(), traces=True)
    figures = [cells.figures_of(cell) for cell in cells]
    assert all(figure is not None and figure.staleness is None and figure.mean_inflight for figure in figures)
    assert all(figure is not None and figure.why_no_replay == "committed in order of arrival" for figure in figures)


async def test_without_numpy_one_arm_is_a_sentence_too(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = await ran("alone", arms=("wild_type",), seeds=(0,))
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match=r"needs numpy: run pip install 'cellview\[measures\]'"):
        analyse(load(folder))
