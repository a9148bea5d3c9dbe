"""``compare``: two arms, or two runs, theorem by theorem; checked against what ``run.json`` and the traces say."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import RunFolder

Cellview = Callable[..., Any]

CORPUS = "".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\nprovable = true\n" for n in range(12))
ARMS = ("--interventions", "wild_type,block_t1,block_t2")
DISTRIBUTED = ("--mcts-mode", "distributed", "--mcts-agents", "3", "--mcts-inflight", "3")


@pytest.fixture
def run(here: Cellview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a run of the synthetic prover in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "c.toml").write_text(CORPUS)

    def make(name: str, *options: str, budget: int = 12) -> str:
        fixed = ("--prover", "synthetic", "--budget", str(budget), "--quiet", "--trace-mcts", "--out", name)
        assert here("run", "c.toml", *fixed, *options).status == 0
        return name

    return make


def solved(run: str, arm: str = "wild_type") -> dict[tuple[str, int], bool]:
    return {(e.theorem, e.seed): e.solved for e in RunFolder.read(run).metadata.results if e.arm == arm}


def lines_of(run: str, theorem: str, arm: str) -> list[dict[str, Any]]:
    text = RunFolder.read(run).trace_path(theorem, arm=arm).read_text()
    found = [json.loads(line) for line in text.splitlines()]
    for line in found:
        for attempt in line.get("attempts", ()):
            del attempt["timestamp_ms"]
    return found


def test_the_arms_of_a_run_against_its_wild_type(here: Cellview, run: Callable[..., str]) -> None:
    run("r", *ARMS)
    said = json.loads(here("compare", "r", "--json").out)["comparisons"]
    assert [(c["a"], c["b"]) for c in said] == [("block_t1", "wild_type"), ("block_t2", "wild_type")]
    wild = solved("r")
    for comparison in said:
        arm = solved("r", comparison["a"])
        table = [sum((arm[k], wild[k]) == pair for k in wild) for pair in ((1, 1), (1, 0), (0, 1), (0, 0))]
        assert [comparison[name] for name in ("both", "only_a", "only_b", "neither")] == table
        assert comparison["difference"]["estimate"] == pytest.approx((table[1] - table[2]) / len(wild))
        assert comparison["seeds"] == [
            {"seed": 0, "theorems": 12, "solved_a": sum(arm.values()), "solved_b": sum(wild.values())}
        ]
    assert any(c["only_a"] + c["only_b"] for c in said), "a comparison of equals would show little"
    ps = [c["difference"]["p"] for c in said]
    assert [c["holm_p"] for c in said] == pytest.approx(_holm(ps))


def _holm(ps: list[float]) -> list[float]:
    """Holm for two."""
    low, high = sorted(ps)
    adjusted = {low: min(1.0, 2 * low), high: max(min(1.0, 2 * low), high)}
    return [adjusted[p] for p in ps]


def test_where_traces_part(here: Cellview, run: Callable[..., str]) -> None:
    run("r", *ARMS)
    (comparison,) = json.loads(here("compare", "r:block_t1", "r:wild_type", "--json").out)["comparisons"]
    parted = 0
    for row in comparison["searches"]:
        one, other = lines_of("r", row["theorem"], "block_t1"), lines_of("r", row["theorem"], "wild_type")
        assert row["same"] == (one == other)
        if row["same"]:
            assert row["part"] is None
            continue
        parted += 1
        at = next((n for n, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))
        assert row["part"]["line"] == at + 1
        assert row["part"]["iteration"] == at
        if row["part"]["field"] != "line":
            top = row["part"]["field"].partition(".")[0].partition("[")[0]
            assert one[at][top] != other[at][top]
            assert top not in ("node", "tree") or all(
                one[at][name] == other[at][name] for name in one[at] if name not in ("node", "tree")
            ), "what was done is named before what it led to"
    assert parted


def test_text_fits_and_names_who_was_lost(here: Cellview, run: Callable[..., str]) -> None:
    run("r", *ARMS, "--seeds", "0-2")
    text = here("compare", "r:block_t1", "r:wild_type").out
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("A: block_t1\nB: wild_type\n")
    words = " ".join(text.split())
    assert "searches, both solve" in words and "sign flip: p =" in words
    discordant = {key[0] for key, won in solved("r").items() if won != solved("r", "block_t1")[key]}
    assert discordant and all(f"\n{theorem} " in text for theorem in discordant)
    assert len(here("compare", "r:block_t1", "r:wild_type", "--all").out) > len(text)


def test_two_runs(here: Cellview, run: Callable[..., str]) -> None:
    run("one", *ARMS)
    run("many", *ARMS, *DISTRIBUTED)
    refused = here("compare", "many", "one")
    assert (refused.status, refused.out) == (2, "")
    assert "differ in search.agents: 3 and None" in refused.err
    assert refused.err.endswith("If it is, add --factor agents.\n")
    assert here("compare", "many", "one", "--factor", "agents").err.endswith("add --factor agents,inflight.\n")
    said = here("compare", "many", "one", "--factor", "agents,inflight,mode", "--json")
    comparisons = json.loads(said.out)["comparisons"]
    assert [(c["a"], c["b"]) for c in comparisons] == [(f"many/{arm}", f"one/{arm}") for arm in ARMS[1].split(",")]
    assert all((c["agents_a"], c["agents_b"], c["budget"]) == (3, 1, 12) for c in comparisons)
    text = here("compare", "many", "one:wild_type", "--factor", "agents,inflight,mode").out
    assert "3 agents against 1 within 12 iterations" in " ".join(text.split())
    assert text.count("A: many/wild_type") == 1


def test_a_run_with_itself_elsewhere_is_the_same(here: Cellview, run: Callable[..., str]) -> None:
    run("one")
    run("again")
    text = here("compare", "one", "again").out
    assert "12 of 12 searches are the same to the byte under both." in text
    assert "Solve rate, A less B: +0.000" in text and "p = 1.0000" in text


def test_sheets(here: Cellview, run: Callable[..., str]) -> None:
    run("r", *ARMS)
    arms = list(csv.DictReader(io.StringIO(here("compare", "r", "--format", "csv").out)))
    assert [row["a"] for row in arms] == ["block_t1", "block_t2"]
    theorems = list(csv.DictReader(io.StringIO(here("compare", "r", "--format", "csv", "--table", "theorems").out)))
    assert len(theorems) == 24
    wild = solved("r")
    assert all(row["solved_b"] == str(wild[row["theorem"], 0]).lower() for row in theorems)
    for row in arms:
        own = [line for line in theorems if line["a"] == row["a"]]
        only = sum((line["solved_a"], line["solved_b"]) == ("true", "false") for line in own)
        assert only == int(row["only_a"])
    assert here("compare", "r", "--format", "latex").out.count("\\\\") == 3


def test_without_numpy_what_needs_none_is_said(
    here: Cellview, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("r", *ARMS)
    run("s", *ARMS, "--seeds", "0-1")
    with_it = here("compare", "r:block_t1", "r:wild_type").out
    monkeypatch.setitem(sys.modules, "numpy", None)
    without = here("compare", "r:block_t1", "r:wild_type")
    assert without.status == 0
    assert "McNemar, exact" in without.out
    needs = "A bootstrap interval needs numpy: run pip install 'cellview[measures]'."
    assert needs in without.out and needs not in with_it
    assert without.out.count(needs) == 1
    several = here("compare", "s:block_t1", "s:wild_type")
    assert several.status == 0 and several.out.count(needs) == 1, "the counts are there, the interval is not"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("r",), "r has one arm, wild_type: name a second run"),
        (("r", "r"), "r is to be compared with itself"),
        (("r:wild_type", "r:wild_type"), "r is to be compared with itself"),
        (("r:block_x", "s"), "r has no arm block_x, but wild_type"),
        (("s:block_t1", "r"), "r has no arm block_t1, but wild_type"),
        (("nowhere", "r"), "nowhere is not the folder of a run"),
        (("nowhere:wild_type", "r"), "nowhere:wild_type is not the folder of a run"),
        (("r", "s", "--factor", "colour"), "colour is no field of the search's configuration"),
        (("r", "s", "--format", "pdf"), "--format: must be one of text, csv, latex, json"),
        (("r", "more"), "differ in seeds: (0,) and (0, 1)"),
        (("r", "longer"), "differ in budget: 12 and 13"),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_refusals(here: Cellview, run: Callable[..., str], argv: tuple[str, ...], words: str) -> None:
    run("r")
    run("s", *ARMS)
    if "more" in argv:
        run("more", "--seeds", "0-1")
    if "longer" in argv:
        run("longer", budget=13)
    said = here("compare", *argv)
    assert (said.status, said.out) == (2, "")
    assert words in said.err and len(said.err.splitlines()) == 1, said.err


def test_a_folder_s_name_may_hold_a_colon(here: Cellview, run: Callable[..., str]) -> None:
    run("a:b", *ARMS)
    assert here("compare", "a:b").status == 0
    assert here("compare", "a:b:block_t1", "a:b:wild_type").out.startswith("A: block_t1\nB: wild_type\n")
