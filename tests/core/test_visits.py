"""What a visit asks, tries and brings back: beside a plain loop that tries one candidate after the other."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.core import Attempted, Place, Visit, ends_visit, try_tactics, verify_proof
from cellview.prover import Failure, Goal, Preview, Suggestion, Verification
from cellview.schedule import HeadPeg, Peg, TacticIntervention

GOAL = Goal("g", "p", "p", "p")
PLACE = Place("key", 1, ("intro h",), "p", ())
NO_SIMP = TacticIntervention("no-simp", (HeadPeg("simp"),))
ANSWERS: dict[str, Preview | Failure] = {
    "closes": Preview("g", "closes"),
    "goes on": Preview("g", "goes on", (GOAL,)),
    "fails": Failure("tactic", "no"),
    "filtered": Failure("filtered", "not allowed"),
    "gone": Failure("no_goal", "what goal?"),
}


class Told:
    """A prover that does as it is told; ``falls`` raises as often as it is told to."""

    def __init__(self, falls: int = 0, commit_fails: bool = False) -> None:
        self.falls = falls
        self.commit_fails = commit_fails
        self.checkpoints: list[int] = []

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        self.checkpoints.append(checkpoint)
        if tactic == "falls":
            if self.falls:
                self.falls -= 1
                raise RuntimeError("the prover fell over")
            return ANSWERS["fails"]
        return ANSWERS[tactic]

    async def commit(self, preview: Preview) -> None:
        if self.commit_fails:
            raise RuntimeError("who is that?")

    async def verify(self, statement: str, script: str) -> Verification:
        if self.falls:
            self.falls -= 1
            raise RuntimeError("the prover fell over")
        return Verification(ok=True, source=script)


def ends(result: Preview | Failure, stop: bool) -> bool:
    """By definition: a closed goal, the first success if it is the rule, a goal or a prover that is gone."""
    if isinstance(result, Preview):
        return stop or result.children == ()
    return result.reason in {"no_goal", "adapter"}


names = st.lists(st.sampled_from([*ANSWERS, "simp", "falls"]), max_size=8)


@given(tactics=names, most=st.integers(1, 8), stop=st.booleans(), falls=st.integers(0, 5), retries=st.integers(0, 2))
@settings(max_examples=300, deadline=None)
async def test_a_visit_is_one_candidate_after_the_other(
    tactics: list[str], most: int, stop: bool, falls: int, retries: int
) -> None:
    candidates = [Suggestion(tactic, 1.0) for tactic in tactics]
    visit = Visit(candidates, max_tactics=most, intervention=NO_SIMP, place=PLACE, seed=0)
    assert visit.asked == [(n, tactic) for n, tactic in enumerate(tactics[:most]) if tactic != "simp"]
    clock = iter(range(10, 100))
    prover: Any = Told(falls)
    tried, error = await try_tactics(
        prover,
        "g",
        visit.asked,
        iteration=7,
        via=None,
        stop_at_success=stop,
        now_ms=lambda: next(clock),
        retries=retries,
    )
    result = visit.result(tried, error=error, stop_at_success=stop)

    expected: list[tuple[str, str]] = []
    checkpoints: list[int] = []
    left = falls
    broken = False
    for number, tactic in enumerate(tactics[:most]):
        if tactic == "simp":
            expected.append((tactic, "blocked"))
            continue
        answer = ANSWERS.get(tactic, ANSWERS["fails"])
        checkpoints.append(7001 + number)
        if tactic == "falls" and left:
            again = min(left, 1 + retries)
            left -= again
            broken = again == 1 + retries
            checkpoints += [7001 + number] * (again - broken)
            answer = Failure("adapter", "RuntimeError: the prover fell over") if broken else answer
        expected.append((tactic, str(answer)))
        if ends(answer, stop):
            break
    found = [(a.tactic, "blocked" if isinstance(a.result, Peg) else str(a.result)) for a in result.attempts]
    assert found == expected
    assert prover.checkpoints == checkpoints
    assert result.candidates is candidates
    assert (result.error, result.message) == (
        ("adapter", "RuntimeError: the prover fell over") if broken else (None, "")
    )
    times = [a.timestamp_ms for a in result.attempts]
    assert times == sorted(times), "what was held back has the time of what was tried before it"


async def test_a_goal_that_cannot_be_registered_leaves_all_untried() -> None:
    prover: Any = Told(commit_fails=True)
    via = Preview("above", "intro", (GOAL,))
    tried, error = await try_tactics(
        prover, "g", [(0, "closes")], iteration=0, via=via, stop_at_success=False, now_ms=lambda: 0, retries=1
    )
    assert (tried, error) == ([], "RuntimeError: who is that?")


@given(falls=st.integers(0, 4), retries=st.integers(0, 3))
async def test_a_check_is_repeated_as_often_as_said(falls: int, retries: int) -> None:
    prover: Any = Told(falls)
    verification = await verify_proof(prover, "p", "rfl", retries=retries)
    assert verification.ok == (falls <= retries)
    assert verification.broken == (falls > retries)
    assert prover.falls == max(0, falls - 1 - retries)


def test_without_pegs_or_place_nothing_is_held_back() -> None:
    candidates = [Suggestion("simp", 1.0)]
    for intervention, place in ((None, PLACE), (TacticIntervention("wild"), PLACE), (NO_SIMP, None)):
        visit = Visit(candidates, max_tactics=3, intervention=intervention, place=place, seed=0)
        assert visit.asked == [(0, "simp")] and not visit.pegs
        tried = [Attempted("simp", ANSWERS["fails"], 3)]
        assert visit.result(tried, error=None, stop_at_success=False).attempts == tried


def test_what_ends_a_visit() -> None:
    for stop in (True, False):
        assert {name for name, answer in ANSWERS.items() if ends_visit(answer, stop_at_success=stop)} == {
            "closes",
            "gone",
        } | ({"goes on"} if stop else set())
        assert ends_visit(Failure("adapter", "broken"), stop_at_success=stop)
