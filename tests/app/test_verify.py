"""``cellview run verify`` on a run of the synthetic prover: what stands, and each thing that can be forged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_COMMAND = [sys.executable, "-c", "from cellview.app.cli import main; main()"]


def cellview(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*_COMMAND, *arguments], capture_output=True, text=True, env=os.environ, timeout=120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("verify")
    (place / "c.toml").write_text("".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\n" for n in range(4)))
    ended = cellview("run", str(place / "c.toml"), "--prover", "synthetic", "--trace-mcts", "--out", str(place / "run"))
    assert ended.returncode == 0, ended.stderr
    return place / "run"


def _solved(folder: Path) -> dict[str, Any]:
    results: list[dict[str, Any]] = json.loads((folder / "run.json").read_text())["results"]
    return next(result for result in results if result["solved"])


def _edit_run(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "run.json"
    data = json.loads(path.read_text())
    change(next(result for result in data["results"] if result["solved"]))
    path.write_text(json.dumps(data))


def _edit(folder: Path, ending: str, old: str, new: str) -> None:
    path = folder / _solved(folder)["theorem"] / f"wild_type{ending}"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


FORGERIES: dict[str, Callable[[Path], None]] = {
    "another proof in run.json": lambda f: _edit_run(f, lambda r: r.update(proof="t0")),
    "no proof in run.json": lambda f: _edit_run(f, lambda r: r.update(proof=None)),
    "another digest": lambda f: _edit_run(f, lambda r: r.update(digest="0" * 64)),
    "another statement": lambda f: _edit_run(f, lambda r: r.update(statement_digest="0" * 64)),
    "an altered score": lambda f: _edit(f, "_mcts_trace.jsonl", '"score":0.', '"score":1.'),
    "line ends of another system": lambda f: _edit(f, "_mcts_trace.jsonl", "\n", "\r\n"),
    "another proof file": lambda f: _edit(f, "_proof.lean", "t", "u"),
}


def test_a_run_stands(folder: Path) -> None:
    for command in (("run", "verify"), ("verify",)):
        said = cellview(*command, str(folder))
        assert said.returncode == 0, said.stdout + said.stderr
        assert "4 searches stand" in said.stdout


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_found_and_named(folder: Path, forgery: str, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    subprocess.run(["cp", "-r", str(folder), str(copy)], check=True)
    FORGERIES[forgery](copy)
    said = cellview("run", "verify", str(copy), "--json")
    assert said.returncode == 1, said.stdout + said.stderr
    wrong = [finding for finding in json.loads(said.stdout)["findings"] if finding["problem"]]
    assert [finding["theorem"] for finding in wrong] == [_solved(folder)["theorem"]]
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_run_is_not_resumed(folder: Path, forgery: str, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    subprocess.run(["cp", "-r", str(folder), str(copy)], check=True)
    FORGERIES[forgery](copy)
    said = cellview("run", "--resume", str(copy))
    assert said.returncode == 2, said.stdout + said.stderr
    assert f"the result of {_solved(folder)['theorem']}" in said.stderr
    assert "Traceback" not in said.stderr


CUT: dict[str, tuple[Callable[[Path], object], str]] = {
    "line ends": (lambda p: p.write_bytes(p.read_bytes().replace(b"\n", b"\r\n")), "line 1 is not as it was"),
    "a score": (
        lambda p: p.write_text(p.read_text().replace('"score":0.', '"score":1.', 1)),
        "iteration 0: the provider",
    ),
    "a space": (lambda p: p.write_text(p.read_text().replace('":', '": ', 1)), "line 1 is not as it was"),
}


@pytest.mark.parametrize("change", CUT)
def test_an_altered_trace_is_not_continued(folder: Path, change: str, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    subprocess.run(["cp", "-r", str(folder), str(copy)], check=True)
    data = json.loads((copy / "run.json").read_text())
    name = data["results"][0]["theorem"]
    data.update(results=[], status="interrupted")
    (copy / "run.json").write_text(json.dumps(data))
    alter, says = CUT[change]
    alter(copy / name / "wild_type_mcts_trace.jsonl")
    said = cellview("run", "--resume", str(copy))
    assert said.returncode == 2, said.stdout + said.stderr
    assert says in said.stderr
    assert "Traceback" not in said.stderr


def test_a_forged_configuration_is_not_resumed(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    subprocess.run(["cp", "-r", str(folder), str(copy)], check=True)
    text = (copy / "run.json").read_text()
    data = json.loads(text)
    data["config"]["setup"]["search"]["budget"] = [1000]
    (copy / "run.json").write_text(json.dumps(data))
    said = cellview("run", "--resume", str(copy))
    assert (said.returncode, "describes another experiment" in said.stderr) == (2, True)


def test_mistakes(tmp_path: Path) -> None:
    said = cellview("run", "verify", str(tmp_path))
    assert (said.returncode, "is not the folder of a run" in said.stderr) == (2, True)
