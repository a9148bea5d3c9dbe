"""Tickets: a search as a plain loop beside the state machine, and what the machine promises at its edges."""

from __future__ import annotations

import random
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.core import CoreConfig, Phase, SearchCore, Ticket, VisitResult, apply, tie_salt
from cellview.core.visits import Attempted
from cellview.prover import Failure, Goal, Preview, Suggestion, SyntheticProver
from cellview.schedule import Blocked, Delayed
from cellview.tree import AgentProfile, Tree, TreeConfig

PROVER = SyntheticProver(seed=4, p_close=0.0)
CANDIDATES = [Suggestion(f"t{number}", 1.0) for number in range(4)]
BLOCKED = Blocked(-1, None, -1, False)


def root() -> Goal:
    name = f"g{12345:016x}"
    return Goal(name, name, name, name)


def core(**changes: object) -> SearchCore:
    config = CoreConfig(**{"agents": 2, "window": 3, "budget": (50,), **changes})  # type: ignore[arg-type]
    return SearchCore(Tree(root(), statement="tickets"), config)


def work(ticket: Ticket) -> VisitResult:
    """What a visit of the ticket's node brings: a function of the node alone."""
    assert ticket.node is not None
    goal = ticket.node.goal.mvar_id
    return VisitResult(CANDIDATES, [Attempted(c.tactic, PROVER.apply(goal, c.tactic), 0) for c in CANDIDATES])


def issue(search: SearchCore) -> list[Ticket]:
    """Let every ticket settle that can, on whatever it gets."""
    found: list[Ticket] = []
    while (ticket := search.take()) is not None:
        if ticket.node is None and search.reserve(ticket) is None:
            search.wait(ticket)
        else:
            search.settle(ticket)
        found.append(ticket)
    return found


def commit(search: SearchCore) -> Ticket | None:
    ticket = search.committable()
    if ticket is not None:
        apply(search, ticket)
        search.finish_commit(ticket)
    return ticket


@given(
    tiers=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    asked=st.lists(st.integers(0, 25), min_size=1, max_size=12),
)
def test_a_tier_is_the_first_whose_end_lies_behind_the_iteration(tiers: list[int], asked: list[int]) -> None:
    """Asked in any order; what lies past the budget belongs to the last tier."""
    search = core(budget=tuple(tiers))
    ends = list(accumulate(tiers))
    assert search.budget == ends[-1]
    for iteration in asked:
        expected = next((number for number, end in enumerate(ends, start=1) if iteration < end), len(tiers))
        if iteration < search.budget or iteration >= max(asked[: asked.index(iteration) + 1]):
            assert search.tier(iteration) == expected


@given(agents=st.integers(1, 4), window=st.integers(1, 6), seed=st.integers(0, 9), order=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_machine_is_a_plain_loop_with_a_window(agents: int, window: int, seed: int, order: int) -> None:
    """The loop: reserve for ticket t after commit t − window, commit in order; the machine is driven in any order."""
    budget = 25
    search = core(agents=agents, window=window, seed=seed, budget=(budget,))
    rng = random.Random(order)
    working: list[Ticket] = []
    chosen: list[str] = []
    while search.stop_reason is None:
        working += [ticket for ticket in issue(search) if ticket.phase is Phase.WORKING]
        if working:
            ticket = working.pop(rng.randrange(len(working)))
            search.complete(ticket, work(ticket))
        while search.stop_reason is None and search.committable() is not None:
            node = search.open[search.committed].node
            assert node is not None
            chosen.append(node.goal.mvar_id)
            commit(search)
            working += [ticket for ticket in issue(search) if ticket.phase is Phase.WORKING]
    assert search.stop_reason == "budget" and search.committed == budget
    assert chosen == plain_loop(agents, window, seed, budget)


def plain_loop(agents: int, window: int, seed: int, budget: int) -> list[str]:
    """The same by hand, for trees in which something is free for every ticket but perhaps the first few."""
    tree = Tree(root(), TreeConfig(), statement="tickets")
    held: dict[int, object] = {}
    waiting: list[int] = []
    chosen: list[str] = []
    following = 0

    def reserve(ticket: int) -> bool:
        node = tree.select(AgentProfile(), salt=tie_salt(seed, ticket % agents, ticket))
        if node is not None:
            tree.reserve(node)
            held[ticket] = node
        return node is not None

    for turn in range(budget):
        waiting = [ticket for ticket in waiting if not reserve(ticket)]
        while following < turn + window:
            if not reserve(following):
                waiting.append(following)
            following += 1
        node = held.pop(turn)
        assert node is not None
        chosen.append(node.goal.mvar_id)  # type: ignore[attr-defined]
        tree.set_untried(node, ())  # type: ignore[arg-type]
        tree.release(node)  # type: ignore[arg-type]
        ancestry = Tree.ancestry(node)  # type: ignore[arg-type]
        worked = False
        for candidate in CANDIDATES:
            found = PROVER.apply(node.goal.mvar_id, candidate.tactic)  # type: ignore[attr-defined]
            if isinstance(found, Preview):
                worked |= tree.expand(node, candidate.tactic, found.children, ancestry) is not None  # type: ignore[arg-type]
        tree.settle(node)  # type: ignore[arg-type]
        tree.backpropagate(node, worked)  # type: ignore[arg-type]
    return chosen


def test_a_window_is_never_wider_and_tickets_go_round_the_agents() -> None:
    search = core(agents=3, window=4)
    found = issue(search)
    assert [ticket.iteration for ticket in found] == [0, 1, 2, 3]
    assert [ticket.agent_id for ticket in found] == [0, 1, 2, 0]
    assert found[0].phase is Phase.WORKING, "the root"
    assert [ticket.phase for ticket in found[1:]] == [Phase.WAITING] * 3
    assert search.inflight == 1 and not search.exhausted(), "the root's visit may free something"
    assert search.committable() is None


def test_what_waits_for_nothing_is_exhausted() -> None:
    search = core(agents=1, window=2)
    first, second = issue(search)
    search.complete(
        first, VisitResult(CANDIDATES, [Attempted(c.tactic, Failure("tactic", "no"), 0) for c in CANDIDATES])
    )
    assert commit(search) is first
    assert search.stop_reason == "exhausted" and search.tree.dead
    assert search.discarded == 1 and second.phase is Phase.WAITING
    assert search.take() is None and search.committable() is None


def test_giving_up_leaves_no_reservation_and_says_why() -> None:
    search = core(agents=1, window=1)
    ticket = search.take()
    assert ticket is not None and search.take() is None, "one settles at a time"
    assert search.reserve(ticket) is search.tree.root and ticket.round == 1
    search.skip(ticket, Delayed(4, 2, 3))
    assert ticket.node is None and search.inflight == 0 and search.tree.free == 1
    assert search.reserve(ticket) is None and ticket.round == 2, "nothing else is free"
    search.give_up(ticket, Delayed(4, 2, 3))
    assert ticket.phase is Phase.DONE and search.committable() is ticket
    assert commit(search) is ticket
    assert search.tree.root.visits == 1 and search.tree.root.successes == 0


@pytest.mark.parametrize("counts", [True, False])
def test_only_counted_obstacles_are_visits(counts: bool) -> None:
    search = core(agents=1, window=1, count_obstacles=counts)
    ticket = search.take()
    assert ticket is not None
    search.reserve(ticket)
    search.give_up(ticket, BLOCKED)
    applied = apply(search, ticket)
    assert applied.reason == "blocked" and applied.verdict == BLOCKED and not applied.skipped
    assert search.tree.root.visits == int(counts)


def test_a_restarted_settling_ticket_begins_anew() -> None:
    search = core(agents=1, window=1)
    ticket = search.take()
    assert ticket is not None
    search.reserve(ticket)
    search.skip(ticket, BLOCKED)
    search.restart(ticket)
    assert ticket.node is None and not ticket.skipped and ticket.round == 2 and search.inflight == 0
    assert search.reserve(ticket) is search.tree.root


def test_tickets_past_the_budget_are_parked_and_never_committed() -> None:
    search = core(agents=1, window=4, budget=(2,))
    (first, *_) = issue(search)
    search.complete(first, work(first))
    commit(search)
    phases = [ticket.phase for ticket in issue(search)]
    assert Phase.PARKED in phases
    parked = [ticket for ticket in search.open.values() if ticket.phase is Phase.PARKED]
    assert all(ticket.iteration >= 2 and ticket.node is not None for ticket in parked)
    second = search.open[1]
    search.complete(second, work(second))
    assert commit(search) is second
    assert search.stop_reason == "budget" and search.discarded == len(search.open) > 0


def test_in_order_of_arrival_what_is_done_first_is_committed_first() -> None:
    search = core(agents=3, window=3, ordered=False)
    first, *_ = issue(search)
    search.complete(first, work(first))
    assert commit(search) is first
    issue(search)
    later = [ticket for ticket in search.open.values() if ticket.phase is Phase.WORKING]
    assert len(later) >= 2
    search.complete(later[1], work(later[1]))
    search.complete(later[0], work(later[0]))
    assert [commit(search), commit(search)] == [later[1], later[0]]
    assert commit(search) is None


def test_in_order_of_arrival_a_ticket_past_the_budget_is_never_committed() -> None:
    search = core(agents=1, window=3, ordered=False, budget=(2,))
    first, *_ = issue(search)
    search.complete(first, work(first))
    commit(search)
    while (ticket := search.take()) is not None:
        search.reserve(ticket) if ticket.node is None else None
        if ticket.iteration >= 2:
            search.give_up(ticket, BLOCKED)
        else:
            search.settle(ticket)
    assert search.committable() is None


def test_a_ticket_that_waits_while_nobody_works_waits_for_ever() -> None:
    search = core(agents=1, window=1)
    assert not search.exhausted(), "nothing waits"
    search.tree.reserve(search.tree.root)  # by nobody who would ever give it back
    (ticket,) = issue(search)
    assert ticket.phase is Phase.WAITING
    assert search.exhausted()
    search.stop("exhausted")
    assert not search.exhausted(), "it has ended already"


def test_a_restarted_ticket_gives_the_node_back_that_it_holds() -> None:
    search = core(agents=1, window=1)
    ticket = search.take()
    assert ticket is not None
    node = search.reserve(ticket)
    search.restart(ticket)
    assert ticket.node is None and search.inflight == 0
    assert node is not None and not node.reserved and search.tree.free == 1
