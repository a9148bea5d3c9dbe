"""The determinism report in CI's time: the grid, the real processes and their kills, and the six planted faults."""

from __future__ import annotations

import pytest

from cellview.frontier.check.faults import FAULTS, Fault
from cellview.frontier.check.verify import Outcome, Report, Scenario, grid, verify


def _explain(report: Report) -> str:
    return "\n".join(f"{scenario} {outcome}" for scenario, outcome in report.rows)


async def test_tasks_any_number_of_workers_and_kills() -> None:
    report = await verify(grid(workers=(1, 2, 4, 8), rounds=2, stages=("tasks",)))
    assert report.holds, _explain(report)
    assert (report.state_digests, report.trace_digests) == ([EXPECTED_STATE], [EXPECTED_TRACE])
    assert set(report.kills) == {"committer as tasks", "workers as tasks"}
    assert min(report.kills.values()) >= 8, f"of 24 kills each, too few hit anything: {report.kills}"


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("processes", "memory", 2, "workers", 0),
        Scenario("processes", "memory", 4, "committer", 0),
        Scenario("processes", "redis", 2, "workers", 0),
        Scenario("processes", "redis", 1, "committer", 0),
        Scenario("processes", "redis", 4, "server", 0),
        Scenario("processes", "redis", 8, "workers", 0),
    ],
    ids=lambda it: f"{it.backend}-{it.workers}-{it.kills}",
)
async def test_processes_killed_at_random(scenario: Scenario) -> None:
    """At least three kills must hit, in however many runs: one that was quicker than the killer shows nothing."""
    hit = 0
    for _ in range(5):
        report = await verify([scenario])
        outcome = report.rows[0][1]
        assert not outcome.error
        # The digests of the sequential run, which the other scenarios of the grid agree on.
        assert outcome.state_digest == EXPECTED_STATE
        assert outcome.trace_digest == EXPECTED_TRACE
        hit += outcome.killed
        assert report.kills == {f"{scenario.kills} as processes": outcome.killed}
        if hit >= 3:
            return
    pytest.fail(f"only {hit} kills hit in five runs")


EXPECTED_STATE = "f8d06305b871964cef4dab1779213b24d2b8baad784622fcb853f8532c7d89f6"
EXPECTED_TRACE = "8af58066718358869414d2caaec8ecdb38f41a7e214af679df047f1fdfedf4b7"


@pytest.mark.parametrize("fault", FAULTS)
async def test_planted_faults_are_caught(fault: Fault) -> None:
    scenarios = [
        s
        for s in grid(workers=(1, 4), rounds=1 if fault == "no-lease" else 2, stages=("tasks",))
        if s.kills != "committer"
    ]
    report = await verify(scenarios, fault=fault, stall_s=1.5)
    assert not report.holds, _explain(report)


def test_a_report_needs_agreement_and_no_failures() -> None:
    one = Scenario("tasks", "memory", 1, "none", 0)
    good = Outcome("a", "b", 3, 0)
    assert Report([(one, good), (one, good)]).holds
    assert not Report([(one, good), (one, Outcome("x", "b", 3, 0))]).holds
    assert not Report([(one, good), (one, Outcome("a", "x", 3, 0))]).holds
    assert not Report([(one, good), (one, Outcome(error="stalled"))]).holds
    assert not Report([(one, Outcome(error="stalled"))]).holds
