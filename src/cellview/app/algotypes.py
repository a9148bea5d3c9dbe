"""Agents that differ, as the file of an experiment says: the table ``[agents]``."""

from __future__ import annotations

from typing import Final

from cellview.app.interventions import require_known_families
from cellview.schedule import Algotype, parse_algotypes
from cellview.settings import Document

__all__ = ["AGENTS_TABLE", "algotypes_of"]

AGENTS_TABLE: Final = "agents"


def algotypes_of(document: Document) -> tuple[Algotype, ...]:
    """Return the algotypes of a file.

    Raises:
        AlgotypeError: A table of agents is none.
        SettingsError: A family or head is unknown.
    """
    found = parse_algotypes(document.tables.get(AGENTS_TABLE, {}), source=document.source)
    require_known_families(found, source=document.source)
    return found
