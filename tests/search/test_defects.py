"""One test for each defect that must not come back. Those of the tree alone stand in ``tests/tree/test_rules.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import pytest

from cellview.core import Progress
from cellview.prover import Failure, Goal, Preview, Suggestion, SyntheticProver, SyntheticProvider, Verification
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.search import SearchConfig, SearchResult, replay, search
from cellview.trace import AbortRecord, IterationRecord, NullTraceWriter, Record, TraceWriteError
from cellview.tree import AgentProfile, TreeConfig


class KeptTrace(NullTraceWriter):
    """Keeps the records instead of writing them."""

    def __init__(self) -> None:
        super().__init__(digest=True)
        self.records: list[Record] = []

    def write(self, record: Record) -> None:
        super().write(record)
        self.records.append(record)

    def write_many(self, records: Any) -> None:
        for record in records:
            self.write(record)

    @property
    def iterations(self) -> list[IterationRecord]:
        return [record for record in self.records if isinstance(record, IterationRecord)]


Rules = Mapping[str, Mapping[str, Sequence[str] | None]]
"""For each goal, its tactics and their subgoals; ``None``: the tactic fails."""


class TableProver:
    """Proves by a table. Every goal is named by its text, and unique by its checkpoint."""

    def __init__(self, rules: Rules, *, latency_s: float = 0.0, broken: Mapping[str, str] | None = None) -> None:
        self.rules = rules
        self.latency_s = latency_s
        self.broken = dict(broken or {})
        self.busy = 0
        self.most_busy = 0
        self.text: dict[str, str] = {}

    async def start(self, statement: str) -> Goal:
        return self._goal("cp0", statement)

    def _goal(self, prefix: str, text: str) -> Goal:
        mvar = f"{prefix}:{text}"
        self.text[mvar] = text
        return Goal(mvar, text, text, text)

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        await anyio.sleep(self.latency_s)
        self.busy -= 1
        problem = self.broken.get(tactic)
        if problem == "raise":
            raise RuntimeError("the prover fell over")
        if problem is not None:
            return Failure(problem, "as told")  # type: ignore[arg-type]  # a FailureReason, by the tests' word
        children = self.rules[self.text[goal_id]].get(tactic)
        if children is None:
            return Failure("tactic", "it fails")
        return Preview(goal_id, tactic, tuple(self._goal(f"cp{checkpoint}.{i}", c) for i, c in enumerate(children)))

    async def commit(self, preview: Preview) -> None:
        pass

    async def verify(self, statement: str, script: str) -> Verification:
        return Verification(ok=True, source=script)

    async def aclose(self) -> None:
        pass


class TableProvider:
    """Suggests the table's tactics, in its order."""

    provider_id = "table"

    def __init__(self, rules: Rules, *, latency_s: float = 0.0, fails_on: str | None = None) -> None:
        self.rules = rules
        self.latency_s = latency_s
        self.fails_on = fails_on
        self.busy = 0
        self.most_busy = 0
        self.calls = 0

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        self.calls += 1
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        await anyio.sleep(self.latency_s)
        self.busy -= 1
        if goal.goal_type == self.fails_on:
            raise RuntimeError("the provider fell over")
        return [Suggestion(tactic, 1.0) for tactic in self.rules[goal.goal_type]]


DISTRIBUTED = SearchConfig(agents=4, inflight=4, budget=(200,))
BOTH = [DISTRIBUTED, SearchConfig(mode="centralized", budget=(200,))]
MODES = ["distributed", "centralized"]


async def run(
    rules: Rules,
    config: SearchConfig = DISTRIBUTED,
    *,
    prover: TableProver | None = None,
    provider: TableProvider | None = None,
    progress: Any = None,
) -> tuple[SearchResult, KeptTrace]:
    trace = KeptTrace()
    result = await search(
        next(iter(rules)),
        prover=prover or TableProver(rules),
        provider=provider or TableProvider(rules),
        config=config,
        trace=trace,
        progress=progress,
    )
    return result, trace


LONG: Rules = {
    "root": {"constructor": ["short", "link 0"]},
    "short": {"trivial": []},
    **{f"link {i}": {"step": [f"link {i + 1}"], "wrong": None} for i in range(29)},
    "link 29": {"trivial": []},
}


def fan(width: int) -> Rules:
    """A root with so many alternatives, none of which leads anywhere."""
    rules: dict[str, Mapping[str, Sequence[str] | None]] = {f"leaf {i}": {} for i in range(width)}
    return {"root": {f"t{i}": [f"leaf {i}"] for i in range(width)}, **rules}


@pytest.mark.parametrize("config", BOTH, ids=MODES)
@pytest.mark.parametrize("expansion", ["all-successes", "first-success"])
async def test_a_provable_and_tree_of_a_short_branch_and_a_chain_of_30_is_proved(
    config: SearchConfig, expansion: Any
) -> None:
    from msgspec.structs import replace

    result, _ = await run(LONG, replace(config, tree=TreeConfig(expansion=expansion)))
    assert result.solved, result.stop_reason
    assert result.proof_length == 32


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_a_chain_of_3000_meets_no_recursion_limit(config: SearchConfig) -> None:
    from msgspec.structs import replace

    depth = 3_000
    last = f"g{depth - 1}"
    rules: Rules = {**{f"g{i}": {"step": [f"g{i + 1}"]} for i in range(depth - 1)}, last: {"close": []}}
    provider, prover = TableProvider(rules), TableProver(rules)
    result = await search("g0", prover=prover, provider=provider, config=replace(config, budget=(4000,)))
    assert result.solved and result.max_depth == depth - 1
    assert result.script is not None and len(result.script.splitlines()) == depth


async def test_providers_do_not_wait_for_the_prover_nor_for_each_other() -> None:
    rules = fan(8)
    provider = TableProvider(rules, latency_s=0.01)
    prover = TableProver(rules, latency_s=0.003)
    await run(rules, SearchConfig(agents=8, inflight=8, budget=(9,)), provider=provider, prover=prover)
    assert provider.most_busy == 8, "all agents may ask their provider at once"
    assert prover.most_busy == 1, "nothing executes concurrently in the prover"


async def test_an_agent_with_several_tickets_works_on_all_of_them() -> None:
    rules = fan(6)
    provider = TableProvider(rules, latency_s=0.01)
    await run(rules, SearchConfig(agents=2, inflight=6, budget=(7,)), provider=provider)
    assert provider.most_busy == 6


async def test_iteration_ids_do_not_repeat_across_tiers() -> None:
    trace = KeptTrace()
    config = SearchConfig(agents=3, inflight=4, budget=(5, 7, 9))
    await search("x", prover=SyntheticProver(), provider=SyntheticProvider(), config=config, trace=trace)
    assert [record.iteration for record in trace.records] == list(range(21))
    labels = [(record.tier, record.budget) for record in trace.records]
    assert labels == [(1, 5)] * 5 + [(2, 7)] * 7 + [(3, 9)] * 9


async def test_frozen_nodes_do_not_thaw_at_a_tier() -> None:
    block = BlockPolicy(fraction=0.5, duration=-1, seed=4)
    tiers, single = (
        SearchConfig(agents=2, inflight=3, budget=budget, block=block, reroute=ReroutePolicy(max_attempts=3))
        for budget in ((5, 5, 20), (30,))
    )
    frozen: list[dict[str, int]] = []
    for config in (tiers, single):
        trace = KeptTrace()
        await search("x", prover=SyntheticProver(), provider=SyntheticProvider(), config=config, trace=trace)
        met: dict[str, int] = {}
        for record in trace.iterations:
            skipped = [entry.mvar_id for entry in record.reroute or ()]
            if record.reason == "blocked":
                skipped.append(record.node.mvar_id)
            for mvar in skipped:
                met.setdefault(mvar, record.iteration)
            if record.reason == "expanded":
                assert record.node.mvar_id not in met, "a node that never thaws was expanded after it froze"
        frozen.append(met)
    assert frozen[0] == frozen[1] and len(frozen[0]) > 3
    assert any(first < 5 for first in frozen[0].values()), "something froze in the first tier"


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_an_exception_of_the_provider_does_not_end_the_run(config: SearchConfig) -> None:
    rules: Rules = {"root": {"a": ["bad"], "b": ["good"]}, "bad": {}, "good": {"close": []}}
    result, trace = await run(rules, config, provider=TableProvider(rules, fails_on="bad"))
    assert result.solved
    failed = [record for record in trace.iterations if record.reason == "provider_error"]
    assert failed and failed[0].error == "RuntimeError: the provider fell over"
    assert not failed[0].node.is_dead, "a node is not exhausted by its provider's failure"


@pytest.mark.parametrize("config", BOTH, ids=MODES)
@pytest.mark.parametrize("problem", ["raise", "adapter"])
async def test_an_exception_of_the_prover_does_not_end_the_run(config: SearchConfig, problem: str) -> None:
    rules: Rules = {"root": {"a": ["bad"], "b": ["good"]}, "bad": {"boom": []}, "good": {"close": []}}
    result, trace = await run(rules, config, prover=TableProver(rules, broken={"boom": problem}))
    assert result.solved
    failed = [record for record in trace.iterations if record.reason == "adapter_error"]
    assert failed and not failed[0].node.is_dead
    assert not result.reproducible and result.why is not None and "infrastructure" in result.why


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_a_node_without_a_goal_is_closed(config: SearchConfig) -> None:
    rules: Rules = {
        "root": {"a": ["gone"], "b": ["good"]},
        "gone": {"lost": []},
        "good": {"c": ["end"]},
        "end": {"d": []},
    }
    result, trace = await run(rules, config, prover=TableProver(rules, broken={"lost": "no_goal"}))
    assert result.solved
    (record,) = [record for record in trace.iterations if record.reason == "no_goal"]
    assert record.node.is_dead


async def test_work_that_nobody_needs_any_more_is_recorded_and_not_applied() -> None:
    """A sibling turns out dead while an agent works on this one: its result comes too late to matter."""
    rules: Rules = {
        "root": {"split": ["p", "q"], "other": ["r"]},
        "p": {},
        "q": {"go": ["q1"]},
        "q1": {},
        "r": {"slow": ["r1"]},
        "r1": {"ok": []},
    }
    late: list[IterationRecord] = []
    for seed in range(8):  # the seed breaks the tie between p and q
        result, trace = await run(rules, SearchConfig(agents=4, inflight=4, budget=(200,), seed=seed))
        assert result.solved
        by_goal = {record.node.goal_type: record for record in trace.iterations}
        if by_goal["p"].iteration < by_goal["q"].iteration:
            late.append(by_goal["q"])
            assert "q1" not in {node.goal.goal_type for node in result.tree.nodes}
    assert late
    for record in late:
        assert record.expanded is False and record.reason == "no_expansion" and not record.backprop_success
        assert [attempt.outcome for attempt in record.attempts] == ["success"], "what was tried is on record"


async def test_a_node_that_was_solved_while_an_agent_tried_more_tactics_on_it_is_terminal() -> None:
    rules: Rules = {
        "root": {"split": ["p", "q"]},
        "p": {"a": ["p1"], "b": None, "c": None},
        "p1": {"close": []},
        "q": {},
    }
    rules = {
        **rules,
        "q": {"d": ["q1"]},
        "q1": {"e": ["q2"]},
        "q2": {"f": ["q3"]},
        "q3": {"g": ["q4"]},
        "q4": {"h": []},
    }
    config = SearchConfig(agents=3, inflight=3, budget=(100,), tree=TreeConfig(expansion="first-success"))
    result, trace = await run(rules, config)
    assert result.solved
    late = [record for record in trace.iterations if record.reason == "terminal_node"]
    assert late and all(record.node.is_terminal and record.expanded is False for record in late)


async def test_free_work_is_found_by_every_agent() -> None:
    """As many agents as leaves: in every round each gets one, none is idle and none is rerouted into a wall."""
    rules = fan(6)
    result, trace = await run(rules, SearchConfig(agents=6, inflight=6, budget=(100,)))
    assert result.stop_reason == "exhausted" and result.iterations == 7
    assert {record.node.goal_type for record in trace.iterations[1:]} == {f"leaf {i}" for i in range(6)}


@pytest.mark.parametrize("stop", ["budget", "solved", "aborted"])
async def test_no_record_is_lost_at_the_stop(stop: str) -> None:
    seen: list[int] = []

    def progress(state: Progress) -> Any:
        seen.append(state.iteration)
        return "abort" if stop == "aborted" and state.iteration == 30 else None

    trace = KeptTrace()
    config = SearchConfig(agents=5, inflight=9, budget=(60,))
    prover = SyntheticProver(p_close=0.3 if stop == "solved" else 0.0)
    result = await search(
        "x", prover=prover, provider=SyntheticProvider(), config=config, trace=trace, progress=progress
    )
    assert result.stop_reason == stop
    committed = [record.iteration for record in trace.iterations if record.reason != "abort"]
    assert committed == seen == list(range(result.iterations))


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_an_exception_of_the_progress_callback_ends_the_search_and_reaches_the_caller(
    config: SearchConfig,
) -> None:
    def progress(state: Progress) -> None:
        if state.iteration == 3:
            raise ZeroDivisionError("the caller's own mistake")

    with pytest.raises(ZeroDivisionError, match="own mistake"):
        await run(LONG, config, progress=progress)


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_a_trace_that_cannot_be_written_ends_the_search_with_its_own_error(config: SearchConfig) -> None:
    class FullDisk(KeptTrace):
        def write(self, record: Record) -> None:
            if record.iteration >= 5:
                raise TraceWriteError("no space left")
            super().write(record)

    trace = FullDisk()
    with pytest.raises(TraceWriteError, match="no space left"):
        await search("root", prover=TableProver(LONG), provider=TableProvider(LONG), config=config, trace=trace)
    assert [record.iteration for record in trace.records] == list(range(5))


async def test_a_cancelled_search_keeps_what_was_committed() -> None:
    trace = KeptTrace()
    committed = 0

    def progress(state: Progress) -> None:
        nonlocal committed
        committed += 1
        if state.iteration == 20:
            scope.cancel()

    config = SearchConfig(agents=3, inflight=3, budget=(1000,))
    provider = SyntheticProvider(latency_s=0.001)
    with anyio.CancelScope() as scope:
        await search("x", prover=SyntheticProver(), provider=provider, config=config, trace=trace, progress=progress)
    assert scope.cancelled_caught
    assert [record.iteration for record in trace.records] == list(range(committed))


async def test_the_selected_path_is_never_empty_and_ends_at_the_node() -> None:
    config = SearchConfig(
        agents=3,
        inflight=5,
        budget=(120,),
        block=BlockPolicy(fraction=0.3, duration=4, seed=1),
        delay=DelayPolicy(probability=0.2, duration=2, seed=1),
        reroute=ReroutePolicy(max_attempts=1),
    )
    trace = KeptTrace()
    await search("x", prover=SyntheticProver(), provider=SyntheticProvider(), config=config, trace=trace)
    assert {record.reason for record in trace.iterations} >= {"expanded", "blocked", "delayed"}
    for record in trace.iterations:
        assert record.selected_path[-1] == record.node.mvar_id
        assert len(record.selected_path) == record.node.depth + 1


@pytest.mark.parametrize("mode", MODES)
async def test_the_abort_marker_stands_right_before_its_own_record(mode: str) -> None:
    config = (
        SearchConfig(mode="centralized", budget=(50,)) if mode == "centralized" else SearchConfig(agents=3, inflight=5)
    )
    trace = KeptTrace()
    result = await search(
        "x",
        prover=SyntheticProver(),
        provider=SyntheticProvider(),
        config=config,
        trace=trace,
        progress=lambda state: "abort" if state.iteration == 9 else None,
    )
    assert result.stop_reason == "aborted" and result.iterations == 10
    marker, own = trace.records[-2:]
    assert isinstance(marker, AbortRecord) and isinstance(own, IterationRecord)
    assert own.reason == "abort" and marker.iteration == own.iteration == 10
    assert marker.tree == own.tree and marker.tree.aborted
    assert [record.iteration for record in trace.records[:-2]] == list(range(10))


@pytest.mark.parametrize("virtual_loss", [0.0, 1.0, 3.0])
async def test_one_agent_and_a_window_of_one_are_the_centralized_search(virtual_loss: float) -> None:
    for tree in (TreeConfig(virtual_loss=virtual_loss), TreeConfig(selection="wu-uct", expansion="first-success")):
        profile = AgentProfile(depth_bias=0.2, path_bias=0.1, history_cache=2)
        distributed = SearchConfig(agents=1, inflight=1, budget=(150,), tree=tree, profiles=(profile,))
        centralized = SearchConfig(mode="centralized", budget=(150,), tree=tree, profiles=(profile,))
        results: list[SearchResult] = []
        for config in (distributed, centralized):
            prover = SyntheticProver(p_close=0.02)
            trace = KeptTrace()
            results.append(await search("x", prover=prover, provider=SyntheticProvider(), config=config, trace=trace))
        assert results[0].tree_json == results[1].tree_json
        assert results[0].digest == results[1].digest


async def test_arrival_order_is_marked_as_not_reproducible() -> None:
    config = SearchConfig(agents=4, inflight=6, budget=(80,), commit="arrival")
    trace = KeptTrace()
    provider = SyntheticProvider(latency_s=(0.0, 0.002))
    result = await search("x", prover=SyntheticProver(), provider=provider, config=config, trace=trace)
    assert not result.reproducible and result.why == "results were committed in order of arrival"
    assert result.iterations == 80
    iterations = [record.iteration for record in trace.iterations]
    assert len(set(iterations)) == len(iterations)


async def test_heterogeneous_agents_choose_differently() -> None:
    def config(*profiles: AgentProfile) -> SearchConfig:
        return SearchConfig(agents=2, inflight=2, budget=(100,), profiles=profiles)

    digests: set[str | None] = set()
    for second in (AgentProfile(), AgentProfile(depth_bias=3.0), AgentProfile(exploration=0.1)):
        result = await search(
            "x",
            prover=SyntheticProver(p_fail=0.6),
            provider=SyntheticProvider(),
            config=config(AgentProfile(), second),
            trace=KeptTrace(),
        )
        digests.add(result.digest)
    assert len(digests) == 3


@pytest.mark.parametrize("budget", [(1,), (1, 1), (2, 3)])
@pytest.mark.parametrize("cut", [0, 1, 4])
@pytest.mark.parametrize("p_close", [0.0, 0.6])
async def test_both_runners_abort_alike(budget: tuple[int, ...], cut: int, p_close: float) -> None:
    """At the end of a tier, of the whole budget, and where the commit solved the root too."""
    digests: list[tuple[Any, ...]] = []
    for config in (SearchConfig(agents=1, inflight=1, budget=budget), SearchConfig(mode="centralized", budget=budget)):
        trace = KeptTrace()
        seen: list[int] = []

        def progress(state: Progress, seen: list[int] = seen) -> Any:
            seen.append(state.iteration)
            return "abort" if state.iteration == cut else None

        result = await search(
            "x",
            prover=SyntheticProver(p_close=p_close),
            provider=SyntheticProvider(),
            config=config,
            trace=trace,
            progress=progress,
        )
        digests.append((result.digest, result.stop_reason, result.iterations, seen))
    assert digests[0] == digests[1]


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_a_prover_that_cannot_register_a_goal_costs_a_visit_and_not_the_run(config: SearchConfig) -> None:
    class Forgetful(TableProver):
        fails = 2

        async def commit(self, preview: Preview) -> None:
            if self.fails:
                self.fails -= 1
                raise RuntimeError("who is that?")

    prover = Forgetful(LONG)
    result, trace = await run(LONG, config, prover=prover)
    assert result.solved and not prover.fails
    broken = [record for record in trace.iterations if record.reason == "adapter_error"]
    assert [record.error for record in broken] == ["RuntimeError: who is that?"] * 2
    assert not result.reproducible
    again = replay(trace.records, config, statement=next(iter(LONG)))
    assert again.core.tree.solved and again.counts.adapter_errors == 2


@pytest.mark.parametrize("config", BOTH, ids=MODES)
async def test_a_check_that_does_not_run_proves_nothing_and_ends_nothing(config: SearchConfig) -> None:
    class NoCheck(TableProver):
        async def verify(self, statement: str, script: str) -> Verification:
            raise OSError("no such program")

    result, trace = await run(LONG, config, prover=NoCheck(LONG))
    assert not result.solved and result.stop_reason == "exhausted"
    details = [a.detail for record in trace.iterations for a in record.attempts]
    assert "unverified: the check did not run: OSError: no such program" in details
    assert result.why == "the prover's infrastructure failed in 1 iterations"
    assert replay(trace.records, config, statement=next(iter(LONG))).counts.adapter_errors == 1
