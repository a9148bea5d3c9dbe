"""The arms of an experiment: names and files of tactic interventions, as a user gives them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cellview.schedule import (
    FAMILIES,
    WILD_TYPE,
    Algotype,
    BudgetPeg,
    HeadPeg,
    InterventionError,
    TacticIntervention,
    parse_intervention,
    parse_interventions,
)
from cellview.settings import SettingsError

__all__ = ["ARM_NAMES", "KNOWN_HEADS", "arms_of", "read_interventions", "require_known_families"]

_OTHER_HEADS: Final = """
    ac_nf ac_rfl abel all_goals and_intros any_goals apply_assumption apply_fun apply_rules cast change choose clear
    congr congr! constructorm convert cutsat delta done exact_mod_cast exacts fail fapply field_simp fin_cases fin_omega
    first focus gcongr generalize group infer_instance injection injections interval_cases iterate let lia lift
    linear_combination measurability mod_cases native_decide next nofun nomatch noncomm_ring norm_cast nth_rewrite order
    peel pick_goal polyrith pull push push_cast rename rename_i repeat revert ring_nf rotate_left set show show_term
    simp_rw skip split_ifs subsingleton swap transitivity trans unhygienic wlog zify
"""
"""Heads of Lean and Mathlib that belong to no family. A head in neither is taken for a slip of the pen."""

_FAMILIAR: Final = frozenset[str]().union(*FAMILIES.values())
_SYNTHETIC: Final = {f"t{number}" for number in range(16)}
"""Tactics of the synthetic prover's tree."""

KNOWN_HEADS: Final = _FAMILIAR | set(_OTHER_HEADS.split()) | _SYNTHETIC

ARM_NAMES: Final = (
    "wild_type",
    "control_null",
    "random_nonpath_control",
    *(f"block_family_{family}" for family in sorted(FAMILIES)),
    *(f"block_{head}" for head in sorted(_FAMILIAR) if head.isidentifier()),
)
"""What a shell completes; more names are understood. (An arm names files, so ``simp?`` can only stand in a file.)"""


def read_interventions(path: Path) -> tuple[TacticIntervention, ...]:
    """Read the interventions of a TOML file, see :func:`cellview.schedule.parse_interventions`.

    Raises:
        InterventionError: The file cannot be read, is not TOML, or does not say what a peg needs.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InterventionError(f"Cannot read interventions from {path}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise InterventionError(f"{path} is not a TOML file: {error}.") from None
    arms = parse_interventions(text, source=str(path))
    for arm in arms:
        require_known_families(arm.algotypes, source=f"{path}: {arm.name}")
    return arms


def require_known_families(algotypes: Iterable[Algotype], *, source: str) -> None:
    """Refuse a family or a head of tactics that nobody knows: its agents would never try anything.

    Raises:
        SettingsError: There is one; the text names the nearest.
    """
    known = {*FAMILIES, *KNOWN_HEADS}
    for algotype in algotypes:
        for family in algotype.families:
            if family not in known:
                near = difflib.get_close_matches(family, sorted(known), n=1, cutoff=0.5)
                hint = f" (the nearest is {near[0]!r})" if near else ""
                raise SettingsError(
                    f"{source}: agents {algotype.agents}: there is no family or tactic {family!r}{hint}; the families "
                    f"are {', '.join(sorted(FAMILIES))}."
                )


def arms_of(names: tuple[str, ...], *, beside: Iterable[str] = ()) -> tuple[TacticIntervention, ...]:
    """Return the interventions that `names` stand for; a name that ends in ``.toml`` is a file of them.

    The wild type comes first, if it is among them. `beside` names arms that are there already. What a file holds back
    is not compared with the known heads: there one says on purpose what has no common name.

    Raises:
        SettingsError: None is named, one is named twice, or a control that needs the wild type's proof stands without
            it; or a name holds back a tactic or a family that nobody knows.
        InterventionError: A name or a file says nothing known.
    """
    arms: list[TacticIntervention] = []
    for name in names:
        arms.extend(read_interventions(Path(name)) if name.endswith(".toml") else (_named(name),))
    if not arms:
        raise SettingsError("--interventions names no arm; wild_type is the one that nothing is held back from.")
    seen: set[str] = set()
    for arm in arms:
        if arm.name in seen:
            raise SettingsError(f"--interventions names {arm.name} twice; every arm needs a name of its own.")
        seen.add(arm.name)
    for arm in arms:
        if arm.needs_solution and WILD_TYPE.name not in {*seen, *beside}:
            raise SettingsError(f"{arm.name} spares the tactics of the wild type's proof: add wild_type to the arms.")
    return tuple(sorted(arms, key=lambda arm: arm.name != WILD_TYPE.name))


def _named(name: str) -> TacticIntervention:
    if name.startswith("dose_matched_control_"):
        _named(name.removeprefix("dose_matched_control_"))
    family = name.removeprefix("block_family_")
    if family != name and family not in FAMILIES:
        near = _nearest(family, FAMILIES)
        raise SettingsError(
            f"--interventions: there is no family of tactics {family!r}{near}; the families are "
            f"{', '.join(sorted(FAMILIES))}."
        )
    arm = parse_intervention(name)
    for peg in arm.pegs:
        if isinstance(peg, HeadPeg | BudgetPeg) and peg.head is not None and peg.head not in KNOWN_HEADS:
            near = _nearest(peg.head, _FAMILIAR) or _nearest(peg.head, KNOWN_HEADS)
            raise SettingsError(
                f"--interventions: {name} holds back the tactic {peg.head!r}, which is unknown{near}; a tactic of your "
                "own is held back by a TOML file of interventions."
            )
    return arm


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f" (the nearest is {near[0]!r})" if near else ""
