"""Collectives whose agents differ: each tries only what it may, nothing is tried twice, and all of it repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cellview.core import ConfigError
from cellview.prover import Failure, Goal, Preview, Suggestion, SyntheticProver, SyntheticProvider, Verification
from cellview.prover.remembering import AnswerMemory, RememberingProver
from cellview.schedule import Algotype, BlockPolicy, ReroutePolicy
from cellview.search import SearchConfig, SearchResult, replay, search
from cellview.trace import IterationRecord, NullTraceWriter, Record
from cellview.tree import TreeConfig

HEADS = ("t0", "t1", "t2", "t3")
STATEMENT = ": P"


class KeptTrace(NullTraceWriter):
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


class Few:
    """Suggests these tactics for every goal, here or after a while."""

    def __init__(self, *tactics: str, latency_s: float | None = None, name: str = "few") -> None:
        self.tactics = tactics
        self.latency_s = latency_s
        self.provider_id = name
        self.immediate = latency_s is None

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        if self.latency_s is not None:
            await anyio.sleep(self.latency_s)
        return [Suggestion(tactic, 1.0 / (1 + number)) for number, tactic in enumerate(self.tactics)]


async def run(
    config: SearchConfig,
    *,
    provider: Any = None,
    prover: Any = None,
    providers: Mapping[str, Any] | None = None,
    resume_from: Sequence[Record] | None = None,
) -> tuple[SearchResult, KeptTrace]:
    trace = KeptTrace()
    with anyio.fail_after(60):  # a collective that waits for itself would wait for ever
        result = await search(
            STATEMENT,
            prover=prover or SyntheticProver(5, 4, 0.5, 0.05, 0.5),
            provider=provider or SyntheticProvider(4),
            config=config,
            trace=trace,
            providers=providers,
            resume_from=resume_from,
        )
    return result, trace


def kinds(*families: Sequence[str], **more: Any) -> tuple[Algotype, ...]:
    return tuple(Algotype(agents=str(agent), families=tuple(of)) for agent, of in enumerate(families) if of)


@st.composite
def collectives(draw: st.DrawFn) -> SearchConfig:
    agents = draw(st.integers(1, 4))
    families = [draw(st.lists(st.sampled_from(HEADS), unique=True, max_size=3)) for _ in range(agents)]
    return SearchConfig(
        agents=agents,
        inflight=draw(st.integers(1, 5)),
        budget=(draw(st.integers(1, 40)),),
        seed=draw(st.integers(0, 3)),
        tree=TreeConfig(
            selection=draw(st.sampled_from(["virtual-loss", "wu-uct", "puct", "best-first", "blind", "blind-order"])),
            expansion=draw(st.sampled_from(["all-successes", "first-success"])),
        ),
        algotypes=kinds(*families),
        block=BlockPolicy(0.3, 3, 1) if draw(st.booleans()) else None,
        reroute=ReroutePolicy(2) if draw(st.booleans()) else None,
        max_tactics=draw(st.integers(1, 4)),
    )


ENDS_IDLE = SearchConfig(
    agents=4,
    inflight=5,
    budget=(32,),
    seed=1,
    tree=TreeConfig(expansion="first-success", selection="puct"),
    algotypes=kinds(["t3", "t2", "t0"], ["t1", "t2", "t0"], ["t2"], ["t2"]),
    max_tactics=1,
)
"""Cut in the middle, it goes on with a ticket that has nothing to do: the resumed search once waited for ever."""


@settings(deadline=None, max_examples=80)
@given(config=collectives(), prover_seed=st.integers(0, 5))
@example(config=ENDS_IDLE, prover_seed=4)
async def test_what_holds_of_every_collective(config: SearchConfig, prover_seed: int) -> None:
    def prover() -> SyntheticProver:
        return SyntheticProver(prover_seed, 4, 0.5, 0.02, 0.5)

    result, trace = await run(config, prover=prover())
    allowed: dict[int, set[str]] = {number: set(HEADS) for number in range(config.agents or 0)}
    for algotype in config.algotypes:
        allowed[int(algotype.agents)] = set(algotype.families)
    seen: set[tuple[str, str]] = set()
    for record in trace.iterations:
        for attempt in record.attempts:
            assert attempt.tactic in allowed[record.agent_id], "an agent tries only what it may"
            key = (record.node.mvar_id, attempt.tactic)
            assert key not in seen, "nothing is tried twice, whoever tries it"
            seen.add(key)
        assert {candidate.tactic for candidate in record.tactics} <= allowed[record.agent_id]
        if record.reason == "idle":
            assert not record.attempts and record.selected_path == [trace.iterations[0].node.mvar_id]
    assert [record.iteration for record in trace.iterations] == list(range(result.iterations))
    # The same bytes whatever takes how long, from the trace alone, and from any prefix of it.
    slowly, again = await run(config, prover=prover(), provider=SyntheticProvider(4, latency_s=(0.0, 0.001)))
    assert slowly.digest == result.digest and _timeless(again.records) == _timeless(trace.records)
    replayed = replay(trace.records, config, statement=STATEMENT).core
    assert len(replayed.tree.nodes) == result.nodes and replayed.committed == result.iterations
    cut = len(trace.records) // 2
    if cut:
        rest, resumed = await run(config, prover=prover(), resume_from=trace.records[:cut])
        assert _timeless(resumed.records) == _timeless(trace.records[cut:])
        assert (rest.solved, rest.stop_reason, rest.tree_json) == (result.solved, result.stop_reason, result.tree_json)


def _timeless(records: Sequence[Record]) -> list[Any]:
    import msgspec

    plain: list[Any] = msgspec.to_builtins(records)
    for record in plain:
        for attempt in record.get("attempts", ()):
            attempt["timestamp_ms"] = 0
    return plain


class Table:
    """Proves nothing: a finite graph of goals, each tactic with its one subgoal, or failing."""

    def __init__(self, graph: Mapping[tuple[str, str], str]) -> None:
        self.graph = graph
        self.text: dict[str, str] = {}

    async def start(self, statement: str) -> Goal:
        return self._goal("cp0", "0")

    def _goal(self, prefix: str, text: str) -> Goal:
        mvar = f"{prefix}:{text}"
        self.text[mvar] = text
        return Goal(mvar, text, text, text)

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        child = self.graph.get((self.text[goal_id], tactic))
        if child is None:
            return Failure("tactic", "it fails")
        return Preview(goal_id, tactic, (self._goal(f"cp{checkpoint}", child),))

    async def commit(self, preview: Preview) -> None:
        self.text.update((child.mvar_id, child.goal_type) for child in preview.children)

    async def verify(self, statement: str, script: str) -> Verification:
        return Verification(ok=True, source=script)

    async def aclose(self) -> None:
        pass


@settings(deadline=None, max_examples=80)
@given(
    graph=st.dictionaries(
        st.tuples(st.sampled_from("01234"), st.sampled_from(HEADS)), st.sampled_from("56789abcde"), max_size=14
    ),
    deeper=st.dictionaries(
        st.tuples(st.sampled_from("56789abcde"), st.sampled_from(HEADS)), st.sampled_from("uvwxyz"), max_size=14
    ),
    families=st.lists(st.lists(st.sampled_from(HEADS), unique=True, min_size=1, max_size=2), min_size=2, max_size=4),
    window=st.integers(1, 5),
)
async def test_a_collective_ends_when_each_place_has_been_tried_by_all(
    graph: dict[tuple[str, str], str], deeper: dict[tuple[str, str], str], families: list[list[str]], window: int
) -> None:
    """Against a small model: a walk over the graph by every tactic that somebody may try, each once in each place."""
    whole = graph | deeper
    may = {head for of in families for head in of}
    expected: set[tuple[tuple[str, ...], str]] = set()
    pending: list[tuple[tuple[str, ...], str]] = [((), "0")]
    while pending:
        path, goal = pending.pop()
        for head in may:
            expected.add((path, head))
            if (goal, head) in whole:
                pending.append(((*path, head), whole[goal, head]))
    config = SearchConfig(agents=len(families), inflight=window, budget=(4000,), algotypes=kinds(*families))
    result, trace = await run(config, prover=Table(whole), provider=Few(*HEADS))
    assert result.stop_reason == "exhausted" and not result.solved
    way: dict[str, tuple[str, ...]] = {"cp0:0": ()}
    tried: list[tuple[tuple[str, ...], str]] = []
    for record in trace.iterations:
        here = way[record.node.mvar_id]
        for attempt in record.attempts:
            tried.append((here, attempt.tactic))
            for child in attempt.child_mvar_ids:
                way[child] = (*here, attempt.tactic)
    assert sorted(tried) == sorted(expected)


async def test_labels_and_equal_families_change_nothing_but_what_is_filtered() -> None:
    plain = SearchConfig(agents=2, inflight=3, budget=(60,))
    named = SearchConfig(agents=2, inflight=3, budget=(60,), algotypes=(Algotype(agents="0-1", label="all"),))
    assert (await run(plain))[0].digest == (await run(named))[0].digest
    alike = SearchConfig(agents=2, inflight=3, budget=(60,), algotypes=(Algotype(agents="0-1", families=("t1", "t3")),))
    fewer, kept = Few("t1", "t3"), Few("t0", "t1", "t2", "t3")
    one, other = await run(plain, provider=fewer), await run(alike, provider=kept)
    assert [[a.tactic for a in r.attempts] for r in one[1].iterations] == [
        [a.tactic for a in r.attempts] for r in other[1].iterations
    ]


async def test_agents_ask_the_provider_of_their_algotype() -> None:
    config = SearchConfig(
        agents=3,
        inflight=3,
        budget=(30,),
        algotypes=(Algotype(agents="1", provider="b"), Algotype(agents="2", provider="c")),
    )
    providers = {"b": Few("t2", "t1", name="b"), "c": Few("t3", latency_s=0.0001, name="c")}
    result, trace = await run(config, provider=Few("t0", "t1", name="a"), providers=providers)
    names = {0: "a", 1: "b", 2: "c"}
    tried = {agent: set[str]() for agent in names}
    for record in trace.iterations:
        for attempt in record.attempts:
            assert attempt.provider_id == names[record.agent_id]
            tried[record.agent_id].add(attempt.tactic)
    assert tried[0] <= {"t0", "t1"} and tried[1] <= {"t1", "t2"} and tried[2] == {"t3"} and result.iterations == 30
    with pytest.raises(ConfigError, match="a provider 'c' that there is not: providers with a name are b"):
        await run(config, providers={"b": providers["b"]})


async def test_answers_remembered_across_arms_are_right_for_every_collective() -> None:
    """What a preview answers depends on path and tactic alone, so one memory may serve arms whose agents differ."""
    places = ["".join(digits) for depth in range(5) for digits in product("0123", repeat=depth)]
    graph = {
        ("0" + place, head): "0" + place + head[1]
        for place in places
        for head in HEADS
        if (sum(map(int, place)) + 2 * int(head[1]) + len(place)) % 3
    }
    arms = [kinds(), kinds(["t0", "t1"], ["t2", "t3"]), kinds(["t3"], ["t0", "t2"])]
    configs = [SearchConfig(agents=2, inflight=3, budget=(50,), algotypes=arm) for arm in arms]
    few = Few(*HEADS)
    alone = [(await run(config, prover=Table(graph), provider=few))[0].digest for config in configs]
    memory = AnswerMemory()
    together = [
        (await run(config, prover=RememberingProver(Table(graph), memory), provider=few))[0].digest
        for config in configs
    ]
    assert together == alone and memory.hits > 20 and len(set(alone)) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mode": "centralized"}, "centralized mode has no algotypes"),
        (
            {"agents": 2, "inflight": 1, "algotypes": (Algotype(agents="2", label="x"),)},
            "agent 2, but there are 2: 0 to 1",
        ),
        (
            {"agents": 3, "inflight": 1, "algotypes": (Algotype(agents="0-1"), Algotype(agents="1-2"))},
            'Agent 1 is in [agents."0-1"] and in [agents."1-2"]',
        ),
        ({"agents": 1, "inflight": 1, "algotypes": (Algotype(agents="0", exploration=-1.0),)}, "exploration"),
    ],
)
def test_collectives_that_cannot_be(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        options: dict[str, Any] = {"algotypes": (Algotype(agents="0", label="x"),)}
        SearchConfig(**(options | change))
    assert said in str(caught.value)


async def test_constants_differ_by_algotype() -> None:
    config = SearchConfig(
        agents=2, inflight=2, budget=(40,), algotypes=(Algotype(agents="1", exploration=0.0, depth_bias=2.0),)
    )
    first, second = config.profile_of_each
    assert first.exploration == pytest.approx(1.4142135623730951) and first.depth_bias == 0.0  # the usual ones
    assert (second.exploration, second.depth_bias, second.history_cache) == (0.0, 2.0, 0)
    same = SearchConfig(agents=2, inflight=2, budget=(40,))
    assert (await run(config))[0].digest != (await run(same))[0].digest
    assert config.kinds == () and config.labels == ("others", "agents 1")
