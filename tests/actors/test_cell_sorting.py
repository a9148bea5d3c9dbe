"""The example of cell-view sorting: right where the truth is known, and the same under every order of deliveries."""

import asyncio
import json
import random
import re
import runpy
import subprocess
import sys
from functools import partial
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest

from cellview.actors.testing import PCT, SeededRandom, run_controlled

SCRIPT = Path(__file__).parent.parent.parent / "docs" / "examples" / "cell_sorting.py"
PAGE = SCRIPT.parent.parent / "explanation" / "cell-sorting.md"
EXAMPLE: dict[str, Any] = runpy.run_path(str(SCRIPT))
sort, ALGOTYPES = EXAMPLE["sort"], EXAMPLE["ALGOTYPES"]


def inversions(size: int, seed: int) -> int:
    """Pairs in the wrong order at the start: what sorting by neighbours must cost, whatever the order of turns."""
    values = random.Random(seed).sample(range(size), size)
    return sum(a > b for a, b in combinations(values, 2))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ALGOTYPES)
def test_an_array_without_stuck_cells_sorts_itself(kind: str, seed: int) -> None:
    run = asyncio.run(sort([kind] * 12, seed=seed))
    assert run.errors == 0
    assert run.sortedness[-1] == 12
    assert len(run.layouts) == len(run.sortedness)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["bubble", "insertion"])
def test_sorting_by_neighbours_takes_as_many_swaps_as_there_are_inversions(kind: str, seed: int) -> None:
    run = asyncio.run(sort([kind] * 12, seed=seed))
    assert len(run.sortedness) - 1 == inversions(12, seed)


@pytest.mark.parametrize("kind", ALGOTYPES)
def test_stuck_cells_leave_the_array_unsorted_at_worst_and_the_run_still_ends(kind: str) -> None:
    runs = [asyncio.run(sort([kind] * 12, frozen=3, seed=seed)) for seed in range(5)]
    assert any(run.errors > 0 for run in runs)


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_cannot_cross_stuck_cells_so_bubble_and_insertion_end_alike(seed: int) -> None:
    bubble, insertion = (asyncio.run(sort([kind] * 12, frozen=2, seed=seed)) for kind in ("bubble", "insertion"))
    assert bubble.errors == insertion.errors
    assert len(bubble.sortedness) == len(insertion.sortedness)


def test_in_insertion_one_cell_at_most_can_move_so_the_order_of_turns_cannot_matter() -> None:
    insertion = EXAMPLE["Insertion"]()
    turn = EXAMPLE["Turn"]
    for values in permutations(range(5)):
        choices = [insertion.choose(turn(place, values, (False,) * 5, 0.0)) for place in range(5)]
        assert sum(choice is not None for choice in choices) == (list(values) != sorted(values))


def test_mixed_algotypes_sort_too_and_keep_their_numbers() -> None:
    run = asyncio.run(sort(["bubble", "selection"] * 6, seed=4))
    assert run.errors == 0
    assert {layout.count("bubble") for layout in run.layouts} == {6}


@pytest.mark.parametrize("kind", ALGOTYPES)
def test_a_run_has_one_digest_under_every_order_of_deliveries(kind: str) -> None:
    main = partial(sort, [kind] * 8, frozen=1, seed=2)
    digest = asyncio.run(main()).digest
    for scheduler in (SeededRandom(1), SeededRandom(2), PCT(3, steps=500)):
        assert run_controlled(main, scheduler=scheduler, early="none").result.digest == digest
    assert asyncio.run(sort([kind] * 8, frozen=1, seed=3)).digest != digest


def test_a_row_of_the_page_is_what_the_example_does() -> None:
    page = PAGE.read_text()
    command = re.search(r"--cells (\d+) --runs (\d+)", page)
    row = re.search(r"^\| selection \| 2 \|.*`(\w+)` \|$", page, re.MULTILINE)
    assert command is not None
    assert row is not None
    cells, runs = int(command[1]), int(command[2])
    done = [asyncio.run(sort(["selection"] * cells, frozen=2, seed=seed)) for seed in range(runs)]
    assert EXAMPLE["digest_of"](done) == row[1], "the page is older than the example: make its tables anew"


def test_the_study_prints_every_measure_with_its_null() -> None:
    pytest.importorskip("numpy", reason="the nulls of long series are drawn with numpy: the extra `measures`")
    command = [sys.executable, str(SCRIPT), "--cells", "12", "--runs", "2"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert [(row["algotype"], row["frozen"]) for row in found["frozen"]] == [
        (kind, frozen) for kind in ALGOTYPES for frozen in range(4)
    ]
    assert all({"ratio", "gain", "null gain", "errors", "digest"} <= set(row) for row in found["frozen"])
    assert all({"peak", "null", "sorted", "digest"} <= set(row) for row in found["mixed"])
    assert set(found["error tolerance (area)"]) == set(ALGOTYPES)
    assert len({row["digest"] for row in (*found["frozen"], *found["mixed"])}) == 15
