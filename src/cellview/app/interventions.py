"""Files of tactic interventions: the reading that the schedule, which does no I/O, leaves to its callers."""

from __future__ import annotations

from pathlib import Path

from cellview.schedule import InterventionError, TacticIntervention, parse_interventions

__all__ = ["read_interventions"]


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
    return parse_interventions(text, source=str(path))
