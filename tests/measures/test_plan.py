"""A preregistration is read strictly, and whatever a run did otherwise is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cellview.measures import PlanError, Run, read_plan
from cellview.measures.plan import deviations

RunOf = Callable[..., Run]

PLAN = """
[run]
corpus = "micro.toml"

[experiment]
name = "block-cases"
question = "Does the collective reach theorems without cases?"
corpus_digest = "c0f…"
automation = "none"

[design]
theorems = { tags = ["hard"], rule = "centralized_iterations >= 12" }
seeds = [0]
budget = [10, 50]

[[arm]]
name = "wild_type"

[[hypothesis]]
measure = "solve_rate_difference"
arms = ["block_cases", "wild_type"]
sesoi = 0.05

[analysis]
seed = 20261124
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_is_read_and_named_by_the_digest_of_its_file(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN)
    plan = read_plan(path)
    assert plan.experiment.name == "block-cases"
    assert plan.hypothesis[0].arms == ("block_cases", "wild_type")
    assert (plan.hypothesis[0].family, plan.hypothesis[0].alpha) == ("primary", 0.05)
    assert plan.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_run_that_was_started_with_it_has_no_deviation(tmp_path: Path, run_of: RunOf) -> None:
    plan = read_plan(written(tmp_path, PLAN))
    assert deviations(plan, [run_of(plan_digest=plan.digest)]) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"plan_digest": None}, "without a preregistration"),
        ({"plan_digest": "0" * 64}, "with another preregistration"),
        ({"corpus_digest": "decaf"}, "corpus_digest is decaf"),
        ({"backend": {"automation": "full"}}, "automation is full"),
        ({"seeds": (0, 1)}, "seeds is"),
        ({"budget": 61}, "budget is 61"),
        ({"finished": False}, "not finished"),
    ],
)
def test_a_deviation_is_named(tmp_path: Path, run_of: RunOf, changes: dict[str, object], text: str) -> None:
    plan = read_plan(written(tmp_path, PLAN))
    (found,) = deviations(plan, [run_of(**{"plan_digest": plan.digest, **changes})])
    assert text in found


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('measure = "solve_rate_difference"', 'measure = "luck"', "hypothesis 1: there is no measure 'luck'"),
        ("sesoi = 0.05", "sesoi = -1", "sesoi is -1"),
        ("sesoi = 0.05", "alpha = 2", "alpha is 2"),
        ("sesoi = 0.05", 'sided = "one"', "Invalid enum value 'one'"),
        ("sesoi = 0.05", "colour = 1", "unknown field `colour`"),
        ('["block_cases", "wild_type"]', '["wild_type", "wild_type"]', "with itself"),
        ('["block_cases", "wild_type"]', '["wild_type"]', "length 2"),
        ("[analysis]", "[analysis]\nstopping = 1", "unknown field `stopping`"),
        ("[design]", "[design", "not valid TOML"),
    ],
)
def test_a_wrong_entry_is_refused_in_a_sentence(tmp_path: Path, old: str, new: str, text: str) -> None:
    assert old in PLAN
    with pytest.raises(PlanError, match=text) as caught:
        read_plan(written(tmp_path, PLAN.replace(old, new)))
    assert "\n" not in str(caught.value)


def test_files_that_are_no_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        read_plan(tmp_path / "nothing.toml")
    with pytest.raises(PlanError, match="preregisters nothing"):
        read_plan(written(tmp_path, "[run]\n"))
