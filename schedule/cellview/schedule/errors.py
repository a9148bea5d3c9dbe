"""Errors of the schedule package. All derive from :class:`ScheduleError`."""

from __future__ import annotations

__all__ = ["AlgotypeError", "InterventionError", "PolicyError", "ScheduleError"]


class ScheduleError(Exception):
    """Raised when a schedule or an intervention cannot be what it was asked to be; base of this package's errors."""


class PolicyError(ScheduleError):
    """Raised when an option of a policy is out of its range. The text names the option, its value and the range."""


class InterventionError(ScheduleError):
    """Raised when a tactic intervention is misspelt, incomplete or contradictory. The text says how to write it."""


class AlgotypeError(ScheduleError):
    """Raised when agents of a collective cannot differ as they were asked to. The text names the table and says why."""
