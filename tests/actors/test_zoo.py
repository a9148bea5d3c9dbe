"""The strategies have the power they claim: every planted defect is found, every repaired twin survives."""

import pytest
from hypothesis import HealthCheck, find, given, settings
from zoo import SPECIMENS, Defect, Specimen

from cellview.actors.testing import (
    PCT,
    Deadlock,
    Intervention,
    SeededRandom,
    explore,
    interventions,
    run_controlled,
)

by_name = pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.name.replace(" ", "-"))
REORDERINGS = {"lost update", "missing stash", "early flush", "check then act", "overtaken introduction", "deadlock"}


def shows(specimen: Specimen, plan: list[Intervention]) -> bool:
    try:
        run_controlled(specimen.broken, interventions=plan)
    except (Defect, Deadlock):
        return True
    return False


def test_the_zoo_has_its_inhabitants() -> None:
    assert len(SPECIMENS) >= 12
    assert len({specimen.name for specimen in SPECIMENS}) == len(SPECIMENS)


@by_name
def test_the_defect_hides_from_the_plain_order(specimen: Specimen) -> None:
    assert not shows(specimen, [])


@by_name
def test_interventions_find_the_defect_and_shrink_it_to_a_line(specimen: Specimen) -> None:
    plan = find(
        interventions(specimen.actors, kinds=specimen.kinds),
        lambda drawn: shows(specimen, drawn),
        settings=settings(
            max_examples=2000,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert 1 <= len(plan) <= 2
    assert len(repr(plan)) < 120


@by_name
def test_the_repaired_twin_survives_all_interventions(specimen: Specimen) -> None:
    @given(plan=interventions(specimen.actors, kinds=specimen.kinds))
    @settings(max_examples=80, derandomize=True, database=None, deadline=None)
    def survives(plan: list[Intervention]) -> None:
        run_controlled(specimen.repaired, interventions=plan)

    survives()


@by_name
def test_the_repaired_twin_survives_random_orders(specimen: Specimen) -> None:
    for seed in range(25):
        run_controlled(specimen.repaired, scheduler=SeededRandom(seed))
        run_controlled(specimen.repaired, scheduler=PCT(seed, steps=40))


@pytest.mark.parametrize("name", sorted(REORDERINGS))
def test_the_other_strategies_find_reorderings(name: str) -> None:
    specimen = next(each for each in SPECIMENS if each.name == name)
    with pytest.raises((Defect, Deadlock)):
        explore(specimen.broken, max_holds=2, max_runs=300)
    with pytest.raises((Defect, Deadlock)):
        for seed in range(200):
            run_controlled(specimen.broken, scheduler=PCT(seed, steps=40))
    with pytest.raises((Defect, Deadlock)):
        for seed in range(1000):
            run_controlled(specimen.broken, scheduler=SeededRandom(seed))


@pytest.mark.parametrize("name", ["missing stash", "early flush", "deadlock"])
def test_exploration_finds_nothing_in_the_repaired_twin(name: str) -> None:
    specimen = next(each for each in SPECIMENS if each.name == name)
    found = explore(specimen.repaired, max_holds=1, max_runs=500)
    assert found.complete
    assert found.runs > 1
