"""The operational log. structlog is loaded when something is logged: it would double a worker's start."""

from __future__ import annotations

__all__ = ["warn"]


def warn(event: str, **fields: object) -> None:
    """Logs a warning with its fields."""
    from cellview.base.log import get_logger

    get_logger("cellview.frontier").warning(event, **fields)
