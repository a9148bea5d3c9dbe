"""Why a search ended, in words, wherever it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from cellview.prover import Verification

__all__ = ["STOP_REASONS", "legend", "refused_proof"]

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


def refused_proof(verification: Verification | None) -> str | None:
    """Say what became of a proof that the tree had and that was not taken; ``None``: there was none."""
    if verification is None or verification.ok:
        return None
    if verification.broken:
        return f"A proof was found, but its check did not run: {_sentence(verification.message)}"
    return f"A proof was found, but the check of the whole proof refused it: {_sentence(verification.message)}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
