"""Tactic interventions: the arms of an experiment, each a name and the pegs that hold tactics back.

Written in TOML, or as a name on the command line (``block_simp``, ``block_family_rewriting``, ``budget_cases_2``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

from cellview.schedule.algotypes import Algotype, parse_algotypes
from cellview.schedule.errors import AlgotypeError, InterventionError
from cellview.schedule.pegs import (
    Attempt,
    BudgetPeg,
    DoseMatchedPeg,
    FamilyPeg,
    HeadPeg,
    NullPeg,
    PegRule,
    RandomNonpathPeg,
    TargetedPeg,
)

__all__ = ["WILD_TYPE", "Peg", "TacticIntervention", "parse_intervention", "parse_interventions"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_DOSE_MATCHED = "dose_matched_control"


class Peg(msgspec.Struct, frozen=True, gc=False):
    """Why a tactic is held back, as it stands in the trace's attempt."""

    peg_id: str
    peg_kind: str
    block_reason: str


class TacticIntervention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One arm of an experiment. Without pegs it is a wild type.

    Args:
        name: Names the arm, and its files (``<name>_mcts_trace.jsonl``): letters, digits, ``_ . + -``.
        pegs: Asked in order; the first that holds a tactic back is the one that the trace names.
        algotypes: How the agents of this arm differ, in place of what the run says of them; empty: as the run says.
    """

    name: str
    pegs: tuple[PegRule, ...] = ()
    algotypes: tuple[Algotype, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InterventionError(
                f"{self.name!r} cannot name an intervention, because it names files; expected letters, digits and "
                "_ . + - only, a letter or digit first."
            )

    @property
    def needs_solution(self) -> bool:
        """Whether a peg still waits for the wild type's proof (see :meth:`with_solution`)."""
        return any(isinstance(peg, RandomNonpathPeg) and peg.solution is None for peg in self.pegs)

    def with_solution(self, tactics: tuple[str, ...]) -> TacticIntervention:
        """Return this intervention with the tactics of the wild type's proof given to the pegs that spare them."""
        pegs = tuple(
            msgspec.structs.replace(peg, solution=tactics) if isinstance(peg, RandomNonpathPeg) else peg
            for peg in self.pegs
        )
        return msgspec.structs.replace(self, pegs=pegs)

    def judge(
        self,
        tactics: Sequence[str],
        *,
        goal_type: str,
        depth: int,
        path: tuple[str, ...],
        node_key: str,
        seed: int,
        hypotheses: tuple[str, ...] = (),
    ) -> dict[int, Peg]:
        """Say which of the tactics of one visit are held back, by number, and by which peg.

        Pure: the same question has one answer. All tactics of a visit are asked about at once, because a control may
        hold back as many of them as the pegs that it controls.

        Args:
            tactics: The texts about to be tried, in order.
            goal_type: The node's target.
            depth: The node's depth; the root has 0.
            path: The tactics from the root to the node.
            node_key: The node's structural key.
            seed: The run's seed, for pegs that draw and have none of their own.
            hypotheses: The types of the node's hypotheses, for pegs with a condition on them.

        Raises:
            InterventionError: A peg needs the wild type's proof and has not got it.
        """
        if not self.pegs:
            return {}
        attempts = [Attempt(tactic, goal_type, depth, path, node_key, hypotheses, seed) for tactic in tactics]
        held: dict[int, Peg] = {}
        for index, peg in enumerate(self.pegs, start=1):
            peg_id = self.name if len(self.pegs) == 1 else f"{self.name}.{index}"
            kind = str(peg.__struct_config__.tag)
            for number, reason in enumerate(_reasons(peg, attempts)):
                if reason is not None and number not in held:
                    held[number] = Peg(peg_id, kind, reason)
        return held


def _reasons(peg: PegRule, attempts: Sequence[Attempt]) -> list[str | None]:
    if isinstance(peg, DoseMatchedPeg):
        return peg.reasons(attempts)
    return [peg.reason(attempt) for attempt in attempts]


WILD_TYPE = TacticIntervention("wild_type")
"""The arm that nothing is done to."""


def parse_intervention(name: str) -> TacticIntervention:
    """Return the intervention that a name stands for.

    ``wild_type``, ``control_null``, ``random_nonpath_control``, ``dose_matched_control_<name>``,
    ``block_family_<family>``, ``block_<head>``, ``budget_<head>_<times>``.

    Raises:
        InterventionError: No such name; the text lists what can be written.

    >>> parse_intervention("block_simp").pegs
    (HeadPeg(head='simp'),)
    """
    kind, _, rest = name.partition("_")
    if name == "wild_type":
        return WILD_TYPE
    if name == "control_null":
        return TacticIntervention(name, (NullPeg(),))
    if name == "random_nonpath_control":
        return TacticIntervention(name, (RandomNonpathPeg(),))
    if name.startswith(_DOSE_MATCHED):
        return TacticIntervention(name, (DoseMatchedPeg(controls=_controlled(name)),))
    if kind == "block" and rest.startswith("family_"):
        return TacticIntervention(name, (FamilyPeg(rest.removeprefix("family_")),))
    if kind == "block" and rest:
        return TacticIntervention(name, (HeadPeg(rest),))
    head, _, times = rest.rpartition("_")
    if kind == "budget" and head and times.isdecimal():
        return TacticIntervention(name, (BudgetPeg(head=head, at_most=int(times)),))
    raise InterventionError(
        f"There is no intervention {name!r}; expected wild_type, block_<head>, block_family_<family>, "
        "budget_<head>_<times>, control_null, random_nonpath_control, dose_matched_control_<name>, or the name of one "
        "in a TOML file."
    )


def _controlled(name: str) -> tuple[TargetedPeg, ...]:
    """Return the pegs that the control of this name is matched to."""
    controlled = name.removeprefix(_DOSE_MATCHED).removeprefix("_")
    if not controlled:
        raise InterventionError(
            f"{name} does not say what it controls; expected the name of that arm behind it, such as "
            f"{_DOSE_MATCHED}_block_simp."
        )
    pegs = parse_intervention(controlled).pegs
    targeted = tuple(peg for peg in pegs if isinstance(peg, TargetedPeg))
    if not targeted or len(targeted) < len(pegs):
        raise InterventionError(
            f"{name} controls {controlled}, which holds back nothing that a dose could be taken from; expected an arm "
            "such as block_simp, block_family_closing or budget_cases_2."
        )
    return targeted


class _File(msgspec.Struct, forbid_unknown_fields=True):
    class Entry(msgspec.Struct, forbid_unknown_fields=True):
        name: str
        pegs: tuple[PegRule, ...] = msgspec.field(name="peg", default=())
        agents: dict[str, Any] = {}

    intervention: list[Entry]


def parse_interventions(text: str, *, source: str) -> tuple[TacticIntervention, ...]:
    """Return the interventions of a TOML text: ``[[intervention]]`` with `name`, any ``[[intervention.peg]]``, and
    ``[intervention.agents."0-1"]`` for agents that differ (see :class:`Algotype`).

    `source` names the text in errors. Whoever wants a file read reads it himself: nothing here does I/O.

    Raises:
        InterventionError: The text is not TOML, or does not say what a peg needs.
    """
    try:
        entries = msgspec.convert(tomllib.loads(text), _File).intervention
        interventions = tuple(
            TacticIntervention(
                entry.name, entry.pegs, parse_algotypes(entry.agents, source=f"intervention {entry.name}")
            )
            for entry in entries
        )
    except tomllib.TOMLDecodeError as error:
        raise InterventionError(f"{source} is not a TOML file: {error}.") from None
    except msgspec.ValidationError as error:
        raise InterventionError(f"{source} does not describe interventions: {error}.") from None
    except (AlgotypeError, InterventionError) as error:
        raise InterventionError(f"In {source}: {error}") from None
    names = [intervention.name for intervention in interventions]
    for name in names:
        if names.count(name) > 1:
            raise InterventionError(f"In {source}: intervention {name!r} stands there twice; names must differ.")
    if not interventions:
        raise InterventionError(f"{source} has no [[intervention]]; expected at least one.")
    return interventions
