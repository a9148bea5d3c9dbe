from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.frontier import Candidate, Prng, canonical
from cellview.frontier.errors import FrontierError, ManifestError, UnencodableError
from cellview.frontier.machine.canonical import priority_of, score_of
from cellview.frontier.machine.model import Manifest

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_JSON)
def test_canonical_text_says_the_same_value(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_key_order_does_not_matter_but_number_types_do() -> None:
    assert canonical({"b": 1, "a": [True]}) == canonical({"a": [True], "b": 1}) == '{"a":[true],"b":1}'
    assert canonical(1) != canonical(1.0) != canonical(True)


@pytest.mark.parametrize(
    "value", [math.nan, [math.inf], {"a": -math.inf}, (1,), {1: 2}, {1, 2}, b"x", "\ud800", object()]
)
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(UnencodableError):
        canonical(value)


def test_what_is_refused_is_named_with_its_place() -> None:
    with pytest.raises(UnencodableError, match=r"^item\[1\]\.a is nan"):
        canonical([0, {"a": math.nan}])
    with pytest.raises(UnencodableError, match=r"^item\.a has the key 1"):
        canonical({"a": {1: 2}})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_priority_is_exact(priority: float) -> None:
    assert priority_of(score_of(priority)) == priority
    assert score_of(priority) != "-0.0"


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_scores_order_as_priorities_do(one: float, two: float) -> None:
    assert (float(score_of(one)) < float(score_of(two))) == (one > two)


@pytest.mark.parametrize("priority", [math.nan, math.inf, -math.inf, 10**400, True, "1"])
def test_other_priorities_are_refused(priority: float) -> None:
    with pytest.raises(UnencodableError):
        Candidate.of("x", priority=priority)


def test_a_candidate_is_its_item_alone() -> None:
    assert Candidate.of({"a": 1}, priority=1.0, depth=2, carry=b"x").hash == Candidate.of({"a": 1}).hash
    assert Candidate.of("abc").hash == "6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25"


def test_streams_are_keyed_by_their_path_alone() -> None:
    root = Prng(7)
    late = root.for_path("execute", "abc")
    root.random()
    root.for_path("other").random()
    assert root.for_path("execute", "abc").random() == late.random()
    assert root.for_path("execute").for_path("abc").seed == late.seed
    paths: list[tuple[str | int, ...]] = [("ab", "c"), ("a", "bc"), ("abc",), (1,), ("1",), ()]
    seeds = {root.for_path(*path).seed for path in paths}
    assert len(seeds) == 6
    assert late.seed_canonical == f"0x{late.seed:064x}"


def test_streams_are_the_same_in_another_process() -> None:
    code = "from cellview.frontier import Prng; p = Prng(3).for_path('x', 1); print([p.below(10**9) for _ in range(5)])"
    here = Prng(3).for_path("x", 1)
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "5"}
    )
    assert told.stdout.strip() == str([here.below(10**9) for _ in range(5)])


@given(st.integers(1, 2**70), st.integers(0, 2**32))
def test_draws_are_in_range(bound: int, seed: int) -> None:
    prng = Prng(seed)
    assert 0 <= prng.below(bound) < bound
    assert 0.0 <= prng.random() < 1.0


def test_shuffle_is_fair_enough() -> None:
    counts: dict[str, int] = {}
    prng = Prng(1)
    for _ in range(6000):
        letters = list("abc")
        prng.shuffle(letters)
        counts["".join(letters)] = counts.get("".join(letters), 0) + 1
    assert len(counts) == 6
    assert all(850 < count < 1150 for count in counts.values())
    assert prng.choice("z") == "z"


def test_bad_arguments_of_the_prng() -> None:
    for wrong in (lambda: Prng(-1), lambda: Prng(0).below(0), lambda: Prng(0).bits(0)):
        with pytest.raises(ValueError, match="at least"):
            wrong()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("experiment", "a{b}"), ("experiment", ""), ("task", "a.module:function"), ("task", "/bin/sh"),
        ("settings", "[]"), ("settings", "{"), ("task", ""),
        ("window", 0), ("beam_width", 0), ("master_seed", -1),
        ("max_tickets", 0), ("max_failures", 0), ("lease_ms", 0), ("max_expiries", 0),
    ],
)  # fmt: skip
def test_manifests_are_checked(field: str, value: object) -> None:
    with pytest.raises(ManifestError, match=field.replace("experiment", "experiment name")):
        Manifest(**{"experiment": "x", "task": "a", field: value})  # type: ignore[arg-type]


def test_operational_settings_are_no_part_of_the_outcome() -> None:
    one = Manifest(experiment="x", task="a")
    assert one.digest == Manifest(experiment="x", task="a", lease_ms=5, max_expiries=7).digest
    assert one.digest != Manifest(experiment="x", task="a", window=5).digest
    with pytest.raises(FrontierError, match=r"window \(5 there, 64 here\)"):
        one.require_same(Manifest(experiment="x", task="a", window=5))


def test_a_name_clash_names_the_key_that_differs_also_inside_the_settings() -> None:
    def made(text: str) -> Manifest:
        return Manifest(experiment="x", task="a", settings=text)

    here = made('{"search": {"budget": [1], "seed": 3}, "arms": []}')
    with pytest.raises(ManifestError, match=r"other settings: settings\.search\.seed \(4 there, 3 here\); use those"):
        here.require_same(made('{"search": {"budget": [1], "seed": 4}, "arms": []}'))
    with pytest.raises(
        ManifestError, match=r"settings: settings\.search\.seed \(None there, 3 here\), settings\.new \(1 t"
    ):
        here.require_same(made('{"search": {"budget": [1]}, "arms": [], "new": 1}'))
    with pytest.raises(ManifestError, match=r"settings\.arms \('x{56}\.\.\. there, \[\] here\)"):
        here.require_same(made('{"search": {"budget": [1], "seed": 3}, "arms": "%s"}' % ("x" * 90)))
    with pytest.raises(ManifestError, match=r"other settings: settings \("):  # equal data, but other bytes
        here.require_same(made('{"arms": [], "search": {"seed": 3, "budget": [1]}}'))
