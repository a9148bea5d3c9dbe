"""Tactic interventions: what each kind of peg holds back, how they are written, and that all of them are pure."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.schedule import (
    FAMILIES,
    WILD_TYPE,
    BudgetPeg,
    ConditionalPeg,
    DoseMatchedPeg,
    FamilyPeg,
    HeadPeg,
    InterventionError,
    NullPeg,
    Peg,
    RandomNonpathPeg,
    TacticIntervention,
    parse_intervention,
    parse_interventions,
    tactic_head,
    unit_draw,
)

TACTICS = ["intro h", "simp", "constructor <;> simp", "rw [h]", "cases h", "exact h", "induction n", "omega"]


def judge(intervention: TacticIntervention, tactic: str, **changes: Any) -> Peg | None:
    return judge_all(intervention, [tactic], **changes).get(0)


def judge_all(intervention: TacticIntervention, tactics: Sequence[str], **changes: Any) -> dict[int, Peg]:
    where: dict[str, Any] = {
        "goal_type": "p → q",
        "depth": 1,
        "path": ("intro h",),
        "node_key": "intro h/0",
        "seed": 0,
    }
    return intervention.judge(tactics, **{**where, **changes})


def held(intervention: TacticIntervention, **changes: Any) -> list[str]:
    return [tactic for tactic in TACTICS if judge(intervention, tactic, **changes) is not None]


def arm(*pegs: Any) -> TacticIntervention:
    return TacticIntervention("arm", pegs)


def test_the_wild_type_holds_nothing_back() -> None:
    assert held(WILD_TYPE) == []
    assert parse_intervention("wild_type") is WILD_TYPE


def test_a_head_is_held_back_also_inside_a_compound() -> None:
    intervention = parse_intervention("block_simp")
    assert held(intervention) == ["simp", "constructor <;> simp"]
    assert judge(intervention, "simp") == Peg("block_simp", "head", "head simp")


def test_a_family_is_held_back() -> None:
    assert held(parse_intervention("block_family_case_analysis")) == ["cases h"]
    assert judge(arm(FamilyPeg("rewriting")), "rw [h]") == Peg("arm", "family", "head rw of family rewriting")


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_head_of_every_family_is_a_head(family: str) -> None:
    for head in sorted(FAMILIES[family]):
        assert tactic_head(head) == head
        assert judge(arm(FamilyPeg(family)), f"{head} x") is not None


CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"goal_matches": "→"}, {}, {"goal_type": "p ∧ q"}),
    ({"goal_matches": r"^p\b"}, {}, {"goal_type": "q"}),
    ({"hypothesis_matches": "∨"}, {"hypotheses": ("p", "p ∨ q")}, {"hypotheses": ("p",)}),
    ({"min_depth": 1}, {}, {"depth": 0}),
    ({"max_depth": 1}, {}, {"depth": 2}),
    ({"after": "intro"}, {}, {"path": ("cases h",)}),
    ({"min_depth": 1, "max_depth": 2, "goal_matches": "q"}, {}, {"depth": 3}),
]


@pytest.mark.parametrize(("condition", "met", "unmet"), CONDITIONS)
def test_a_condition_decides(condition: dict[str, Any], met: dict[str, Any], unmet: dict[str, Any]) -> None:
    intervention = arm(ConditionalPeg(head="simp", **condition))
    assert held(intervention, **met) == ["simp", "constructor <;> simp"]
    assert held(intervention, **unmet) == []
    peg = judge(intervention, "simp", **met)
    assert peg is not None
    assert (peg.peg_kind, peg.block_reason[:15]) == ("conditional", "head simp where")
    assert len(held(arm(ConditionalPeg(**condition)), **met)) == len(TACTICS)


def test_a_budget_counts_along_the_path_alone() -> None:
    intervention = parse_intervention("budget_simp_2")
    assert held(intervention, path=("simp", "intro h")) == []
    assert held(intervention, path=("simp", "intro h", "constructor <;> simp")) == ["simp", "constructor <;> simp"]
    assert judge(intervention, "simp", path=("simp",) * 3) == Peg(
        "budget_simp_2", "budget", "head simp used 3 times on this path, at most 2"
    )
    for _ in range(5):  # asking uses nothing up
        assert judge(intervention, "simp", path=()) is None


def test_the_null_control_does_the_work_and_holds_nothing_back() -> None:
    assert held(parse_intervention("control_null")) == []


def test_the_random_control_spares_the_solution_and_draws_by_node() -> None:
    intervention = parse_intervention("random_nonpath_control")
    assert intervention.needs_solution
    with pytest.raises(InterventionError, match="needs the wild type's proof"):
        judge(intervention, "simp")
    ready = intervention.with_solution(("intro  h -- first", "exact h"))
    assert not ready.needs_solution
    tried = [f"tac{number}" for number in range(3000)]
    share = sum(judge(ready, tactic) is not None for tactic in tried) / len(tried)
    assert 0.07 < share < 0.13
    half = arm(RandomNonpathPeg(fraction=0.5, seed=3, solution=("intro h",)))
    assert all(judge(half, "intro h", node_key=str(node)) is None for node in range(100))
    assert len({judge(half, "simp", node_key=str(node)) for node in range(100)}) == 2
    other_seed = arm(RandomNonpathPeg(fraction=0.5, seed=4, solution=("intro h",)))
    assert [judge(half, tactic) is None for tactic in tried] != [judge(other_seed, tactic) is None for tactic in tried]


@given(
    order=st.permutations(range(40)),
    peg=st.sampled_from(
        [HeadPeg("simp"), BudgetPeg(head="simp", at_most=1), RandomNonpathPeg(fraction=0.5, solution=()), NullPeg()]
    ),
)
def test_no_answer_depends_on_the_questions_before(order: list[int], peg: Any) -> None:
    questions = [(TACTICS[number % 8], ("simp",) * (number % 3), f"n{number}") for number in range(40)]

    def ask(number: int) -> Peg | None:
        tactic, path, key = questions[number]
        return judge(arm(peg), tactic, path=path, node_key=key)

    first = [ask(number) for number in range(40)]
    assert {number: ask(number) for number in order} == dict(enumerate(first))


def test_of_several_pegs_the_first_that_holds_back_is_named() -> None:
    intervention = arm(HeadPeg("rw"), FamilyPeg("automation"), HeadPeg("simp"))
    found = [judge(intervention, tactic) for tactic in ("rw [h]", "simp", "intro h")]
    assert [peg and (peg.peg_id, peg.peg_kind) for peg in found] == [("arm.1", "head"), ("arm.2", "family"), None]


FILE = """
[[intervention]]
name = "wild"

[[intervention]]
name = "no-early-simp"
  [[intervention.peg]]
  kind = "conditional"
  head = "simp"
  max_depth = 2
  [[intervention.peg]]
  kind = "budget"
  family = "case_analysis"
  at_most = 1

[[intervention]]
name = "control"
  [[intervention.peg]]
  kind = "random_nonpath"
  fraction = 0.2
"""


def test_interventions_are_read_from_toml() -> None:
    interventions = parse_interventions(FILE, source="arms.toml")
    assert interventions == (
        TacticIntervention("wild"),
        TacticIntervention(
            "no-early-simp",
            (ConditionalPeg(head="simp", max_depth=2), BudgetPeg(family="case_analysis", at_most=1)),
        ),
        TacticIntervention("control", (RandomNonpathPeg(fraction=0.2),)),
    )
    encoded = msgspec.json.encode(interventions)
    assert msgspec.json.decode(encoded, type=tuple[TacticIntervention, ...]) == interventions


BAD_FILES = [
    ("intervention = 3", "does not describe interventions"),
    ("[[", "is not a TOML file"),
    ("", "does not describe interventions"),
    ("intervention = []", "no [[intervention]]"),
    ('[[intervention]]\nname = "a"\n[[intervention]]\nname = "a"', "'a' stands there twice"),
    ('[[intervention]]\nname = "a/b"', "cannot name an intervention"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "hed"\nhead = "simp"', "hed"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "head"\nhaed = "simp"', "haed"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "head"\nhead = "simp at h"', "'simp at h' is not the"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "head"\nhead = ""', "'' is not the"),
    (
        '[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "family"\nfamily = "magic"',
        "no tactic family 'magic'",
    ),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "conditional"', "has no condition"),
    (
        '[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "conditional"\ngoal_matches = "("',
        "goal_matches is '('",
    ),
    (
        '[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "conditional"\nmin_depth = 3\nmax_depth = 2',
        "no node fits",
    ),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "budget"\nat_most = 0', "at_most is 0"),
    (
        '[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "budget"\nat_most = 1\nhead = "simp"\n'
        'family = "closing"',
        "at most one of the two",
    ),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "random_nonpath"\nfraction = 1.0', "fraction is 1.0"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "random_nonpath"\nseed = -1', "seed is -1"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "control_null"\nseed = -1', "seed is -1"),
    ('[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "dose_matched"\ncontrols = []', "controls nothing"),
    (
        '[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "dose_matched"\nseed = -1\n'
        'controls = [{kind = "head", head = "simp"}]',
        "seed is -1, but a whole number of at least 0 was expected",
    ),
    (
        '[[intervention]]\nname = "a"\n[[intervention.peg]]\nkind = "dose_matched"\n'
        'controls = [{kind = "control_null"}]',
        "control_null",
    ),
]


@pytest.mark.parametrize(("content", "text"), BAD_FILES)
def test_a_bad_text_is_one_sentence_that_names_it(content: str, text: str) -> None:
    with pytest.raises(InterventionError) as caught:
        parse_interventions(content, source="arms.toml")
    assert text in str(caught.value)
    assert "arms.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["", "simp", "block_", "block", "budget_simp", "budget_simp_x", "wild", "block_family_x"]
)
def test_an_unknown_name_is_one_sentence(name: str) -> None:
    with pytest.raises(InterventionError, match=r"no intervention|no tactic family"):
        parse_intervention(name)


@pytest.mark.parametrize(
    "name",
    [
        "wild_type",
        "control_null",
        "random_nonpath_control",
        "block_simp",
        "block_family_induction",
        "budget_cases_2",
        "dose_matched_control_block_simp",
        "dose_matched_control_budget_cases_2",
    ],
)
def test_a_name_on_the_command_line_names_the_arm(name: str) -> None:
    assert parse_intervention(name).name == name


# -- controls ----------------------------------------------------------------------------------------------------------

tactics = st.lists(st.sampled_from(TACTICS), max_size=8)
targets = st.sampled_from([(HeadPeg("simp"),), (FamilyPeg("closing"), HeadPeg("intro")), (HeadPeg("zebra"),)])


@given(tried=tactics, controls=targets, seed=st.integers(0, 99), key=st.text(max_size=3))
def test_a_dose_matched_control_holds_back_as_many_tactics_of_a_visit_as_what_it_controls(
    tried: list[str], controls: tuple[Any, ...], seed: int, key: str
) -> None:
    targeted = judge_all(TacticIntervention("target", controls), tried, seed=seed, node_key=key)
    control = TacticIntervention("control", (DoseMatchedPeg(controls=controls),))
    held = judge_all(control, tried, seed=seed, node_key=key)
    assert len(held) == len(targeted)
    draws = [unit_draw(seed, "dose_matched", f"{key}\n{tactic}") for tactic in tried]
    assert sorted(draws[number] for number in held) == sorted(draws)[: len(held)], "the least draws, whichever they are"
    for peg in held.values():
        assert (peg.peg_id, peg.peg_kind) == ("control", "dose_matched")
        assert peg.block_reason == f"drawn at random, {len(held)} of {len(tried)}"


def test_a_dose_matched_control_holds_back_anything_alike() -> None:
    """Over many nodes every tactic is held back about as often: two of eight, whatever the pegs would have taken."""
    control = parse_intervention("dose_matched_control_block_simp")
    counts = dict.fromkeys(range(len(TACTICS)), 0)
    for node in range(2000):
        for number in judge_all(control, TACTICS, node_key=str(node)):
            counts[number] += 1
    assert sum(counts.values()) == 2 * 2000
    assert all(abs(count - 500) < 5 * (2000 * 0.25 * 0.75) ** 0.5 for count in counts.values())


@pytest.mark.parametrize(
    "peg", [RandomNonpathPeg(fraction=0.5, solution=()), DoseMatchedPeg(controls=(HeadPeg("simp"),))]
)
def test_controls_draw_from_the_run_s_seed_unless_they_have_one(peg: Any) -> None:
    def answers(peg: Any, seed: int) -> list[list[int]]:
        one = TacticIntervention("control", (peg,))
        return [sorted(judge_all(one, TACTICS, node_key=str(node), seed=seed)) for node in range(20)]

    assert answers(peg, 1) != answers(peg, 2)
    fixed = msgspec.structs.replace(peg, seed=1)
    assert answers(fixed, 2) == answers(fixed, 3) == answers(peg, 1)


def test_the_first_peg_that_holds_a_tactic_back_is_named_also_beside_a_control() -> None:
    both = TacticIntervention("two", (HeadPeg("simp"), DoseMatchedPeg(controls=(HeadPeg("simp"), HeadPeg("cases")))))
    held = judge_all(both, ["simp", "cases h", "omega"])
    assert held[0].peg_id == "two.1" and held[0].peg_kind == "head"
    assert {peg.peg_id for number, peg in held.items() if number} <= {"two.2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dose_matched_control", "does not say what it controls"),
        ("dose_matched_control_wild_type", "no dose|nothing that a dose"),
        ("dose_matched_control_random_nonpath_control", "nothing that a dose"),
        ("dose_matched_control_zebra", "no intervention 'zebra'"),
    ],
)
def test_a_control_of_nothing_is_one_sentence(name: str, text: str) -> None:
    with pytest.raises(InterventionError, match=text):
        parse_intervention(name)


def test_a_dose_matched_control_is_written_in_toml() -> None:
    text = (
        '[[intervention]]\nname = "control"\n[[intervention.peg]]\nkind = "dose_matched"\n'
        'controls = [{kind = "head", head = "cases"}, {kind = "budget", at_most = 2}]'
    )
    (control,) = parse_interventions(text, source="arms.toml")
    assert control.pegs == (DoseMatchedPeg(controls=(HeadPeg("cases"), BudgetPeg(at_most=2))),)
    assert not control.needs_solution


@pytest.mark.parametrize(
    ("peg", "expected"),
    [
        (ConditionalPeg(family="rewriting", min_depth=1), ["rw [h]"]),
        (ConditionalPeg(head="cases", min_depth=1), ["cases h"]),
        (ConditionalPeg(min_depth=1), TACTICS),
        (ConditionalPeg(family="rewriting", min_depth=2), []),
        (BudgetPeg(family="introduction", at_most=1), ["intro h"]),
        (BudgetPeg(head="intro", at_most=1), ["intro h"]),
        (BudgetPeg(family="rewriting", at_most=1), []),
        (BudgetPeg(at_most=1), TACTICS),
        (BudgetPeg(at_most=2), []),
    ],
)
def test_a_selective_peg_acts_on_its_head_its_family_or_all(peg: Any, expected: list[str]) -> None:
    """The path to the node is one `intro h`; the node's depth is 1."""
    assert held(TacticIntervention("arm", (peg,))) == expected


@pytest.mark.parametrize(
    ("peg", "reason"),
    [
        (HeadPeg("simp"), "head simp"),
        (FamilyPeg("simplification"), "head simp of family simplification"),
        (ConditionalPeg(head="simp", min_depth=1, max_depth=3), "head simp where depth 1 ≥ 1 and depth 1 ≤ 3"),
        (ConditionalPeg(goal_matches="→", after="intro"), "any tactic where goal matches → and after intro"),
        (ConditionalPeg(family="closing", hypothesis_matches="p"), None),
        (ConditionalPeg(hypothesis_matches="q"), "any tactic where a hypothesis matches q"),
        (BudgetPeg(at_most=1), "any tactic used 1 times on this path, at most 1"),
        (RandomNonpathPeg(fraction=0.999, solution=()), "drawn at random, fraction 0.999"),
    ],
)
def test_the_reason_says_what_and_where(peg: Any, reason: str | None) -> None:
    found = judge(TacticIntervention("arm", (peg,)), "simp", hypotheses=("p ∧ q",))
    assert (found and found.block_reason) == reason


def test_the_least_seed_is_a_seed() -> None:
    assert RandomNonpathPeg(seed=0).seed == NullPeg(seed=0).seed == 0
    with pytest.raises(InterventionError, match="seed is -1"):
        RandomNonpathPeg(seed=-1)


def test_a_key_beside_the_interventions_is_refused() -> None:
    text = '[[intervention]]\nname = "a"\n[settings]\nx = 1'
    with pytest.raises(InterventionError, match=r"does not describe interventions: .*settings"):
        parse_interventions(text, source="arms.toml")
    with pytest.raises(InterventionError, match=r"does not describe interventions: .*colour"):
        parse_interventions('[[intervention]]\nname = "a"\ncolour = "red"', source="arms.toml")


def test_one_depth_alone_is_a_range() -> None:
    assert judge(TacticIntervention("arm", (ConditionalPeg(min_depth=1, max_depth=1),)), "simp") is not None
    with pytest.raises(InterventionError, match="min_depth 2 is above max_depth 1"):
        ConditionalPeg(min_depth=2, max_depth=1)


@pytest.mark.parametrize("peg", [ConditionalPeg, BudgetPeg, RandomNonpathPeg, DoseMatchedPeg, NullPeg])
def test_a_peg_with_an_unknown_key_is_refused_and_options_have_names(peg: type[msgspec.Struct]) -> None:
    assert peg.__struct_config__.forbid_unknown_fields
    parameters = inspect.signature(peg).parameters
    assert {parameters[name].kind for name in peg.__annotations__} <= {inspect.Parameter.KEYWORD_ONLY}
