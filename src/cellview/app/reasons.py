"""Why a search ended, in words, wherever it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["STOP_REASONS", "legend", "refusal"]

STOP_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "solved": "a proof was found, and a fresh Lean accepted it",
        "budget": "the budget is spent, and there was more to try; a larger --budget goes on searching",
        "exhausted": "nothing is left to try: every tactic that was suggested has been tried on every goal in reach; "
        "more iterations change nothing, other tactics might",
        "aborted": "the search was told to end",
        "statement_error": "Lean does not accept the statement",
        "no_wild_type_proof": "the arm spares the tactics of the wild type's proof, and there is none",
        "set_aside": "its workers failed too often, so it was not searched",
        "provider_error": "the provider of tactics failed too often in a row, which is no result",
    }
)
"""What each reason means; a reason that is not here speaks for itself."""


def legend(reasons: Iterable[str]) -> list[str]:
    """Return one line for each reason that occurs, in the order above; not for those that need no explanation."""
    seen = set(reasons) - {"solved"}
    return [f"{reason}: {words}." for reason, words in STOP_REASONS.items() if reason in seen]


def refusal(why: str) -> str:
    """Say what became of a proof that was found, and that did not stand up to the check of the whole."""
    return f"A proof was found, but the check of the whole proof refused it: {_sentence(why)}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
