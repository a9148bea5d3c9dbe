"""What the levels *light* and *full* add: named lemmas of Lean's core library, and its automation.

Lemmas are chosen by shape, like hypotheses: the statement is parsed once and matched against the goal. All names are
those of Lean's own core library, with the same arguments, so that they mean the same in any Lean. A name that some
Lean lacks costs one failed preview.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.applying import backward, finishing
from cellview.prover.providers.arithmetic import integers
from cellview.prover.providers.equality import MOST_TEXT
from cellview.prover.providers.matching import rewrites
from cellview.prover.providers.terms import Term, atom, parse_term, subterms
from cellview.prover.providers.uses import Use, uses_of
from cellview.prover.providers.view import GoalView

__all__ = ["applying_lemmas", "closers", "finishing_lemma", "rewriting_lemmas", "simplifying"]

# Each with its statement; variables in braces are implicit in Lean and never written.
_ORDER = """
Nat.zero_le : ∀ (n : Nat), 0 ≤ n
Nat.le_refl : ∀ (n : Nat), n ≤ n
Nat.le_succ : ∀ (n : Nat), n ≤ n + 1
Nat.lt_succ_self : ∀ (n : Nat), n < n + 1
Nat.zero_lt_succ : ∀ (n : Nat), 0 < n + 1
Nat.le_add_right : ∀ (n k : Nat), n ≤ n + k
Nat.le_add_left : ∀ (n m : Nat), n ≤ m + n
Nat.lt_irrefl : ∀ (n : Nat), ¬n < n
Nat.le_trans : ∀ {n m k : Nat}, n ≤ m → m ≤ k → n ≤ k
Nat.lt_of_lt_of_le : ∀ {n m k : Nat}, n < m → m ≤ k → n < k
Nat.lt_of_le_of_lt : ∀ {n m k : Nat}, n ≤ m → m < k → n < k
Nat.le_antisymm : ∀ {n m : Nat}, n ≤ m → m ≤ n → n = m
Nat.le_of_lt : ∀ {n m : Nat}, n < m → n ≤ m
Nat.succ_le_succ : ∀ {n m : Nat}, n ≤ m → n + 1 ≤ m + 1
Nat.succ_lt_succ : ∀ {n m : Nat}, n < m → n + 1 < m + 1
Nat.le_of_succ_le_succ : ∀ {n m : Nat}, n + 1 ≤ m + 1 → n ≤ m
Nat.le.step : ∀ {n m : Nat}, n ≤ m → n ≤ m + 1
Nat.le_total : ∀ (m n : Nat), m ≤ n ∨ n ≤ m
List.Mem.head : ∀ {α : Type} {a : α} (l : List α), a ∈ a :: l
List.Mem.tail : ∀ {α : Type} {a : α} {l : List α} (b : α), a ∈ l → a ∈ b :: l
"""

# For Nat and for Int alike; N stands for the one that is meant.
_DIVISORS = """
N.dvd_refl : ∀ (a : N), a ∣ a
N.dvd_zero : ∀ (a : N), a ∣ 0
N.one_dvd : ∀ (a : N), 1 ∣ a
N.dvd_mul_right : ∀ (a b : N), a ∣ a * b
N.dvd_mul_left : ∀ (a b : N), a ∣ b * a
N.dvd_trans : ∀ {a b c : N}, a ∣ b → b ∣ c → a ∣ c
N.dvd_add : ∀ {a b c : N}, a ∣ b → a ∣ c → a ∣ b + c
N.dvd_sub : ∀ {a b c : N}, a ∣ b → a ∣ c → a ∣ b - c
"""

_NAT_LAWS = """
Nat.dvd_mul_right_of_dvd : ∀ {a b : Nat}, a ∣ b → ∀ (c : Nat), a ∣ b * c
Nat.dvd_mul_left_of_dvd : ∀ {a b : Nat}, a ∣ b → ∀ (c : Nat), a ∣ c * b
Nat.mul_dvd_mul : ∀ {a b c d : Nat}, a ∣ b → c ∣ d → a * c ∣ b * d
Nat.dvd_antisymm : ∀ {a b : Nat}, a ∣ b → b ∣ a → a = b
Nat.le_of_dvd : ∀ {a b : Nat}, 0 < b → a ∣ b → a ≤ b
Nat.eq_one_of_dvd_one : ∀ {a : Nat}, a ∣ 1 → a = 1
Nat.dvd_gcd : ∀ {a b c : Nat}, a ∣ b → a ∣ c → a ∣ b.gcd c
Nat.gcd_dvd_left : ∀ (a b : Nat), a.gcd b ∣ a
Nat.gcd_dvd_right : ∀ (a b : Nat), a.gcd b ∣ b
Nat.gcd_comm : ∀ (a b : Nat), a.gcd b = b.gcd a
Nat.mul_le_mul_left : ∀ {a b : Nat} (k : Nat), a ≤ b → k * a ≤ k * b
Nat.mul_le_mul_right : ∀ {a b : Nat} (k : Nat), a ≤ b → a * k ≤ b * k
Nat.mul_pos : ∀ {a b : Nat}, 0 < a → 0 < b → 0 < a * b
Nat.mul_left_cancel : ∀ {k a b : Nat}, 0 < k → k * a = k * b → a = b
Nat.pos_of_ne_zero : ∀ {a : Nat}, a ≠ 0 → 0 < a
"""

_INT_LAWS = """
Int.dvd_neg : ∀ {a b : Int}, a ∣ -b ↔ a ∣ b
Int.dvd_mul_of_dvd_left : ∀ {a b : Int}, a ∣ b → ∀ (c : Int), a ∣ b * c
Int.dvd_mul_of_dvd_right : ∀ {a b : Int}, a ∣ b → ∀ (c : Int), a ∣ c * b
Int.mul_nonneg : ∀ {a b : Int}, 0 ≤ a → 0 ≤ b → 0 ≤ a * b
Int.mul_pos : ∀ {a b : Int}, 0 < a → 0 < b → 0 < a * b
Int.mul_self_nonneg : ∀ (a : Int), 0 ≤ a * a
Int.mul_le_mul_of_nonneg_left : ∀ {a b c : Int}, a ≤ b → 0 ≤ c → c * a ≤ c * b
Int.mul_le_mul_of_nonneg_right : ∀ {a b c : Int}, a ≤ b → 0 ≤ c → a * c ≤ b * c
Int.mul_left_cancel : ∀ {a b c : Int}, a ≠ 0 → a * b = a * c → b = c
Int.mul_eq_zero : ∀ {a b : Int}, a * b = 0 ↔ a = 0 ∨ b = 0
"""

_INT_ORDER = """
Int.le_refl : ∀ (n : Int), n ≤ n
Int.lt_irrefl : ∀ (n : Int), ¬n < n
Int.le_trans : ∀ {n m k : Int}, n ≤ m → m ≤ k → n ≤ k
Int.lt_trans : ∀ {n m k : Int}, n < m → m < k → n < k
Int.le_antisymm : ∀ {n m : Int}, n ≤ m → m ≤ n → n = m
Int.le_of_lt : ∀ {n m : Int}, n < m → n ≤ m
Int.le_total : ∀ (m n : Int), m ≤ n ∨ n ≤ m
"""

_EQUATIONS = """
Nat.add_zero : ∀ (n : Nat), n + 0 = n
Nat.zero_add : ∀ (n : Nat), 0 + n = n
Nat.mul_zero : ∀ (n : Nat), n * 0 = 0
Nat.zero_mul : ∀ (n : Nat), 0 * n = 0
Nat.mul_one : ∀ (n : Nat), n * 1 = n
Nat.one_mul : ∀ (n : Nat), 1 * n = n
Nat.mul_add : ∀ (a b c : Nat), a * (b + c) = a * b + a * c
Nat.add_mul : ∀ (a b c : Nat), (a + b) * c = a * c + b * c
Nat.add_assoc : ∀ (a b c : Nat), a + b + c = a + (b + c)
Nat.mul_assoc : ∀ (a b c : Nat), a * b * c = a * (b * c)
Nat.add_comm : ∀ (a b : Nat), a + b = b + a
Nat.mul_comm : ∀ (a b : Nat), a * b = b * a
List.nil_append : ∀ (l : List α), [] ++ l = l
List.append_nil : ∀ (l : List α), l ++ [] = l
List.cons_append : ∀ (a : α) (k l : List α), (a :: k) ++ l = a :: (k ++ l)
List.append_assoc : ∀ (k l m : List α), k ++ l ++ m = k ++ (l ++ m)
List.length_cons : ∀ (a : α) (l : List α), (a :: l).length = l.length + 1
List.length_append : ∀ (k l : List α), (k ++ l).length = k.length + l.length
List.map_cons : ∀ (f : α → β) (a : α) (l : List α), List.map f (a :: l) = f a :: List.map f l
List.map_append : ∀ (f : α → β) (k l : List α), List.map f (k ++ l) = List.map f k ++ List.map f l
List.reverse_cons : ∀ (a : α) (l : List α), (a :: l).reverse = l.reverse ++ [a]
List.length_reverse : ∀ (l : List α), l.reverse.length = l.length
String.append_assoc : ∀ (s t u : String), s ++ t ++ u = s ++ (t ++ u)
Nat.pow_zero : ∀ (n : Nat), n ^ 0 = 1
Nat.pow_succ : ∀ {n m : Nat}, n ^ (m + 1) = n ^ m * n
Nat.pow_two : ∀ (n : Nat), n ^ 2 = n * n
Nat.pow_add : ∀ (a m n : Nat), a ^ (m + n) = a ^ m * a ^ n
List.reverse_append : ∀ (k l : List α), (k ++ l).reverse = l.reverse ++ k.reverse
"""

_MANY_LAWS = 3
"""With so many quantified hypotheses and further facts beside, `grind` takes 50 times as long as usual."""

_COMMUTE = frozenset({"Nat.add_comm", "Nat.mul_comm"})
_SUMS = "Nat.add_assoc, Nat.add_comm, Nat.add_left_comm"
_PRODUCTS = "Nat.mul_add, Nat.add_mul, Nat.mul_assoc, Nat.mul_comm, Nat.mul_left_comm"


def _read(table: str) -> Iterator[Use]:
    for line in table.strip().splitlines():
        name, _, statement = line.partition(" : ")
        implicit = statement.partition(" (")[0] if "{" in statement else ""
        hidden = frozenset(word for word in implicit.replace("{", " ").replace(":", " ").split() if len(word) == 1)
        yield from uses_of(name, parse_term(statement, frozenset("abcklmn")), implicit=hidden)


_ORDER_USES = tuple(_read(_ORDER))
_INT_ORDER_USES = tuple(_read(_INT_ORDER))
_NAT_USES = tuple(_read(_DIVISORS.replace("N", "Nat") + _NAT_LAWS.lstrip()))
_INT_USES = tuple(_read(_DIVISORS.replace("N", "Int") + _INT_LAWS.lstrip()))
_EQUATION_USES = tuple(use for use in _read(_EQUATIONS) if use.conclusion.is_op("="))


def finishing_lemma(view: GoalView) -> str | None:
    """A lemma about order or membership that, with hypotheses, is exactly the target."""
    return finishing(view, _lemmas(view))


def _lemmas(view: GoalView) -> Iterator[Use]:
    """Lemmas about order and membership, and those about divisors and products of the numbers that are meant."""
    yield from _INT_ORDER_USES if integers(view) else _ORDER_USES
    if _speaks_of(view.target, "∣", "*") or any(_speaks_of(fact.type, "∣", "*") for fact in view.facts):
        yield from _INT_USES if integers(view) else _NAT_USES


def applying_lemmas(view: GoalView, *, score: float = 0.5) -> Iterator[Suggestion]:
    """Reduce the target to the premises of a lemma about order or membership."""
    if view.target.is_op("≤", "<", "∈", "=", "∣", "∨"):
        yield from backward(view, _lemmas(view), score=score)


def rewriting_lemmas(view: GoalView, *, score: float = 0.45) -> Iterator[Suggestion]:
    """``rw`` with a lemma whose left side occurs in the target."""
    if view.size > MOST_TEXT or not view.target.is_op("=", "≠", "≤", "<"):
        return
    for use in _EQUATION_USES:
        if rewrites(use.conclusion.args[0], use.variables, view.target):
            yield Suggestion(f"rw [{use.name}]", score - (0.1 if use.name in _COMMUTE else 0.0))


def simplifying(view: GoalView, *, score: float = 0.65) -> Iterator[Suggestion]:
    """``simp only`` with the lemmas and hypotheses whose patterns occur in the target."""
    names = [use.name for use in _EQUATION_USES if use.name not in _COMMUTE and _occurs(use, view.target)]
    facts = _rewriting_facts(view)
    if names or facts:
        yield Suggestion(f"simp only [{', '.join([*names, *facts])}]", score)
    if _speaks_of(view.target, "+"):
        yield Suggestion(
            f"simp only [{', '.join([*names, *facts, _SUMS.removeprefix('Nat.add_assoc, ')])}]", score - 0.05
        )


def _occurs(use: Use, target: Term) -> bool:
    return rewrites(use.conclusion.args[0], use.variables, target)


def _rewriting_facts(view: GoalView) -> list[str]:
    return [
        fact.name
        for fact in view.facts
        if any(not use.premises and use.conclusion.is_op("=") for use in uses_of(fact.name, fact.type))
    ]


def _speaks_of(target: Term, *symbols: str) -> bool:
    return any(part.is_op(*symbols) for part in subterms(target))


def closers(view: GoalView, *, score: float = 0.9) -> Iterator[Suggestion]:
    """Automation that either ends the goal or fails; the cheapest that is likely comes first."""
    facts = list(view.facts)
    if sum(fact.type.is_bind("∀") for fact in facts) < _MANY_LAWS or len(facts) <= _MANY_LAWS:
        yield Suggestion("grind", score)
    # One of the two: what both fail at is common, and each failure is a preview.
    if _speaks_of(view.target, "*"):
        yield Suggestion(f"simp [*, {_PRODUCTS}, {_SUMS}]; done", score - 0.01)
    elif _speaks_of(view.target, "+") or any(part.head == ".length" for part in subterms(view.target)):
        yield Suggestion(f"simp [*, {_SUMS}]; done", score - 0.01)
    else:
        yield Suggestion("simp_all; done", score - 0.01)
    if not _names_a_value(view) and not view.target.is_bind("∃"):
        yield Suggestion("decide", score - 0.03)


def _names_a_value(view: GoalView) -> bool:
    names = {entry.name for entry in view.entries}
    return any(part.kind == "atom" and part.head in names for part in subterms(view.target)) or view.target == atom(
        "False"
    )
