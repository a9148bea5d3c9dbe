"""The synthetic prover is the tree that its specification's check values say."""

from __future__ import annotations

import pytest

from cellview.prover.base import Failure, Goal, Preview, Prover, TacticProvider
from cellview.prover.synthetic import SyntheticCrash, SyntheticProver, SyntheticProvider


async def _preview(prover: SyntheticProver, goal: Goal | str, tactic: str) -> Preview:
    outcome = await prover.preview(goal if isinstance(goal, str) else goal.mvar_id, tactic, checkpoint=1)
    assert isinstance(outcome, Preview), outcome
    return outcome


async def test_check_values() -> None:
    prover, provider = SyntheticProver(), SyntheticProvider()
    assert isinstance(prover, Prover)
    assert isinstance(provider, TacticProvider)
    root = await prover.start("anything")
    assert root == Goal("g910a2dec89025cc1", "G 910a2dec89025cc1", "g910a2dec89025cc1", "g910a2dec89025cc1")
    assert [(s.tactic, s.score) for s in await provider.suggest(root)] == [
        ("t0", 0.6080740006008055),
        ("t1", 0.09310069064005877),
        ("t2", 0.28874898478511035),
        ("t3", 0.06793029635004055),
    ]
    children = {
        tactic: [child.mvar_id for child in (await _preview(prover, root, tactic)).children]
        for tactic in ("t0", "t1", "t3")
    }
    assert children == {
        "t0": ["g47a996f8ec93f1c0"],
        "t1": ["g8d2706f44c191347", "gf6147174e2137095"],
        "t3": ["g70eb77dfb6a9985c", "g0bb21f6e2113de0e"],
    }
    failed = await prover.preview(root.mvar_id, "t2", checkpoint=1)
    assert isinstance(failed, Failure)
    assert failed.reason == "tactic"


async def test_goals_must_be_committed_before_they_are_known() -> None:
    prover = SyntheticProver()
    root = await prover.start("x")
    preview = await _preview(prover, root, "t0")
    child = preview.children[0].mvar_id
    unknown = await prover.preview(child, "t0", checkpoint=2)
    assert isinstance(unknown, Failure)
    assert unknown.reason == "no_goal"
    await prover.commit(preview)
    await prover.commit(preview)
    again = await prover.preview(child, "t0", checkpoint=2)
    assert not (isinstance(again, Failure) and again.reason == "no_goal")


async def test_unknown_tactic_fails() -> None:
    prover = SyntheticProver()
    root = await prover.start("x")
    assert isinstance(await prover.preview(root.mvar_id, "t4", checkpoint=1), Failure)


async def _find_proof(prover: SyntheticProver, goal: str, depth: int) -> list[str] | None:
    """A structured script for `goal`, by plain depth-first search."""
    if depth == 0:
        return None
    for i in range(4):
        outcome = await prover.preview(goal, f"t{i}", checkpoint=1)
        if isinstance(outcome, Failure):
            continue
        await prover.commit(outcome)
        parts = [await _find_proof(prover, child.mvar_id, depth - 1) for child in outcome.children]
        done = [part for part in parts if part is not None]
        if len(done) < len(parts):
            continue
        if len(done) < 2:
            return [f"t{i}", *(line for part in done for line in part)]
        bulleted = [[f"· {part[0]}", *(f"  {line}" for line in part[1:])] for part in done]
        return [f"t{i}", *(line for part in bulleted for line in part)]
    return None


async def test_verify_replays_the_script() -> None:
    branched = 0
    for seed in range(40):
        prover = SyntheticProver(seed, p_close=0.3)
        root = await prover.start("x")
        script = await _find_proof(prover, root.mvar_id, 6)
        if script is None:
            continue
        branched += any("·" in line for line in script)
        good = await prover.verify("x", "\n".join(script))
        assert good.ok, (seed, script, good)
        assert "not a proof in Lean" in good.message
        assert good.axioms == ()
        for broken in (script[:-1], [*script, "t0"], ["t9", *script]):
            assert not (await prover.verify("x", "\n".join(broken))).ok, (seed, broken)
    assert branched >= 3


async def test_latency_is_fixed_or_drawn_from_the_key() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    for latency in (0.25, (0.1, 0.3)):
        prover = SyntheticProver(latency_s=latency, sleep=sleep)
        provider = SyntheticProvider(latency_s=latency, sleep=sleep)
        root = await prover.start("x")
        for tactic in ("t0", "t1", "t0"):
            await _preview(prover, root, tactic)
        await provider.suggest(root)
    fixed, drawn = slept[:4], slept[4:]
    assert fixed == [0.25] * 4
    assert drawn[0] == drawn[2] != drawn[1]
    assert all(0.1 <= seconds < 0.3 for seconds in drawn)


async def test_injected_failures_are_keyed_and_leave_the_tree_alone() -> None:
    async def outcomes(prover: SyntheticProver) -> list[str]:
        goal, seen = (await prover.start("x")).mvar_id, list[str]()
        frontier = [goal]
        while frontier and len(seen) < 400:
            goal = frontier.pop(0)
            for i in range(4):
                try:
                    outcome = await prover.preview(goal, f"t{i}", checkpoint=1)
                except SyntheticCrash:
                    seen.append("crash")
                    outcome = prover.apply(goal, f"t{i}")
                else:
                    seen.append(outcome.reason if isinstance(outcome, Failure) else repr(outcome))
                    if isinstance(outcome, Failure):
                        outcome = prover.apply(goal, f"t{i}")
                if isinstance(outcome, Preview):
                    await prover.commit(outcome)
                    frontier.extend(child.mvar_id for child in outcome.children)
        return seen

    plain = await outcomes(SyntheticProver())
    bad = await outcomes(SyntheticProver(p_crash=0.1, p_timeout=0.1))
    assert bad == await outcomes(SyntheticProver(p_crash=0.1, p_timeout=0.1))
    assert bad.count("crash") > 10
    assert bad.count("adapter") > 10
    assert all(b == p for b, p in zip(bad, plain, strict=True) if b not in ("crash", "adapter"))


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"p_fail": 1.5}, "p_fail"),
        ({"p_fail": 0.7, "p_close": 0.7}, "at most 1"),
        ({"branching": 0}, "branching"),
        ({"p_two": -0.1}, "p_two"),
    ],
)
def test_bad_parameters_are_refused(arguments: dict[str, float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        SyntheticProver(**arguments)  # type: ignore[arg-type]
