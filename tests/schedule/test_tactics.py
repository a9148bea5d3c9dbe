"""Heads and normal forms of tactic texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.schedule import tactic_head, tactic_heads, tactic_norm

HEADS = [
    ("", ()),
    ("simp", ("simp",)),
    ("  simp [h, foo]  ", ("simp",)),
    ("exact?", ("exact?",)),
    ("rcases h with a | b", ("rcases",)),
    ("obtain ⟨x, hx⟩ := h", ("obtain",)),
    ("(rw [h]; simp)", ("rw", "simp")),
    ("constructor <;> simp", ("constructor", "simp")),
    ("first | simp | rfl", ("first", "simp", "rfl")),
    ("all_goals try simp", ("all_goals", "try", "simp")),
    ("iterate 3 simp", ("iterate", "simp")),
    ("exact by simp", ("exact", "simp")),
    ("refine ⟨?_, by simp⟩", ("refine", "simp")),
    ("exact fun h => rfl", ("exact",)),
    ("cases h with\n| inl h => simp\n| inr h => exact h", ("cases", "simp", "exact")),
    ("· intro h\n· simp", ("intro", "simp")),
    ("intro h -- then simp", ("intro",)),
    ("/- simp -/ rfl", ("rfl",)),
    ('exact "a; simp"', ("exact",)),
    ("have h : p := by\n  simp", ("have", "simp")),
    ("simp [show a = b from by rfl]", ("simp", "rfl")),
]


@pytest.mark.parametrize(("tactic", "heads"), HEADS)
def test_the_heads_of_a_text(tactic: str, heads: tuple[str, ...]) -> None:
    assert tactic_heads(tactic) == heads
    assert tactic_head(tactic) == (heads[0] if heads else "")


NORMS = [
    ("simp", "simp"),
    ("  simp\t[h,\n   foo]  ", "simp [h, foo]"),
    ("simp -- why", "simp"),
    ("simp /- why -/ at h", "simp at h"),
    ("rw [← h]", "rw [← h]"),
    ('exact "a -- b"', 'exact "a -- b"'),
    ("exact x - y", "exact x - y"),
    ("-- only a comment", ""),
]


@pytest.mark.parametrize(("tactic", "norm"), NORMS)
def test_the_normal_form_of_a_text(tactic: str, norm: str) -> None:
    assert tactic_norm(tactic) == norm


@given(st.lists(st.sampled_from(["simp", "h", "--", "/-", "-/", '"', "\n", " ", "\t", "→", "-", "[", "=>", "by", ";"])))
def test_a_normal_form_is_its_own_and_has_single_spaces(parts: list[str]) -> None:
    norm = tactic_norm("".join(parts))
    assert norm == norm.strip()
    assert "  " not in norm
    assert "\n" not in norm
    tactic_heads("".join(parts))  # and no text breaks the scanner


@pytest.mark.parametrize(
    ("tactic", "heads"),
    [
        ("exact f) ; simp", ("exact", "simp")),  # one bracket too many: what comes after is still read
        ("exact f)) (by simp); rfl", ("exact", "simp", "rfl")),
        ("rw [h]; exact ⟨by simp, h⟩", ("rw", "exact", "simp")),
        ("rw [foo; bar]; rfl", ("rw", "rfl")),
        ("rw [f [a]; b]; rfl", ("rw", "rfl")),
        ("(simp; rfl)", ("simp", "rfl")),
        ("exact (a; b)", ("exact",)),  # a bracket behind a head is part of a term
    ],
)
def test_brackets_are_counted(tactic: str, heads: tuple[str, ...]) -> None:
    assert tactic_heads(tactic) == heads
