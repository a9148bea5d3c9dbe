"""A test of the tests: defects planted in the roles are found by the interventions of ``test_interleavings.py``."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence

import anyio
import pytest
from msgspec.structs import replace

from cellview.actors.roles import AgentActor, SchedulerActor, TreeOwnerActor
from cellview.actors.roles.messages import AskAgain, Judge, Judged
from cellview.actors.testing import SCHEDULE_ONLY, Crash, Duplicate, Hold, Intervention, draw, run_controlled
from cellview.actors.testing.interventions import Kind
from cellview.core import Phase, SearchCore, Ticket
from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, ReroutePolicy
from cellview.search import SearchConfig, search
from cellview.trace import NullTraceWriter

ROLES = ["tree-owner", "scheduler", "prover", "trace-writer", "agent-0", "agent-1", "agent-2"]
PLAIN = SearchConfig(agents=3, inflight=5, budget=(24,))
BLOCKED = replace(
    PLAIN, block=BlockPolicy(fraction=0.4, duration=5, seed=3), reroute=ReroutePolicy(max_attempts=2), budget=(24,)
)
RUNS = 300
"""Runs within which a defect must show; the properties make several times as many."""


def run_search(config: SearchConfig, interventions: Sequence[Intervention] = ()) -> str | None:
    """Digest of one search under control, or the name of the error that ended it."""

    async def main() -> str | None:
        latency_s = (0.001, 0.02)
        result = await search(
            "synthetic",
            prover=SyntheticProver(p_close=0.02, latency_s=latency_s, sleep=anyio.sleep),
            provider=SyntheticProvider(latency_s=latency_s, sleep=anyio.sleep),
            config=config,
            trace=NullTraceWriter(digest=True),
        )
        return result.digest

    try:
        return run_controlled(
            main, interventions=interventions, early="timers", deadlines="fire", max_deliveries=5000
        ).result
    except Exception as error:
        return type(error).__name__


def runs_until_found(config: SearchConfig, kinds: Sequence[Kind]) -> int | None:
    """Number of the first run that ends otherwise than the plain one, or ``None``."""
    rng = random.Random(7)
    plain = run_search(config)
    for number in range(1, RUNS + 1):
        plan = draw(rng, ROLES, kinds=kinds, max_interventions=4, max_at=60, max_hold=40)
        if run_search(config, plan) != plain:
            return number
    return None


# -- the defects -------------------------------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def commit_before_the_settle(patch: pytest.MonkeyPatch) -> None:
    """The owner commits while a reservation is being settled."""
    advance = TreeOwnerActor._advance  # pyright: ignore[reportPrivateUsage]  # defects are planted inside

    async def hasty(self: TreeOwnerActor) -> None:
        core = self._core  # pyright: ignore[reportPrivateUsage]
        if core.settling is not None and core.stop_reason is None:
            settling, core.settling = core.settling, None
            ticket = core.committable()
            if ticket is not None:
                await self._commit(ticket)  # pyright: ignore[reportPrivateUsage]
            core.settling = settling
        await advance(self)

    patch.setattr(TreeOwnerActor, "_advance", hasty)


def commit_before_the_issue(patch: pytest.MonkeyPatch) -> None:
    """A result that is there goes before the tickets that should have been issued without it."""
    take = SearchCore.take

    def late(self: SearchCore) -> Ticket | None:
        return None if self.committable() is not None else take(self)

    patch.setattr(SearchCore, "take", late)


def commit_as_it_comes(patch: pytest.MonkeyPatch) -> None:
    """Any result that is there is committed, whosever turn it is."""

    def any_done(self: SearchCore) -> Ticket | None:
        return next((ticket for ticket in self.open.values() if ticket.phase is Phase.DONE), None)

    patch.setattr(SearchCore, "committable", any_done)


def no_reminder_of_work(patch: pytest.MonkeyPatch) -> None:
    """An agent that was restarted is not told of the tickets that it was working on."""
    remind = TreeOwnerActor._remind  # pyright: ignore[reportPrivateUsage]

    async def forgetful(self: TreeOwnerActor, ticket: Ticket) -> None:
        if ticket.phase is not Phase.WORKING:
            await remind(self, ticket)

    patch.setattr(TreeOwnerActor, "_remind", forgetful)


def no_second_question(patch: pytest.MonkeyPatch) -> None:
    """Agents do not ask a restarted prover or scheduler again."""

    async def silent(self: AgentActor, message: AskAgain) -> None:
        pass

    patch.setattr(AgentActor, "_ask_again", silent)


def stale_verdict(patch: pytest.MonkeyPatch) -> None:
    """An agent takes a verdict on an earlier reservation for one on the present."""
    judged = AgentActor._on_judged  # pyright: ignore[reportPrivateUsage]

    async def credulous(self: AgentActor, message: Judged) -> None:
        visit = self._held.get(message.iteration)  # pyright: ignore[reportPrivateUsage]
        if visit is not None:
            visit.stage = "judging"
            message = replace(message, round=visit.round)
        await judged(self, message)

    patch.setattr(AgentActor, "_on_judged", credulous)


def shared_draws(patch: pytest.MonkeyPatch) -> None:
    """The scheduler draws its verdicts in the order of the questions."""
    receive = SchedulerActor.receive
    asked = 0

    async def counting(self: SchedulerActor, message: Judge) -> None:
        nonlocal asked
        asked += 1
        await receive(self, replace(message, node_key=f"{asked % 97}"))

    def anew() -> None:
        nonlocal asked
        asked = 0

    patch.setattr(SchedulerActor, "receive", counting)
    _at_each_search(patch, anew)


def _at_each_search(patch: pytest.MonkeyPatch, begin: Callable[[], None]) -> None:
    prove: Callable[[SyntheticProver, str], Awaitable[object]] = SyntheticProver.start

    async def start(self: SyntheticProver, statement: str) -> object:
        begin()
        return await prove(self, statement)

    patch.setattr(SyntheticProver, "start", start)


FAULTS: tuple[Kind, ...] = (Crash, Hold, Duplicate)
DEFECTS: list[tuple[Plant, SearchConfig, Sequence[Kind]]] = [
    (commit_before_the_settle, BLOCKED, SCHEDULE_ONLY),
    (commit_before_the_issue, BLOCKED, SCHEDULE_ONLY),
    (commit_as_it_comes, PLAIN, SCHEDULE_ONLY),
    (no_reminder_of_work, PLAIN, FAULTS),
    (no_second_question, BLOCKED, FAULTS),
    (stale_verdict, BLOCKED, FAULTS),
    (shared_draws, BLOCKED, FAULTS),
]


@pytest.mark.parametrize(("plant", "config", "kinds"), DEFECTS, ids=[plant.__name__ for plant, _, _ in DEFECTS])
def test_a_planted_defect_is_found(
    plant: Plant, config: SearchConfig, kinds: Sequence[Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert runs_until_found(config, kinds) is not None


@pytest.mark.parametrize("config", [PLAIN, BLOCKED], ids=["plain", "blocked"])
def test_nothing_is_found_where_nothing_is_planted(config: SearchConfig) -> None:
    assert runs_until_found(config, FAULTS) is None
