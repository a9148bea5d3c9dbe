"""`LeanProver` on real Lean: statements, tactics, goals, joint goals, and whole proofs that a fresh Lean accepts."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence

import pytest

from cellview.prover import Failure, Goal, Hypothesis, Preview, ProofStep, Prover, StatementError, render_script
from cellview.prover.errors import ProverError
from cellview.prover.lean import LeanProver, Toolchain, TransportName, open_prover

AND_SWAP = "(p q : Prop) : p ∧ q → q ∧ p"


async def good(prover: LeanProver, goal: Goal, tactic: str, *, checkpoint: int = 1) -> Preview:
    outcome = await prover.preview(goal.mvar_id, tactic, checkpoint=checkpoint)
    assert isinstance(outcome, Preview), (tactic, outcome)
    await prover.commit(outcome)
    return outcome


async def bad(prover: LeanProver, goal: Goal, tactic: str) -> Failure:
    outcome = await prover.preview(goal.mvar_id, tactic, checkpoint=1)
    assert isinstance(outcome, Failure), (tactic, outcome)
    return outcome


async def prove(
    prover: LeanProver, goal: Goal, tactics: Sequence[str], depth: int = 8, numbers: Iterator[int] | None = None
) -> ProofStep | None:
    """Find a proof by trying `tactics` depth-first."""
    numbers = itertools.count(1) if numbers is None else numbers
    if depth == 0:
        return None
    for tactic in tactics:
        outcome = await prover.preview(goal.mvar_id, tactic, checkpoint=next(numbers))
        if isinstance(outcome, Failure):
            continue
        if any(child.goal_sig_strict == goal.goal_sig_strict for child in outcome.children):
            continue
        await prover.commit(outcome)
        steps: list[ProofStep] = []
        for child in outcome.children:
            step = await prove(prover, child, tactics, depth - 1, numbers)
            if step is None:
                break
            steps.append(step)
        else:
            return ProofStep(tactic=tactic, children=tuple(steps), rotate=goal.rotate, joint=goal.joint)
    return None


async def test_the_public_way_in() -> None:
    async with open_prover() as prover:
        assert isinstance(prover, Prover)
        goal = await prover.start(AND_SWAP)
        assert goal.goal_type == "p ∧ q → q ∧ p"
        assert goal.hypotheses == (Hypothesis("p", "Prop"), Hypothesis("q", "Prop"))
        assert goal.mvar_id.startswith("cp0:")
        preview = await good(prover, goal, "exact fun h => ⟨h.2, h.1⟩")
        assert preview.children == ()
        checked = await prover.verify(AND_SWAP, "exact fun h => ⟨h.2, h.1⟩")
        assert checked.ok, checked.message


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("(p : Prop : p", "not closed"),
        ("(p : Prop) : p →", "expected term"),
        ("(p : Prop) : p ∧ unknownThing", "unknownThing"),
        ("(p : Prop) : sorry", "sorry"),
        ("(p : Prop) : p → p := fun h => h\ntheorem other : True", "theorem"),
        ("(p : Prop) : p → p := fun h => h", ":="),
        (": Nat", "not a proposition"),
        ("(p : Prop) : by exact p", None),
        ("", "colon"),
    ],
)
async def test_statements_that_are_none(
    transport: TransportName, toolchain: Toolchain, statement: str, says: str | None
) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        if says is None:
            assert (await prover.start(statement)).goal_type == "p"
            return
        with pytest.raises(StatementError, match=says):
            await prover.start(statement)
        # The prover is as good as new.
        assert (await prover.start(AND_SWAP)).goal_type == "p ∧ q → q ∧ p"


async def test_a_statement_may_end_in_a_comment_or_span_lines(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        assert (await prover.start("(p : Prop) : p → p -- obvious")).goal_type == "p → p"
        assert (await prover.start("(p : Prop)\n: p →\n p")).goal_type == "p → p"


async def test_universes_belong_to_the_theorem(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(".{u} (α : Type u) (a : α) : a = a")
        assert (await good(prover, root, "rfl")).children == ()


async def test_questions_asked_at_once_are_answered_one_after_the_other(
    transport: TransportName, toolchain: Toolchain
) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(AND_SWAP)
        tactics = ["intro h", "exact nothing", "exact fun h => ⟨h.2, h.1⟩", "intro k"] * 3
        alone = [await prover.preview(root.mvar_id, tactic, checkpoint=i) for i, tactic in enumerate(tactics)]
        together = [prover.preview(root.mvar_id, tactic, checkpoint=i) for i, tactic in enumerate(tactics)]
        assert await asyncio.gather(*together) == alone


async def test_goals_after_a_tactic(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(AND_SWAP)
        (intro,) = (await good(prover, root, "intro h", checkpoint=1001)).children
        assert intro.goal_type == "q ∧ p"
        assert intro.hypotheses[-1] == Hypothesis("h", "p ∧ q")
        assert intro.mvar_id.startswith("cp1001:")
        left, right = (await good(prover, intro, "cases h; constructor", checkpoint=2001)).children
        assert (left.goal_type, right.goal_type) == ("q", "p")
        assert [h.name for h in left.hypotheses] == ["p", "q", "left✝", "right✝"]
        assert (await good(prover, right, "assumption")).children == ()
        assert (await good(prover, left, "assumption")).children == ()
        let = await prover.start(": (let n := 2; n = n)")
        (opened,) = (await good(prover, let, "intro n")).children
        assert opened.hypotheses == (Hypothesis("n", "Nat", "2"),)


async def test_failures_have_reasons(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport, heartbeats=500) as prover:
        root = await prover.start(AND_SWAP)
        assert await bad(prover, root, "exact nothing") == Failure("tactic", "Unknown identifier `nothing`")
        assert (await bad(prover, root, "sorry")).reason == "filtered"
        assert (await bad(prover, root, "set_option maxRecDepth 5 in skip")).reason == "filtered"
        assert (await bad(prover, root, "trivial)\ntheorem x : False := (by trivial")).reason == "filtered"
        assert (await bad(prover, root, "repeat (have h : 1 + 1 = 2 := by simp)")).reason == "heartbeats"
        unknown = await prover.preview("cp0:_uniq.0", "skip", checkpoint=1)
        assert isinstance(unknown, Failure)
        assert unknown.reason == "no_goal"
        assert prover.statistics.restarts == 0


@pytest.mark.parametrize(
    "tactic",
    [
        "exact",
        "have h : 1 = 2 := by",
        "intro h; exact fun",
        "· intro h",  # the bullet leaves a goal open
        "intro h\n exact h",  # badly indented
        "first",
        "<;> skip",
        "at h",
        "skip;; skip",
        "(skip",
        "skip\n/- open",
        "exact fun h => ⟨h.2, ?_⟩; exact 3",
    ],
)
async def test_half_a_tactic_is_no_tactic(transport: TransportName, toolchain: Toolchain, tactic: str) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(AND_SWAP)
        assert (await bad(prover, root, tactic)).reason in ("tactic", "filtered")


async def test_a_tactic_cannot_go_on_from_the_one_above(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start("(p q : Prop) (h : p ∧ True) : p ∧ True")
        (child,) = (await good(prover, root, "simp only [and_true]")).children
        # "simp only [and_true]\nat h" would be one tactic, and would work.
        assert (await bad(prover, child, "at h")).reason == "tactic"


async def test_no_goals_beside_an_error_is_no_success(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start("(p : Prop) : p")
        # After the error Lean goes on as if the goal were closed.
        for tactic in ("· skip", "exact (by skip)", "have h : p := by skip\nexact h", "case _ => skip"):
            assert (await bad(prover, root, tactic)).reason == "tactic"


async def test_tactics_of_several_lines(transport: TransportName, toolchain: Toolchain) -> None:
    tactics = [
        "intro h\ncases h with\n| intro a b =>\n  constructor\n  · exact b\n  · exact a",
        "  intro h\n  exact ⟨h.2, h.1⟩",
        "intro h -- a comment\nexact ⟨h.2,\n  h.1⟩",
        "-- a comment first\n\nintro ⟨a, b⟩\n\nexact ⟨b, a⟩\n",
        "refine fun h => ?_\nhave k : q := by\n  exact h.2\nexact ⟨k, h.1⟩",
        "intro h; refine ⟨?_, ?_⟩\n· exact h.2\n· exact h.1",
        "exact\n  fun h => ⟨h.2, h.1⟩",
        "suffices k : p ∧ q → q by\n  exact fun h => ⟨k h, h.1⟩\nexact fun h => h.2",
    ]
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(AND_SWAP)
        for tactic in tactics:
            assert (await good(prover, root, tactic)).children == (), tactic
            checked = await prover.verify(AND_SWAP, render_script(ProofStep(tactic=tactic)))
            assert checked.ok, (tactic, checked.message)


async def test_subgoals_that_share_metavariables_are_one_goal(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start("(p : Nat → Prop) (h : p 3) : (∃ x, p x) ∧ True ∧ True")
        single, joint = (await good(prover, root, "refine ⟨⟨?w, ?_⟩, ?_⟩")).children
        assert (single.goal_type, single.joint, single.rotate) == ("True ∧ True", False, 2)
        assert (joint.goal_type, joint.joint, joint.rotate) == ("Nat  ⊢  p ?w", True, 0)
        assert (await good(prover, single, "trivial")).children == ()
        # Closing the first of them by unification closes the other.
        assert (await good(prover, joint, "rotate_left\nexact h")).children == ()
        # Choosing the witness leaves one goal, which is an ordinary one.
        (rest,) = (await good(prover, joint, "exact 3")).children
        assert (rest.goal_type, rest.joint, rest.rotate) == ("p 3", False, 0)
        assert (await good(prover, rest, "exact h")).children == ()


async def test_equal_goals_joined_by_a_middle_term(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start("(a b c : Nat) (h : a = b) (k : b = c) : a = c")
        (joint,) = (await good(prover, root, "apply Eq.trans")).children
        assert joint.joint
        assert joint.goal_type == "a = ?b  ⊢  ?b = c  ⊢  Nat"
        (rest,) = (await good(prover, joint, "exact h")).children
        assert (rest.goal_type, rest.joint) == ("b = c", False)
        independent = (await good(prover, root, "refine Eq.trans (b := b) ?_ ?_")).children
        assert [(goal.goal_type, goal.joint) for goal in independent] == [("a = b", False), ("b = c", False)]


async def test_a_metavariable_hidden_in_an_implicit_argument_joins_too(
    transport: TransportName, toolchain: Toolchain
) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(": ∃ α : Type, (∃ x : List α, x = x) ∧ ([] : List α) = []")
        goals = (await good(prover, root, "refine ⟨?α, ?_, ?_⟩")).children
        assert [goal.joint for goal in goals] == [True]
        assert goals[0].goal_type.endswith("[] = []")  # nothing to be seen of ?α here


async def test_a_metavariable_with_an_inaccessible_name_joins_too(
    transport: TransportName, toolchain: Toolchain
) -> None:
    statement = "(p : Nat → Prop) (q : Prop) (h : ∀ _ : Nat, p ‹Nat› → q) (k : p 3) : q"
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(statement)
        (joint,) = (await good(prover, root, "apply h")).children
        assert (joint.goal_type, joint.joint) == ("p ?x✝  ⊢  Nat", True)
        (closed,) = [await good(prover, joint, "exact k")]
        assert closed.children == ()
        checked = await prover.verify(statement, "apply h\nexact k")
        assert checked.ok, checked.message


async def test_numerals_are_written_out_and_not_by_internal_ids(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start("(n : Nat) (h : n = 2) : n + 1 = 3")
        # The same goal, reached by another way: its hypotheses have other internal ids.
        (there,) = (await good(prover, root, "revert n", checkpoint=1)).children
        (back,) = (await good(prover, there, "intro n h", checkpoint=2)).children
        assert (back.goal_sig, back.goal_sig_strict) == (root.goal_sig, root.goal_sig_strict)
        other = await prover.start("(n : Nat) (h : n = 2) : n + 1 = 4")
        assert other.goal_sig != root.goal_sig


async def test_deeper_rotations_render_and_verify(transport: TransportName, toolchain: Toolchain) -> None:
    statement = "(p q : Nat → Prop) (h : p 1) (k : q 2) : ((∃ x, p x) ∧ True) ∧ (∃ y, q y) ∧ True"
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(statement)
        tactics = ["trivial", "exact h", "exact k", "refine ⟨⟨⟨?_, ?_⟩, ?_⟩, ⟨?_, ?_⟩, ?_⟩", "rotate_left 1"]
        preview = await good(prover, root, tactics[3])
        assert [(goal.rotate, goal.joint) for goal in preview.children] == [(2, False), (2, False), (0, True)]
        step = await prove(prover, root, tactics)
        assert step is not None
        script = render_script(step)
        assert "rotate_left 2\n· trivial" in script
        checked = await prover.verify(statement, script)
        assert checked.ok, (script, checked.message)


THEOREMS = [
    "(p q r : Prop) : p ∧ (q ∨ r) → (p ∧ q) ∨ (p ∧ r)",
    "(p q : Prop) : (p ↔ q) → (q ↔ p)",
    "(α : Type) (p q : α → Prop) : (∃ x, p x ∧ q x) → (∃ x, q x) ∧ ∃ x, p x",
    "(a b c d : Nat) (h : a = b) (k : c = d) : a + c = b + d ∧ d = c",
    "(n : Nat) : 0 + n = n",
]
TACTICS = [
    "assumption",
    "rfl",
    "intro h",
    "cases ‹_ ∧ _›",
    "cases ‹_ ∨ _›",
    "cases ‹_ ↔ _›",
    "cases ‹∃ x, _›",
    "constructor",
    "refine ⟨_, ?_⟩ <;> assumption",
    "symm",
    "subst h k",
    "induction n with\n| zero => rfl\n| succ n ih => rw [← Nat.add_assoc, ih]",
    "left",
    "right",
]


@pytest.mark.parametrize("statement", THEOREMS)
async def test_what_the_tree_calls_proved_a_fresh_lean_accepts(
    transport: TransportName, toolchain: Toolchain, statement: str
) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        step = await prove(prover, await prover.start(statement), TACTICS)
        assert step is not None
        checked = await prover.verify(statement, render_script(step))
        assert checked.ok, (render_script(step), checked.message)
        assert prover.statistics.restarts == 0


async def test_deep_proofs(transport: TransportName, toolchain: Toolchain) -> None:
    """A chain of 80 tactics, and 60 conjunctions of which each time the first is the long one."""
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        goal = await prover.start("(p : Prop) : p → p")
        step = ProofStep(tactic="exact id")
        for index in range(80):
            step = ProofStep(tactic="show p → p", children=(step,))
            (goal,) = (await good(prover, goal, "show p → p", checkpoint=index + 1)).children
        assert (await good(prover, goal, "exact id")).children == ()
        assert (await prover.verify("(p : Prop) : p → p", render_script(step))).ok
    deep = ProofStep(tactic="trivial")
    kind = "True"
    for _ in range(60):
        deep = ProofStep(tactic="constructor", children=(deep, ProofStep(tactic="trivial")))
        kind = f"({kind} ∧ True)"
    checked = await prover.verify(f": {kind}", render_script(deep))
    assert checked.ok, checked.message


async def test_commit_needs_the_parent_and_may_be_repeated(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start(AND_SWAP)
        preview = await good(prover, root, "intro h")
        edits = prover.statistics.edits
        await prover.commit(preview)
        assert prover.statistics.edits == edits
        await prover.start("(p : Prop) : p → p → p")
        with pytest.raises(ProverError, match="not known"):
            await prover.commit(Preview("cp7:_uniq.1", "skip", preview.children))


async def test_a_checkpoint_used_twice_is_an_error(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:
        root = await prover.start("(p : Prop) : p → p → p")
        first = await good(prover, root, "intro h")
        second = await prover.preview(root.mvar_id, "intro k", checkpoint=1)
        assert isinstance(second, Preview)
        assert second.children[0].mvar_id == first.children[0].mvar_id
        with pytest.raises(ProverError, match="checkpoint"):
            await prover.commit(second)


async def test_signatures(transport: TransportName, toolchain: Toolchain) -> None:
    async with LeanProver.open(toolchain=toolchain, transport=transport) as prover:

        async def of(statement: str, *tactics: str) -> Goal:
            goal = await prover.start(statement)
            for tactic in tactics:
                (goal,) = (await good(prover, goal, tactic)).children
            return goal

        one = await of("(p q : Prop) : p → q → p", "intro h")
        same = await of("(p q : Prop) : p → q → p", "intro k", "revert k", "intro h")
        renamed = await of("(a b : Prop) : a → b → a", "intro h")
        other = await of("(p q : Prop) : p → q → q", "intro h")
        assert (one.goal_sig, one.goal_sig_strict) == (same.goal_sig, same.goal_sig_strict)
        assert one.goal_sig == renamed.goal_sig
        assert one.goal_sig_strict != renamed.goal_sig_strict
        assert one.goal_sig != other.goal_sig
        assert one.goal_sig.startswith("sig_")
        assert len(one.goal_sig) == 4 + 12
        assert one.goal_sig_strict.startswith("strict_")
        # Looks the same to people, and is not: only the full text tells.
        lists = [await of(f": ([] : List {kind}) = []") for kind in ("Nat", "Bool")]
        assert lists[0].goal_type == lists[1].goal_type
        assert lists[0].goal_sig != lists[1].goal_sig
        # The same state, reached twice in one proof, is strictly equal although its metavariables differ.
        loop = await of("(a b : Nat) : a = b", "symm", "symm")
        assert loop.goal_sig_strict == (await of("(a b : Nat) : a = b")).goal_sig_strict
        middle = await of("(a b : Nat) : a = b", "apply Eq.trans")
        later = await of("(a b : Nat) : a = b", "symm", "symm", "apply Eq.trans")
        assert middle.goal_sig_strict == later.goal_sig_strict
