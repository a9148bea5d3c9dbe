from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cellview.app.interventions import ARM_NAMES, arms_of
from cellview.app.options import RunOptions
from cellview.app.search_config import search_config
from cellview.app.search_options import SearchOptions
from cellview.core import ConfigError
from cellview.schedule import BlockPolicy, DelayPolicy, InterventionError, PolicyError, ReroutePolicy
from cellview.settings import Document, SettingsError, merge, option_names
from cellview.tree import TreeConfigError

DISTRIBUTED = {"mcts-mode": "distributed", "mcts-agents": "4", "mcts-inflight": "6"}

ISSUE = [
    "mcts-mode",
    "mcts-agents",
    "mcts-inflight",
    "mcts-expansion-policy",
    "mcts-virtual-loss",
    "mcts-depth-bias",
    "mcts-path-bias",
    "mcts-history-cache",
    "mcts-block-fraction",
    "mcts-block-duration",
    "mcts-block-seed",
    "mcts-block-immovable-fraction",
    "mcts-unfreeze-after",
    "mcts-unfreeze-prob",
    "mcts-reroute-blocked",
    "mcts-reroute-max",
    "mcts-delay-prob",
    "mcts-delay-duration",
    "mcts-delay-seed",
    "mcts-commit",
    "budget",
    "seed",
    "interventions",
    "trace-mcts",
    "out",
    "json",
    "automation",
    "lean",
    "project",
]


def options(given: dict[str, Any] | None = None, file: dict[str, Any] | None = None) -> RunOptions:
    return merge(RunOptions, table="run", typed=given or {}, document=Document("conf.toml", {"run": file or {}}))


def test_every_promised_option_is_there() -> None:
    assert set(ISSUE) <= set(option_names(RunOptions))


def test_typed_and_filed_options_mean_the_same() -> None:
    typed = options({**DISTRIBUTED, "budget": "10,50", "mcts-depth-bias": "0.5", "mcts-reroute-blocked": True})
    filed = options(
        file={
            "mcts-mode": "distributed",
            "mcts-agents": 4,
            "mcts-inflight": 6,
            "budget": [10, 50],
            "mcts-depth-bias": 0.5,
            "mcts-reroute-blocked": True,
        }
    )
    assert search_config(typed) == search_config(filed)
    assert typed.budget == filed.budget == (10, 50)


def test_distributed_needs_agents_and_a_window() -> None:
    with pytest.raises(SettingsError, match="needs --mcts-agents and --mcts-inflight, such as"):
        search_config(options({"mcts-mode": "distributed"}))
    with pytest.raises(SettingsError, match="needs --mcts-inflight, such as"):
        search_config(options({"mcts-mode": "distributed", "mcts-agents": "1"}))


VALUES = {
    "mcts-agents": "2",
    "mcts-inflight": "2",
    "mcts-commit": "ordered",
    "mcts-virtual-loss": "0",
    "mcts-depth-bias": "0",
    "mcts-path-bias": "0",
    "mcts-history-cache": "0",
    "mcts-block-fraction": "0.5",
    "mcts-block-duration": "3",
    "mcts-block-seed": "0",
    "mcts-block-immovable-fraction": "0.5",
    "mcts-unfreeze-after": "1",
    "mcts-unfreeze-prob": "0.5",
    "mcts-block-spare-root": True,
    "mcts-obstacle-visits": "ignore",
    "mcts-reroute-blocked": True,
    "mcts-reroute-max": "1",
    "mcts-delay-prob": "0.5",
    "mcts-delay-duration": "1",
    "mcts-delay-seed": "0",
}


@pytest.mark.parametrize("name", option_names(SearchOptions, requires="distributed"))
def test_distributed_options_are_refused_in_centralized_mode(name: str) -> None:
    with pytest.raises(SettingsError, match=f"--{name} belongs to distributed mode"):
        search_config(options({name: VALUES[name]}))


@pytest.mark.parametrize("rule", ["virtual-loss", "wu-uct"])
def test_how_agents_see_each_other_is_refused_in_centralized_mode(rule: str) -> None:
    with pytest.raises(SettingsError, match=f"--mcts-selection {rule} .* belongs to distributed mode"):
        search_config(options({"mcts-selection": rule}))


@pytest.mark.parametrize("rule", ["puct", "best-first", "blind", "blind-order"])
@pytest.mark.parametrize("mode", [{}, DISTRIBUTED])
def test_rules_of_selection_that_need_no_agents_are_there_in_both_modes(rule: str, mode: dict[str, Any]) -> None:
    assert search_config(options({**mode, "mcts-selection": rule})).tree.selection == rule


def test_exploration_is_one_number_or_one_for_each_agent() -> None:
    assert [p.exploration for p in search_config(options({"mcts-exploration": "0.5"})).profiles] == [0.5]
    agents = {"mcts-mode": "distributed", "mcts-agents": "2", "mcts-inflight": "2"}
    assert [p.exploration for p in search_config(options({**agents, "mcts-exploration": "0.7,1.4"})).profiles] == [
        0.7,
        1.4,
    ]
    with pytest.raises(SettingsError, match="--mcts-exploration has 2 numbers for 1 agents"):
        search_config(options({"mcts-exploration": "0.7,1.4"}))


def test_jitter_and_obstacles() -> None:
    plain = search_config(options(DISTRIBUTED))
    assert plain.provider_jitter == 0.0 and plain.obstacle_visits == "count"
    changed = search_config(options({**DISTRIBUTED, "provider-jitter": "0.2", "mcts-obstacle-visits": "ignore"}))
    assert changed.provider_jitter == 0.2 and changed.obstacle_visits == "ignore"
    block = {**DISTRIBUTED, "mcts-block-fraction": "0.5", "mcts-block-duration": "-1"}
    spared = search_config(options({**block, "mcts-block-spare-root": True})).block
    assert spared is not None and spared.spare_root
    with pytest.raises(SettingsError, match="--mcts-block-spare-root means nothing without --mcts-block-fraction"):
        search_config(options({**DISTRIBUTED, "mcts-block-spare-root": True}))


def test_policies() -> None:
    given = {
        **DISTRIBUTED,
        "seed": "9",
        "mcts-block-fraction": "0.25",
        "mcts-block-duration": "20",
        "mcts-block-immovable-fraction": "0.1",
        "mcts-unfreeze-after": "5",
        "mcts-unfreeze-prob": "0.5",
        "mcts-delay-prob": "0.1",
        "mcts-delay-duration": "3",
        "mcts-delay-seed": "4",
        "mcts-reroute-blocked": True,
        "mcts-reroute-max": "2",
    }
    config = search_config(options(given))
    assert config.block == BlockPolicy(0.25, 20, 9, immovable_fraction=0.1, unfreeze_after=5, unfreeze_prob=0.5)
    assert config.delay == DelayPolicy(0.1, 3, 4)
    assert config.reroute == ReroutePolicy(2)


def test_constants_for_all_agents_or_for_each() -> None:
    config = search_config(options({**DISTRIBUTED, "mcts-depth-bias": "0.5,0,0,-0.5", "mcts-history-cache": "3"}))
    assert [profile.depth_bias for profile in config.profiles] == [0.5, 0, 0, -0.5]
    assert [profile.history_cache for profile in config.profiles] == [3, 3, 3, 3]
    with pytest.raises(SettingsError, match="--mcts-path-bias has 2 numbers for 4 agents"):
        search_config(options({**DISTRIBUTED, "mcts-path-bias": "1,2"}))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mcts-block-duration": "3"}, "--mcts-block-duration means nothing without --mcts-block-fraction"),
        ({"mcts-block-seed": "3"}, "--mcts-block-seed means nothing without --mcts-block-fraction"),
        ({"mcts-unfreeze-after": "3"}, "--mcts-unfreeze-after means nothing without --mcts-block-fraction"),
        ({"mcts-block-fraction": "0.5"}, "--mcts-block-fraction needs --mcts-block-duration"),
        ({"mcts-delay-duration": "3"}, "--mcts-delay-duration means nothing without --mcts-delay-prob"),
        ({"mcts-delay-prob": "0.5"}, "--mcts-delay-prob needs --mcts-delay-duration"),
        ({"mcts-reroute-max": "3"}, "--mcts-reroute-max means nothing without --mcts-reroute-blocked"),
    ],
)
def test_options_that_need_each_other(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        search_config(options({**DISTRIBUTED, **given}))


BLOCK = {"mcts-block-fraction": "0.5", "mcts-block-duration": "3"}
DELAY = {"mcts-delay-prob": "0.5", "mcts-delay-duration": "3"}
INVALID: list[tuple[dict[str, Any], str]] = [
    ({"mcts-agents": "0"}, "--mcts-agents"),
    ({"mcts-agents": "1000000"}, "--mcts-agents: must be a whole number from 1 to 10000 (each costs"),
    ({"mcts-inflight": "0"}, "--mcts-inflight"),
    ({"mcts-inflight": "1000000"}, "--mcts-inflight: must be a whole number from 1 to 10000 (all of"),
    ({"budget": "0"}, "--budget"),
    ({"budget": "10,-1"}, "--budget: must be a list of whole numbers of at least 1, not '10,-1'."),
    ({"budget": ","}, "--budget"),
    ({"seed": "-1"}, "--seed: must be a whole number of at least 0, not '-1'."),
    ({"mcts-max-tactics": "0"}, "--mcts-max-tactics: must be a whole number from 1 to 999, not '0'."),
    ({"mcts-max-tactics": "1000"}, "--mcts-max-tactics"),
    ({"jobs": "0"}, "--jobs"),
    ({"jobs": "100000"}, "--jobs: must be a whole number from 1 to 256 (each is a Lean process of 150 MB)"),
    ({"heartbeats": "0"}, "--heartbeats"),
    ({"mcts-virtual-loss": "-1"}, "--mcts-virtual-loss"),
    ({"mcts-virtual-loss": "nan"}, "--mcts-virtual-loss"),
    ({"mcts-depth-bias": "inf"}, "--mcts-depth-bias"),
    ({"mcts-path-bias": "nan"}, "--mcts-path-bias"),
    ({"mcts-history-cache": "-1"}, "--mcts-history-cache"),
    ({**BLOCK, "mcts-block-fraction": "0"}, "--mcts-block-fraction"),
    ({**BLOCK, "mcts-block-fraction": "1"}, "--mcts-block-fraction"),
    ({**BLOCK, "mcts-block-duration": "0"}, "--mcts-block-duration"),
    ({**BLOCK, "mcts-block-seed": "-1"}, "--mcts-block-seed"),
    ({**BLOCK, "mcts-block-immovable-fraction": "1.1"}, "--mcts-block-immovable-fraction"),
    ({**BLOCK, "mcts-block-duration": "-1", "mcts-block-immovable-fraction": "0.5"}, "--mcts-block-duration"),
    ({**BLOCK, "mcts-unfreeze-after": "0"}, "--mcts-unfreeze-after"),
    ({**BLOCK, "mcts-unfreeze-prob": "0"}, "--mcts-unfreeze-prob"),
    ({**BLOCK, "mcts-unfreeze-prob": "1.5"}, "--mcts-unfreeze-prob"),
    ({**DELAY, "mcts-delay-prob": "1"}, "--mcts-delay-prob"),
    ({**DELAY, "mcts-delay-duration": "0"}, "--mcts-delay-duration"),
    ({**DELAY, "mcts-delay-seed": "-1"}, "--mcts-delay-seed"),
    ({"mcts-reroute-blocked": True, "mcts-reroute-max": "0"}, "--mcts-reroute-max"),
]


@pytest.mark.parametrize(("given", "names"), INVALID, ids=lambda value: str(value)[:50])
def test_values_out_of_range(given: dict[str, Any], names: str) -> None:
    with pytest.raises((SettingsError, ConfigError, PolicyError, TreeConfigError)) as caught:
        search_config(options({**DISTRIBUTED, **given}))
    assert names in str(caught.value)
    assert "\n" not in str(caught.value)


def test_arms() -> None:
    assert [arm.name for arm in arms_of(("block_simp", "wild_type"))] == ["wild_type", "block_simp"]
    with pytest.raises(SettingsError, match="names block_simp twice"):
        arms_of(("block_simp", "block_simp"))
    with pytest.raises(SettingsError, match="names no arm"):
        arms_of(())
    with pytest.raises(SettingsError, match="add wild_type to the arms"):
        arms_of(("random_nonpath_control",))
    with pytest.raises(InterventionError, match="There is no intervention 'block'"):
        arms_of(("block",))
    with pytest.raises(SettingsError, match=r"the tactic 'sipm', which is unknown \(the nearest is 'simp'\)"):
        arms_of(("wild_type", "block_sipm"))
    with pytest.raises(SettingsError, match=r"the tactic 'casse', which is unknown \(the nearest is 'cases'\)"):
        arms_of(("budget_casse_3",))
    with pytest.raises(
        SettingsError, match=r"no family of tactics 'automaton' \(the nearest is 'automation'\); the fam"
    ):
        arms_of(("block_family_automaton",))


def test_every_suggested_arm_is_one() -> None:
    assert sorted(arm.name for arm in arms_of(ARM_NAMES)) == sorted(ARM_NAMES)


def test_arms_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "arms.toml"
    path.write_text('[[intervention]]\nname = "no_simp"\n[[intervention.peg]]\nkind = "head"\nhead = "simp"\n')
    assert [arm.name for arm in arms_of(("wild_type", str(path)))] == ["wild_type", "no_simp"]
