"""Interventions on a search: block, delay and reroute nodes; hold tactics back. Pure: no clock, no generator, no I/O
but reading a TOML file when asked to.
"""

from cellview.schedule.draws import unit_draw
from cellview.schedule.errors import InterventionError, PolicyError, ScheduleError
from cellview.schedule.families import FAMILIES
from cellview.schedule.interventions import (
    WILD_TYPE,
    Peg,
    TacticIntervention,
    load_interventions,
    parse_intervention,
)
from cellview.schedule.pegs import (
    BudgetPeg,
    ConditionalPeg,
    FamilyPeg,
    HeadPeg,
    NullPeg,
    PegRule,
    RandomNonpathPeg,
)
from cellview.schedule.policies import BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.schedule.schedule import Blocked, Delayed, Freeze, Schedule, ScheduleState, Verdict, state_digest
from cellview.schedule.tactics import tactic_head, tactic_heads, tactic_norm

__all__ = [
    "FAMILIES",
    "WILD_TYPE",
    "BlockPolicy",
    "Blocked",
    "BudgetPeg",
    "ConditionalPeg",
    "DelayPolicy",
    "Delayed",
    "FamilyPeg",
    "Freeze",
    "HeadPeg",
    "InterventionError",
    "NullPeg",
    "Peg",
    "PegRule",
    "PolicyError",
    "RandomNonpathPeg",
    "ReroutePolicy",
    "Schedule",
    "ScheduleError",
    "ScheduleState",
    "TacticIntervention",
    "Verdict",
    "load_interventions",
    "parse_intervention",
    "state_digest",
    "tactic_head",
    "tactic_heads",
    "tactic_norm",
    "unit_draw",
]
