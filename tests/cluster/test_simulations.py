"""The simulations pass on sound brokers and fail when a fault is planted; the commands say so by their exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from cluster_toys import numbered_claim

from cellview.app.claims_commands import claims_app
from cellview.app.cluster_commands import simulate_app
from cellview.app.errors import OptionError
from cellview.cluster import ClaimStoreError, PersistClaim, SimulationError
from cellview.cluster.claims.storage import setup, teardown
from cellview.cluster.simulations import Fault, RecoveryRow, simulate_coordination, simulate_recovery


@pytest.mark.parametrize("broker", ["memory", "redis"])
def test_coordination_is_sound(broker: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("redis_url") if broker == "redis" else None
    report = simulate_coordination(broker, url, producers=2, messages=150)
    assert report.problems == []
    assert (report.claims_received, report.results_collected) == (300, 300)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("duplicate", "1 claims delivered twice"),
        ("reorder", "1 claims delivered out of their producer's order"),
        ("loss", "1 claims lost"),
        ("crosstalk", "1 messages in the wrong queue"),
    ],
)
def test_a_planted_fault_is_found(fault: Fault, said: str) -> None:
    assert simulate_coordination(producers=1, messages=20, plant=fault).problems == [said]


def test_recovery_costs_what_the_formula_says() -> None:
    report = simulate_recovery(rates=(0.0, 0.2, 0.5), messages=600, max_deliveries=4)
    assert report.problems == []
    calm, _, stormy = report.rows
    assert (calm.deliveries, calm.set_aside) == (600, 0)
    assert stormy.set_aside > 0 and stormy.deliveries_each > 1.5


def test_recovery_on_redis(redis_url: str) -> None:
    assert simulate_recovery("redis", redis_url, rates=(0.0, 0.3), messages=150).problems == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"deliveries_each": 2.0}, "2.000 deliveries a message"),
        ({"set_aside": 60}, "60 messages set aside"),
        ({"unaccounted": 1}, "1 messages unaccounted for"),
    ],
)
def test_a_cost_off_the_formula_is_a_problem(change: dict[str, float], said: str) -> None:
    sound = simulate_recovery(rates=(0.3,), messages=300).rows[0]
    assert isinstance(sound, RecoveryRow) and sound.problems == []
    [problem] = msgspec.structs.replace(sound, **change).problems
    assert said in problem


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(SimulationError):
        simulate_recovery(rates=(1.0,))
    with pytest.raises(SimulationError):
        simulate_coordination(producers=0)


# Commands.


def test_simulate_exits_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["coordination", "--producers", "1", "--messages", "20", "--json"]
    assert simulate_app(arguments, standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out)["claims_received"] == 20
    assert simulate_app([*arguments[:-1], "--plant", "loss"], standalone_mode=False) == 1
    assert "1 claims lost" in capsys.readouterr().out
    assert simulate_app(["recovery", "--messages", "50", "--rate", "0", "--rate", "0.2"], standalone_mode=False) == 0
    assert re.search(r"0\.2 +1\.\d+ +1\.250", capsys.readouterr().out)
    with pytest.raises(OptionError, match="neither a url"):
        simulate_app(["recovery", "--url", "redis://x"], standalone_mode=False)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "claims.duckdb"
    store = setup(path)
    store.persist([PersistClaim(claim=msgspec.to_builtins(numbered_claim(number))) for number in range(3)])
    teardown(store)
    return path


def test_claims_are_asked_from_the_command_line(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT theorem, seed FROM claims ORDER BY seed DESC LIMIT 2"
    assert claims_app(["query", sql, "-d", str(database), "--json"], standalone_mode=False) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == [{"theorem": "theorem_2", "seed": 2}, {"theorem": "theorem_1", "seed": 1}]
    assert claims_app(["query", "SELECT '[red]' AS x, NULL AS y", "-d", str(database)], standalone_mode=False) == 0
    assert "[red]" in capsys.readouterr().out
    with pytest.raises(ClaimStoreError, match="no claims database"):
        claims_app(["query", sql, "-d", str(database) + "x"], standalone_mode=False)


def test_claims_are_exported_from_the_command_line(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("c.csv", "c.parquet"):
        assert claims_app(["export", str(tmp_path / name), "-d", str(database)], standalone_mode=False) == 0
        assert "3 rows written" in capsys.readouterr().out
        assert (tmp_path / name).stat().st_size > 100
    with pytest.raises(OptionError, match=r"\.parquet or \.csv"):
        claims_app(["export", str(tmp_path / "c.txt"), "-d", str(database)], standalone_mode=False)
