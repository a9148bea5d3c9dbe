"""Interventions on a search: block, delay and reroute nodes; hold tactics back. Pure: no clock, no I/O."""

from cellview.schedule.algotypes import Algotype, algotype_of_each, may_try, parse_algotypes
from cellview.schedule.draws import SCHEDULE_VERSION, gumbel, unit_draw
from cellview.schedule.errors import AlgotypeError, InterventionError, PolicyError, ScheduleError
from cellview.schedule.families import FAMILIES
from cellview.schedule.interventions import (
    WILD_TYPE,
    Peg,
    TacticIntervention,
    parse_intervention,
    parse_interventions,
)
from cellview.schedule.pegs import (
    BudgetPeg,
    ConditionalPeg,
    DoseMatchedPeg,
    FamilyPeg,
    HeadPeg,
    NullPeg,
    PegRule,
    RandomNonpathPeg,
    TargetedPeg,
)
from cellview.schedule.policies import BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.schedule.schedule import Blocked, Delayed, Freeze, Schedule, ScheduleState, Verdict, state_digest
from cellview.schedule.tactics import tactic_head, tactic_heads, tactic_norm

__all__ = [
    "FAMILIES",
    "SCHEDULE_VERSION",
    "WILD_TYPE",
    "Algotype",
    "AlgotypeError",
    "BlockPolicy",
    "Blocked",
    "BudgetPeg",
    "ConditionalPeg",
    "DelayPolicy",
    "Delayed",
    "DoseMatchedPeg",
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
    "TargetedPeg",
    "Verdict",
    "algotype_of_each",
    "gumbel",
    "may_try",
    "parse_algotypes",
    "parse_intervention",
    "parse_interventions",
    "state_digest",
    "tactic_head",
    "tactic_heads",
    "tactic_norm",
    "unit_draw",
]
