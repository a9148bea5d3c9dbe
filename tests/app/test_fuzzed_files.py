"""Whatever stands in a file, a command ends with a status and a sentence, never with a traceback.

The files of one good run, experiment and corpus are changed by Hypothesis, one value or some bytes at a time, and
commands are run on them in this process: what they raise that is not the user's mistake comes out of `run` and fails
the test. That nothing false is believed is another question, asked in `test_verify.py`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellview.app.cli import run

CORPUS = "".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\ntags = ['a']\n" for n in range(3))
ARMS = "wild_type,block_simp"


def cellview(*arguments: object) -> tuple[int, str, str]:
    """Run a command here; return its status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run([str(one) for one in arguments])
    return status, out.getvalue(), err.getvalue()


def ends_well(*arguments: object) -> None:
    status, _, said = cellview(*arguments)
    assert status in (0, 1, 2), said
    if status == 2:
        assert said.startswith("cellview: "), said
        assert said.count("\n") == 1, said


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("fuzzed")
    (place / "c.toml").write_text(CORPUS)
    options = ["--prover", "synthetic", "--trace-mcts", "--interventions", ARMS, "--budget", "12", "--quiet"]
    assert cellview("run", place / "c.toml", *options, "--out", place / "run")[0] == 0
    return place


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "wild_type", "t0", "../t0", "/", "\x00", "solved", "2026-01-01T00:00:00Z", "\ud800"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def inside(node: Any) -> list[tuple[Any, Any]]:
    return [*(node.items() if isinstance(node, dict) else enumerate(node))]


@st.composite
def changed(draw: st.DrawFn, text: bytes) -> bytes:
    """Draw a JSON text in which one value anywhere is another or is missing, or some bytes are."""
    if draw(st.integers(0, 3)) == 0:
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        return text[:start] + draw(st.binary(max_size=12)) + text[end:]
    whole = json.loads(text)
    places: list[tuple[Any, Any]] = []
    stack: list[Any] = [whole]
    while stack:
        node = stack.pop()
        for key, value in inside(node):
            places.append((node, key))
            if isinstance(value, dict | list):
                stack.append(value)
    node, key = draw(st.sampled_from(places))
    if draw(st.booleans()):
        node[key] = draw(JSON)
    else:
        del node[key]
    return json.dumps(whole).encode()


def fuzzed(examples: int) -> settings:
    """Set how many examples are drawn; ``FUZZ=20 pytest tests/app/test_fuzzed_files.py`` draws twenty times as many."""
    return settings(
        max_examples=examples * int(os.environ.get("FUZZ", "1")),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


READERS = {
    "verify": ("verify",),
    "analyse": ("analyse",),
    "tree": ("tree",),
    "resume": ("run", "--quiet", "--resume"),
    "summary": ("trace", "summary"),
    "replay": ("trace", "replay"),
}


@pytest.mark.parametrize("reader", READERS)
@fuzzed(20)
@given(data=st.data())
def test_any_run_json(reader: str, good: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(good / "run", folder)
    (folder / "run.json").write_bytes(data.draw(changed((good / "run" / "run.json").read_bytes())))
    ends_well(*READERS[reader], folder, *(["t0"] if reader == "tree" else []))


TRACE_READERS = {
    "check": ("trace", "check"),
    "summary": ("trace", "summary"),
    "digest": ("trace", "digest"),
    "diff": ("trace", "diff"),
    "replay": ("trace", "replay"),
    "verify": ("verify",),
    "resume": ("run", "--quiet", "--resume"),
    "analyse": ("analyse",),
    "tree": ("tree", "--at", "3"),
}


@pytest.mark.parametrize("reader", TRACE_READERS)
@fuzzed(20)
@given(data=st.data())
def test_any_trace(reader: str, good: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(good / "run", folder)
    path = next(folder.glob("t0/wild_type*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    lines[number] = data.draw(changed(lines[number].rstrip(b"\n"))) + data.draw(st.sampled_from([b"\n", b"\n", b""]))
    path.write_bytes(b"".join(lines))
    whole = reader in ("verify", "resume", "analyse", "tree")
    named = [folder if whole else path, *(["t0"] if reader == "tree" else []), *([path] if reader == "diff" else [])]
    ends_well(*TRACE_READERS[reader], *named)


@pytest.mark.parametrize("reader", ["verify", "tree"])
@pytest.mark.parametrize("ending", ["_mcts_tree.json", "_proof.lean"])
@fuzzed(15)
@given(data=st.data())
def test_any_other_file_of_a_run(reader: str, ending: str, good: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(good / "run", folder)
    path = next(iter(sorted(folder.glob(f"*/wild_type*{ending}"))))
    whole = path.read_bytes()
    path.write_bytes(data.draw(changed(whole) if ending.endswith("json") else st.binary(max_size=40)))
    ends_well(reader, folder, *([path.parent.name] if reader == "tree" else []))


# -- TOML --------------------------------------------------------------------------------------------------------------

VALUES = st.sampled_from(
    [
        *["0", "1", "-1", "3", "9" * 30, "1e400", "-0.0", "nan", "inf", "true", "1979-05-27", "07:32:00"],
        *['""', '"x"', '"0-4,7"', '"9-1"', '"\\u0000"', '"../x"', '"block_simp"', "[]", "[1, 'a']", "[[1], []]"],
        *["{}", "{a = 1}", "[{a = 1}]", '["wild_type", "wild_type"]', "[-1]", "[0, 0]", f'"{"x" * 5000}"'],
    ]
)

EXPERIMENT = """\
[experiment]
name = "fuzzed"
question = "does it end well?"
[run]
corpus = "c.toml"
prover = "synthetic"
mcts-agents = 2
mcts-inflight = 2
budget = [4]
mcts-selection = "uct"
seeds = "0-1"
interventions = ["wild_type", "block_simp"]
trace-mcts = false
[[hypothesis]]
name = "blocking"
measure = "solved"
arms = ["wild_type", "block_simp"]
"""

KEYS = [line.partition(" = ")[0] for line in EXPERIMENT.splitlines() if " = " in line]


@st.composite
def toml_of(draw: st.DrawFn, text: str) -> str:
    """Draw a TOML text in which one value is another, a line moved, doubled or went, or there is noise."""
    lines = text.splitlines()
    number = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(["value", "value", "value", "key", "drop", "double", "move", "noise"])):
        case "value":
            if " = " in lines[number]:
                lines[number] = f"{lines[number].partition(' = ')[0]} = {draw(VALUES)}"
        case "key":
            lines.insert(number, f"{draw(st.sampled_from([*KEYS, 'x', 'id', 'statement']))} = {draw(VALUES)}")
        case "drop":
            del lines[number]
        case "double":
            lines.insert(number, lines[number])
        case "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(number))
        case _:
            lines.insert(number, draw(st.text(max_size=12)))
    return "\n".join(lines)


@pytest.mark.parametrize("command", ["run", "plan", "analyse"])
@fuzzed(30)
@given(text=toml_of(EXPERIMENT))
def test_any_experiment(command: str, text: str, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.toml").write_text(CORPUS)
    file = tmp_path / "experiment.toml"
    file.write_bytes(text.encode(errors="surrogatepass"))
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    arguments = {
        "run": ("run", file, "--quiet", "--out", tmp_path / "out"),
        "plan": ("plan", file),
        "analyse": ("analyse", good / "run", "--plan", file),
    }
    ends_well(*arguments[command])


@fuzzed(50)
@given(text=toml_of(CORPUS + "gloss = 'g'\nprovable = true\nimports = []\n"))
def test_any_corpus(text: str, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(text.encode(errors="surrogatepass"))
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    ends_well("run", file, "--prover", "synthetic", "--budget", "3", "--quiet", "--out", tmp_path / "out")
