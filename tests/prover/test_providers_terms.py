"""The reader of pretty-printed terms: precedences, printing, matching, defining equations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.prover.providers.definitions import constructor_of, normal, reduce
from cellview.prover.providers.matching import match, occurs, rewrites, substitute
from cellview.prover.providers.terms import Term, app, atom, canonical, op, parse_term, show

LOCALS = frozenset({"l", "k", "m"})


def read(text: str) -> Term:
    return parse_term(text, LOCALS)


@pytest.mark.parametrize(
    ("text", "bracketed"),
    [
        ("p ∧ q → r ∨ s", "(p ∧ q) → (r ∨ s)"),
        ("p → q → r", "p → (q → r)"),
        ("¬p ∧ q", "(¬p) ∧ q"),
        ("¬n < n", "¬(n < n)"),
        ("¬a = b → c ↔ d", "((¬(a = b)) → c) ↔ d"),
        ("a + b + c = d * e ^ 2", "((a + b) + c) = (d * (e ^ 2))"),
        ("a :: k ++ l = []", "((a :: k) ++ l) = []"),
        ("f ∘ g ∘ h", "f ∘ (g ∘ h)"),
        ("(!(a && b)) = (!a || !b)", "(!(a && b)) = ((!a) || (!b))"),
        ("∀ (x y : α), R x y → R y x", "∀ (x : α), ∀ (y : α), (R x y) → (R y x)"),
        ("¬∃ x, ∀ (y : α), S x y ↔ ¬S y y", "¬(∃ x, ∀ (y : α), (S x y) ↔ (¬(S y y)))"),
        ("(k ++ l).length = l.length", "(k ++ l).length = l.length"),
        ("List.map (fun x => g (f x)) l", "List.map (fun x => g (f x)) l"),
        ("(if p then a else b) = a", "(if p then a else b) = a"),
        ("(a, b) = (c, d)", "(a, b) = (c, d)"),
        ("h ⟨a, b⟩ ?_", "h ⟨a, b⟩ ?_"),
        ("p ∧\n    q", "p ∧ q"),
    ],
)
def test_precedence_as_in_lean(text: str, bracketed: str) -> None:
    assert show(read(text)) == bracketed


@pytest.mark.parametrize(
    "text", ["∃ x > 0, x = 2", "do return 1", "p ∧", "(a", "match n with | 0 => 1", "{x // p x}", ""]
)
def test_what_is_not_understood_stays_whole(text: str) -> None:
    term = read(text)
    assert term.kind == "raw"
    assert show(term) == text


def test_very_deep_terms_do_not_break_the_reader() -> None:
    assert read("(" * 5000 + "p" + ")" * 5000).kind in ("raw", "atom")


def binder(head: str, body: Term) -> Term:
    return Term("bind", head, (atom("α"), body), "x")


def listing(items: list[Term]) -> Term:
    return op("[]", *items)


names = st.sampled_from(["a", "b", "P", "f", "0", "17"]).map(atom)
infix = st.sampled_from(["→", "↔", "∧", "∨", "=", "<", "+", "*", "++", "::", "&&", "||", "^", "∘"])
terms = st.recursive(
    names,
    lambda inner: st.one_of(
        st.builds(op, infix, inner, inner),
        st.builds(op, st.just("¬"), inner),
        st.builds(app, st.sampled_from(["f", "g"]).map(atom), inner, inner),
        st.builds(binder, st.sampled_from(["∀", "∃", "fun"]), inner),
        st.builds(listing, st.lists(inner, max_size=3)),
    ),
    max_leaves=12,
)


@given(terms)
def test_printing_and_reading_are_inverse(term: Term) -> None:
    assert parse_term(show(term)) == term


@given(terms)
def test_reducing_is_final(term: Term) -> None:
    once = reduce(term)
    assert reduce(once) == once


def test_bound_names_do_not_matter() -> None:
    assert canonical(read("∀ x, P x → Q x")) == canonical(read("∀ (y : α), P y → Q y"))
    assert canonical(read("∀ x, P x")) != canonical(read("∀ x, P z"))
    assert canonical(read("a ≠ b")) == canonical(read("¬a = b"))


def test_matching_binds_once_and_consistently() -> None:
    variables = frozenset({"?x", "?y"})
    pattern = op("=", app(atom("f"), atom("?x")), atom("?y"))
    assert match(pattern, read("f (g a) = b"), variables) == {"?x": read("g a"), "?y": atom("b")}
    twice = op("∧", atom("?x"), atom("?x"))
    assert match(twice, read("p ∧ q"), variables) is None
    assert match(twice, read("p ∧ p"), variables) == {"?x": atom("p")}
    assert match(pattern, read("f a = b"), variables, {"?y": atom("c")}) is None


def test_substitution_and_occurrence_respect_binders() -> None:
    assert show(substitute(read("P x ∧ ∃ x, Q x"), {"x": atom("a")})) == "(P a) ∧ (∃ x, Q x)"
    assert occurs("x", read("P x")) and not occurs("x", read("∃ x, P x"))
    assert rewrites(read("f a"), frozenset(), read("g (f a) = b"))
    assert not rewrites(read("f a"), frozenset(), read("g (f b) = b"))


@pytest.mark.parametrize(
    ("text", "simpler"),
    [
        ("0 + (n + 1)", "(0 + n) + 1"),
        ("a + (b + 1 + 1)", "(a + b) + 2"),
        ("2 + 2", "4"),
        ("2 * (n + 1)", "(2 * n) + 2"),
        ("(a :: k ++ l).length", "(k ++ l).length + 1"),
        ("List.map f (a :: l)", "(f a) :: (List.map f l)"),
        ("[1, 2] ++ [3]", "[1, 2, 3]"),
        ("(fun x => f x) a", "f a"),
        ("(g ∘ f) a", "g (f a)"),
        ("true && (!b)", "!b"),
        ("b && true", "b && true"),
        ("0 + n", "0 + n"),
    ],
)
def test_defining_equations_and_no_others(text: str, simpler: str) -> None:
    assert show(reduce(read(text))) == simpler


def test_constructors_are_seen_through_definitions() -> None:
    assert constructor_of(read("a + (b + 1)")) == "successor"
    assert constructor_of(read("a + b")) is None
    assert constructor_of(read("(a :: k) ++ l")) == "::"
    assert constructor_of(read("k ++ l")) is None
    assert constructor_of(read("true || b")) == "true"
    assert normal(read("n + 0 = m")) == normal(read("n = m"))
