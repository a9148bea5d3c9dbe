"""Schedule independence, crash equivalence, conservation and prefix, over the real five roles.

The oracle is one plain run. Every other schedule, with messages held, delayed and repeated and actors crashed and
restarted in the middle, must write the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.actors.testing import (
    PCT,
    SCHEDULE_ONLY,
    Cancel,
    Crash,
    Delay,
    Duplicate,
    Hold,
    Intervention,
    Scheduler,
    SeededRandom,
    draw,
    interventions,
    run_controlled,
)
from cellview.core import Progress, SearchCore, Ticket
from cellview.prover import Goal, Suggestion, SyntheticProver, SyntheticProvider, TacticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, parse_intervention
from cellview.search import SearchConfig, SearchResult, search
from cellview.trace import IterationRecord, NullTraceWriter, Record
from cellview.tree import AgentProfile, TreeConfig


class KeptTrace(NullTraceWriter):
    """Digests as a file's writer does, and keeps the records."""

    def __init__(self) -> None:
        super().__init__(digest=True)
        self.records: list[Record] = []

    def write_many(self, records: Any) -> None:
        records = list(records)
        super().write_many(records)
        self.records.extend(records)

    def write(self, record: Record) -> None:
        super().write(record)
        self.records.append(record)


POLICIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "block": {"block": BlockPolicy(fraction=0.4, duration=5, seed=3), "reroute": ReroutePolicy(max_attempts=2)},
    "immovable": {
        "block": BlockPolicy(
            fraction=0.3, duration=4, seed=3, immovable_fraction=0.5, unfreeze_after=2, unfreeze_prob=0.5
        ),
    },
    "delay": {"delay": DelayPolicy(probability=0.3, duration=3, seed=5), "reroute": ReroutePolicy(max_attempts=1)},
    "pegs": {"intervention": parse_intervention("block_t0")},
    "first-success": {"tree": TreeConfig(expansion="first-success", backpropagation="and_min")},
    "memory": {"tree": TreeConfig(selection="wu-uct")},
    "priors": {
        "tree": TreeConfig(selection="puct"),
        "provider_jitter": 0.3,
        "intervention": parse_intervention("dose_matched_control_block_t0"),
        "seed": 3,
    },
    "best-first": {
        "tree": TreeConfig(selection="best-first"),
        "block": BlockPolicy(fraction=0.3, duration=-1, seed=1, spare_root=True),
        "reroute": ReroutePolicy(max_attempts=1),
    },
    "blind": {
        "tree": TreeConfig(selection="blind-order", expansion="first-success"),
        "delay": DelayPolicy(probability=0.3, duration=2, seed=5),
        "obstacle_visits": "ignore",
    },
}
AGENTS = 3
WINDOW = 5
ROLES = ["tree-owner", "scheduler", "prover", "trace-writer", *(f"agent-{i}" for i in range(AGENTS))]
FAULTS = (Crash, Hold, Delay, Duplicate, Cancel)


def config(
    policy: str, *, budget: tuple[int, ...] = (8, 16), agents: int = AGENTS, window: int = WINDOW
) -> SearchConfig:
    profiles: tuple[AgentProfile, ...] = ()
    if policy == "memory":
        profiles = tuple(AgentProfile(path_bias=0.3, depth_bias=0.2, history_cache=i) for i in range(agents))
    return SearchConfig(agents=agents, inflight=window, budget=budget, profiles=profiles, **POLICIES[policy])


Outcome = tuple[SearchResult, list[Record]]


def run_search(
    settings_: SearchConfig,
    *,
    interventions: Sequence[Intervention] = (),
    scheduler: Scheduler | None = None,
    latency_s: float | tuple[float, float] = (0.001, 0.02),
    p_close: float = 0.02,
    abort_at: int | None = None,
    provider: TacticProvider | None = None,
) -> Outcome:
    """One search under control: virtual time, and provider and prover that take time to answer."""

    def progress(seen: Progress) -> Any:
        return "abort" if seen.iteration == abort_at else None

    async def main() -> Outcome:
        trace = KeptTrace()
        result = await search(
            "synthetic",
            prover=SyntheticProver(p_close=p_close, latency_s=latency_s, sleep=anyio.sleep),
            provider=provider or SyntheticProvider(latency_s=latency_s, sleep=anyio.sleep),
            config=settings_,
            trace=trace,
            progress=progress,
        )
        return result, trace.records

    run = run_controlled(main, interventions=interventions, scheduler=scheduler, early="timers", deadlines="fire")
    return run.result


ORACLES: dict[str, Outcome] = {}


def oracle(policy: str) -> Outcome:
    if policy not in ORACLES:
        ORACLES[policy] = run_search(config(policy))
    return ORACLES[policy]


def same(one: Outcome, other: Outcome) -> None:
    assert one[0].digest == other[0].digest
    assert one[0].stop_reason == other[0].stop_reason
    assert one[0].discarded == other[0].discarded
    assert one[0].tree_json == other[0].tree_json


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policies_do_something(policy: str) -> None:
    """The properties below would say little about policies that never strike."""
    result, records = oracle(policy)
    reasons = {record.reason for record in records if isinstance(record, IterationRecord)}
    if "block" in POLICIES[policy]:
        assert "blocked" in reasons
    if "delay" in POLICIES[policy]:
        assert "delayed" in reasons
    if "intervention" in POLICIES[policy]:
        assert any(a.outcome == "blocked" for r in records if isinstance(r, IterationRecord) for a in r.attempts)
    assert result.iterations == len([r for r in records if isinstance(r, IterationRecord)]) > 10


@pytest.mark.parametrize("policy", POLICIES)
@given(seed=st.integers(0, 2**32), schedule=st.sampled_from([SeededRandom, PCT]))
@settings(max_examples=60, deadline=None)
def test_any_order_of_deliveries_gives_the_same_bytes(policy: str, seed: int, schedule: type[SeededRandom]) -> None:
    same(run_search(config(policy), scheduler=schedule(seed)), oracle(policy))


@pytest.mark.parametrize("policy", POLICIES)
@given(drawn=interventions(ROLES, kinds=SCHEDULE_ONLY, max_at=60, max_hold=40))
@settings(max_examples=60, deadline=None)
def test_slow_actors_change_nothing(policy: str, drawn: list[Intervention]) -> None:
    same(run_search(config(policy), interventions=drawn), oracle(policy))


@pytest.mark.parametrize("policy", POLICIES)
@given(drawn=interventions(ROLES, kinds=FAULTS, max_interventions=4, max_at=60, max_hold=40))
@settings(max_examples=100, deadline=None)
def test_crashed_and_restarted_actors_change_nothing(policy: str, drawn: list[Intervention]) -> None:
    same(run_search(config(policy), interventions=drawn), oracle(policy))


@pytest.mark.parametrize("kind", [Crash, Duplicate, Cancel])
@pytest.mark.parametrize("role", ROLES)
def test_every_role_survives_a_fault_at_every_message(role: str, kind: type[Crash]) -> None:
    for at in range(0, 60, 2):
        same(run_search(config("block"), interventions=[kind(role, at)]), oracle("block"))


@pytest.mark.parametrize("kind", [Crash, Duplicate, Cancel])
def test_a_fault_while_the_proof_is_checked_changes_nothing(kind: type[Crash]) -> None:
    plain = run_search(config("plain"), p_close=0.3)
    assert plain[0].solved
    for role in ("prover", "tree-owner", "trace-writer"):
        for at in range(40):
            same(run_search(config("plain"), p_close=0.3, interventions=[kind(role, at)]), plain)


class Moody:
    """A provider that never gives the same answer twice, as a model with a temperature."""

    provider_id = "moody"

    def __init__(self) -> None:
        self.calls = 0

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        self.calls += 1
        calls = self.calls
        await anyio.sleep(0.002)
        return [Suggestion(f"t{(calls + number) % 4}", 1.0) for number in range(4 - calls % 2)]


@given(drawn=interventions(ROLES, kinds=FAULTS, max_interventions=4, max_at=30, max_hold=40))
@settings(max_examples=150, deadline=None)
def test_a_record_holds_one_answer_even_of_a_provider_that_never_repeats_itself(drawn: list[Intervention]) -> None:
    _, records = run_search(config("plain"), interventions=drawn, provider=Moody())
    for record in records:
        assert isinstance(record, IterationRecord)
        candidates = [candidate.tactic for candidate in record.tactics]
        assert [attempt.tactic for attempt in record.attempts] == candidates[: len(record.attempts)]
        assert bool(record.attempts) == bool(candidates)


@given(
    agents=st.integers(1, 7),
    window=st.integers(1, 9),
    budget=st.sampled_from([(1,), (1, 1), (2, 5), (12,)]),
    policy=st.sampled_from(sorted(POLICIES)),
    abort_at=st.sampled_from([None, 0, 1]),
    drawn=interventions(["tree-owner", "agent-0", "scheduler"], kinds=FAULTS, max_at=20),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=200, deadline=None)
def test_more_agents_than_tickets_or_more_tickets_than_agents(
    agents: int,
    window: int,
    budget: tuple[int, ...],
    policy: str,
    abort_at: int | None,
    drawn: list[Intervention],
    seed: int,
) -> None:
    shape = config(policy, budget=budget, agents=agents, window=window)
    plain = run_search(shape, abort_at=abort_at)
    assert plain[0].discarded <= window
    assert plain[0].iterations <= (sum(budget) if abort_at is None else abort_at + 1)
    same(run_search(shape, abort_at=abort_at, interventions=drawn), plain)
    same(run_search(shape, abort_at=abort_at, scheduler=SeededRandom(seed)), plain)


@given(latency=st.sampled_from([0.0, 0.5, (0.0, 3.0)]), policy=st.sampled_from(sorted(POLICIES)))
@settings(max_examples=30, deadline=None)
def test_latency_changes_nothing(latency: float | tuple[float, float], policy: str) -> None:
    same(run_search(config(policy), latency_s=latency), oracle(policy))


@pytest.mark.parametrize("p_close", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("policy", POLICIES)
def test_every_ticket_is_committed_once_or_discarded(
    policy: str, p_close: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued: dict[int, Ticket] = {}
    committed: list[int] = []
    take, finish = SearchCore.take, SearchCore.finish_commit

    def taking(self: SearchCore) -> Ticket | None:
        ticket = take(self)
        if ticket is not None:
            assert issued.setdefault(ticket.iteration, ticket) is ticket, "issued twice"
        return ticket

    def finishing(self: SearchCore, ticket: Ticket) -> None:
        committed.append(ticket.iteration)
        finish(self, ticket)

    monkeypatch.setattr(SearchCore, "take", taking)
    monkeypatch.setattr(SearchCore, "finish_commit", finishing)
    rng = random.Random(policy)
    for seed in range(10):
        issued.clear()
        committed.clear()
        plan = draw(rng, ROLES, kinds=FAULTS, max_at=40)
        result, records = run_search(
            config(policy),
            p_close=p_close,
            interventions=plan if seed % 2 else (),
            scheduler=None if seed % 2 else SeededRandom(seed),
        )
        assert [record.iteration for record in records] == committed == list(range(result.iterations))
        assert sorted(issued) == list(range(result.iterations + result.discarded))


@pytest.mark.parametrize("policy", POLICIES)
@given(cut=st.integers(0, 14))
@settings(max_examples=15, deadline=None)
def test_an_aborted_run_is_a_prefix(policy: str, cut: int) -> None:
    _, whole = oracle(policy)
    result, records = run_search(config(policy), abort_at=cut)
    kept = [record for record in records if isinstance(record, IterationRecord) and record.reason != "abort"]
    assert strip(kept) == strip(whole[: len(kept)])
    if result.stop_reason == "aborted":
        assert len(kept) == cut + 1
        assert [record.event for record in records[-2:]] == ["abort", "iteration"]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_smaller_budget_is_a_prefix(policy: str) -> None:
    """Even in flight counts agree, since tickets past the budget are reserved though never worked on."""
    _, whole = oracle(policy)
    _, short = run_search(config(policy, budget=(8, 3)))
    labels = {"tier", "budget"}
    for one, other in zip(strip(short), strip(whole), strict=False):
        assert {k: v for k, v in one.items() if k not in labels} == {k: v for k, v in other.items() if k not in labels}


def strip(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Records as data, without the one field that reads a clock."""
    import msgspec

    rows: list[dict[str, Any]] = [msgspec.to_builtins(record) for record in records]
    for row in rows:
        for attempt in row.get("attempts", ()):
            attempt.pop("timestamp_ms")
    return rows


def test_the_number_of_agents_and_the_window_are_semantic() -> None:
    """Different numbers may differ; the same number never does."""
    digests = {
        (agents, window): run_search(config("plain", agents=agents, window=window))[0].digest
        for agents, window in [(1, 1), (3, 5), (8, 8)]
    }
    assert len(set(digests.values())) == 3


def test_the_seed_breaks_ties_and_nothing_else_does() -> None:
    rng = random.Random(1)
    base = config("plain")
    digests = {run_search(base, scheduler=SeededRandom(rng.randrange(2**32)))[0].digest for _ in range(5)}
    assert len(digests) == 1
