"""The product's own agents: the same sweep by one process, by four, and by three Ray nodes of which one dies."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.cluster import Artifact, ClusterError, ConfigModel, DistributedConfig, get_executor
from cellview.cluster.arms import (
    ArmOutcome,
    SearchArm,
    SyntheticSpec,
    run_arms,
    save_artifacts,
)
from cellview.cluster.claims.storage import query_claims
from cellview.schedule import BlockPolicy, RandomNonpathPeg, ReroutePolicy, TacticIntervention, parse_intervention
from cellview.search import SearchConfig
from cellview.trace import digest_file


def _arms(*, theorems: int, latency_s: float = 0.0) -> list[SearchArm]:
    wild = SearchConfig(
        agents=3,
        inflight=5,
        budget=(60,),
        block=BlockPolicy(fraction=0.2, duration=4, seed=1),
        reroute=ReroutePolicy(max_attempts=2),
    )
    control = TacticIntervention("control", (RandomNonpathPeg(fraction=0.3, seed=1),))
    arms: list[SearchArm] = []
    for number in range(theorems):
        for intervention in (None, parse_intervention("block_t1"), control):
            config = msgspec.structs.replace(wild, intervention=intervention)
            spec = SyntheticSpec(seed=number, p_close=0.07, p_fail=0.5, latency_s=latency_s)
            arms.append(SearchArm(run="r1", theorem=f"t/{number}", statement=": x", config=config, prover=spec))
    return arms


def _config(path: Path, **keys: Any) -> ConfigModel:
    return ConfigModel(cluster=DistributedConfig(enabled=True, claims_path=str(path), **keys))


def _claims(path: Path) -> list[tuple[Any, ...]]:
    return list(query_claims(path, "SELECT * FROM claims ORDER BY claim_id").rows)


def _digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): digest_file(p) for p in sorted(folder.rglob("*_mcts_trace.jsonl"))}


def _sweep(config: ConfigModel, arms: list[SearchArm], folder: Path, **more: Any) -> list[ArmOutcome]:
    with get_executor(config) as executor:
        return run_arms(executor, arms, write_to=folder, **more).outcomes


@pytest.mark.timeout(200)
def test_one_process_four_processes_and_three_nodes_of_which_one_dies_agree(ray_cluster: Any, tmp_path: Path) -> None:
    arms = _arms(theorems=5, latency_s=0.002)
    one = _sweep(_config(tmp_path / "one.duckdb"), arms, tmp_path / "one")
    four = _sweep(_config(tmp_path / "four.duckdb", executor="process", num_cpus=4), arms, tmp_path / "four")
    assert four == one

    node = {"num_cpus": 1, "object_store_memory": 80_000_000}
    added = [ray_cluster.add_node(**node), ray_cluster.add_node(**node)]
    ray_cluster.wait_for_nodes()
    done: list[str] = []
    killed_after: list[int] = []

    def kill_in_the_middle(label: str) -> None:
        done.append(label)
        if len(done) >= 3 and not killed_after and _kill_one_at_work(ray_cluster, added):
            killed_after.append(len(done))

    try:
        config = _config(tmp_path / "ray.duckdb", executor="ray", task_retries=5)
        ray = _sweep(config, arms, tmp_path / "ray", on_arm_done=kill_in_the_middle)
    finally:
        for left in added:
            ray_cluster.remove_node(left)
    assert killed_after and len(added) == 1, "no added node had work when an arm was done"
    assert ray == one
    assert 3 <= killed_after[0] < len(done) <= len(arms)

    assert {outcome.solved for outcome in one} == {True, False}, "both kinds, or equality says little"
    assert len({outcome.digest for outcome in one}) > len(arms) // 2
    claims = _claims(tmp_path / "one.duckdb")
    assert len(claims) == sum(outcome.stop_reason != "no_wild_type_proof" for outcome in one)
    assert claims == _claims(tmp_path / "four.duckdb") == _claims(tmp_path / "ray.duckdb")
    digests = _digests(tmp_path / "one")
    assert len(digests) == len(claims)
    assert digests == _digests(tmp_path / "four") == _digests(tmp_path / "ray")
    by_name = {f"{o.theorem.replace('/', '%2F')}/{o.intervention}_mcts_trace.jsonl": o.digest for o in one if o.digest}
    assert by_name == digests


def _kill_one_at_work(cluster: Any, nodes: list[Any]) -> bool:
    """Kill one of `nodes` while it runs an arm, and take it from the list; say whether one did so within 10 s.

    Ray's own view of free CPUs lags behind by more than an arm takes, so the worker's title is read instead; and the
    worker is halted before its title is read again, so that its arm cannot end between the look and the kill.
    """
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for node in nodes:
            for worker in _at_work(node):
                os.kill(worker, signal.SIGSTOP)
                if worker not in _at_work(node):
                    os.kill(worker, signal.SIGCONT)
                    continue
                cluster.remove_node(node, allow_graceful=False)
                os.kill(worker, signal.SIGKILL)  # a halted process does not notice that its node is gone
                nodes.remove(node)
                return True
        time.sleep(0.005)
    return False


def _at_work(node: Any) -> list[int]:
    """Process ids of the node's workers that run an arm at this moment."""
    raylet = node.all_processes["raylet"][0].process.pid
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # a worker that ended while we looked
        for task in Path(f"/proc/{raylet}/task").iterdir():
            for text in (task / "children").read_text().split():
                if Path(f"/proc/{text}/cmdline").read_bytes().startswith(b"ray::_execute_agent_remote"):
                    found.append(int(text))
    return found


def test_the_window_is_part_of_the_result_and_the_workers_are_not(tmp_path: Path) -> None:
    """What must change the digest does: otherwise the equality above could not fail."""
    arm = _arms(theorems=2)[3]
    config = msgspec.structs.replace(arm.config, inflight=6)
    wider = msgspec.structs.replace(arm, config=config, theorem="wider")
    with get_executor(ConfigModel()) as executor:
        first, second = run_arms(executor, [arm, wider]).outcomes
    assert first.digest != second.digest


def test_controls_wait_for_the_proof_of_their_wild_type(tmp_path: Path) -> None:
    arms = _arms(theorems=6)
    with get_executor(ConfigModel()) as executor:
        outcomes = run_arms(executor, list(reversed(arms))).outcomes
    assert [o.theorem for o in outcomes] == [arm.theorem for arm in reversed(arms)]
    solved = {o.theorem for o in outcomes if o.intervention == "wild_type" and o.solved}
    assert 0 < len(solved) < 6
    for outcome in outcomes:
        if outcome.intervention == "control":
            assert (outcome.stop_reason == "no_wild_type_proof") == (outcome.theorem not in solved)
            if outcome.solved:
                assert outcome.tactics


def test_seeds_of_one_arm_need_names_for_their_files(tmp_path: Path) -> None:
    arm = _arms(theorems=1)[0]
    seeds = [msgspec.structs.replace(arm, config=msgspec.structs.replace(arm.config, seed=seed)) for seed in (0, 1)]
    with get_executor(ConfigModel()) as executor:
        with pytest.raises(ClusterError, match="files_as"):
            run_arms(executor, seeds)
        named = [msgspec.structs.replace(one, files_as=f"wild_type.seed{one.config.seed}") for one in seeds]
        swept = run_arms(executor, named, write_to=tmp_path)
    outcomes = swept.outcomes
    assert set(swept.seconds) == {one.label for one in named} and min(swept.seconds.values()) > 0
    assert sorted(_digests(tmp_path)) == [f"t%2F0/wild_type.seed{seed}_mcts_trace.jsonl" for seed in (0, 1)]
    assert sorted(_digests(tmp_path).values()) == sorted(str(outcome.digest) for outcome in outcomes)


def test_files_may_go_to_shared_storage_instead(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    config = _config(tmp_path / "c.duckdb", executor="process", num_cpus=1, artifacts_dir=str(shared))
    arms = _arms(theorems=2)[:2]
    outcomes = _sweep(config, arms, tmp_path / "local")
    assert not (tmp_path / "local").exists()
    assert sorted(_digests(shared).values()) == sorted(str(outcome.digest) for outcome in outcomes)


def test_files_of_agents_stay_in_their_folder_and_are_compared(tmp_path: Path) -> None:
    data = b"x"
    good = hashlib.sha256(data).hexdigest()
    with pytest.raises(ClusterError, match="outside"):
        save_artifacts([Artifact(name="../x", sha256=good, data=data)], tmp_path / "in")
    with pytest.raises(ClusterError, match="damaged"):
        save_artifacts([Artifact(name="x", sha256=good, data=b"y")], tmp_path / "in")
    save_artifacts([Artifact(name="a/x", sha256=good, data=data)], tmp_path / "in")
    assert (tmp_path / "in" / "a" / "x").read_bytes() == data
