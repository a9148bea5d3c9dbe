"""Simulations of the machinery itself, with checks that can fail: coordination and recovery."""

from cellview.cluster.simulations.coordination import CoordinationReport, Fault, simulate_coordination
from cellview.cluster.simulations.recovery import RecoveryReport, RecoveryRow, simulate_recovery

__all__ = [
    "CoordinationReport",
    "Fault",
    "RecoveryReport",
    "RecoveryRow",
    "simulate_coordination",
    "simulate_recovery",
]
