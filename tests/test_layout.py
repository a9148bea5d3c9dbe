"""The layout that packaging, type checkers and readers rely on: roots in every list, and arrows that point down."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

BELOW: dict[str, set[str]] = {
    "tree": set(),
    "schedule": set(),
    "trace": set(),
    "prover": set(),
    "actors": {"tree", "schedule", "trace", "prover"},
    "search": {"actors", "tree", "schedule", "trace", "prover"},
    "cluster": {"search", "actors", "tree", "schedule", "trace", "prover"},
    "frontier": {"trace"},
    "app": {"actors", "cluster", "frontier", "prover", "schedule", "search", "trace", "tree"},
}
"""What each package may import: app -> cluster -> search -> actors -> {tree, schedule, trace, prover}."""

PURE = ("tree", "schedule")
IMPURE_MODULES = {
    "anyio",
    "asyncio",
    "datetime",
    "os",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
}


def roots() -> list[str]:
    return sorted(path.parent.parent.parent.name for path in REPOSITORY.glob("*/cellview/*/__init__.py"))


def configuration() -> dict[str, Any]:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def listed(config: dict[str, Any]) -> dict[str, list[str]]:
    """Return what each list of pyproject.toml says, as bare root names."""
    tool = config["tool"]
    packages = [f"{root}/cellview" for root in roots()]
    assert packages, "no roots found: the repository is laid out differently from what this test knows"
    return {
        "hatch dev-mode-dirs": tool["hatch"]["build"]["dev-mode-dirs"],
        "hatch wheel packages": [
            path.removesuffix("/cellview") for path in tool["hatch"]["build"]["targets"]["wheel"]["packages"]
        ],
        "mypy_path": [path.rsplit("/", 1)[1] for path in tool["mypy"]["mypy_path"].split(":")],
        "pyright extraPaths": tool["pyright"]["extraPaths"],
        "pytest testpaths": [
            p.removesuffix("/cellview") for p in tool["pytest"]["ini_options"]["testpaths"] if p != "tests"
        ],
        "coverage source_dirs": tool["coverage"]["run"]["source_dirs"],
        "ruff namespace-packages": [path.removesuffix("/cellview") for path in tool["ruff"]["namespace-packages"]],
    }


def test_every_root_is_in_every_list() -> None:
    for name, entries in listed(configuration()).items():
        assert sorted(entries) == roots(), f"{name} of pyproject.toml does not list the same roots as the folders"


def test_the_roots_are_the_designed_ones() -> None:
    assert roots() == sorted(BELOW)


@pytest.mark.parametrize("root", sorted(BELOW))
def test_roots_are_namespace_portions(root: str) -> None:
    assert not (REPOSITORY / root / "__init__.py").exists()
    assert not (REPOSITORY / root / "cellview" / "__init__.py").exists()
    assert (REPOSITORY / root / "cellview" / root / "py.typed").exists()


def test_tests_are_not_a_package() -> None:
    assert list((REPOSITORY / "tests").rglob("__init__.py")) == []


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of every module that `path` imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""
            if node.module == "cellview":
                yield from (f"cellview.{alias.name}" for alias in node.names)


def modules(root: str) -> list[Path]:
    return sorted((REPOSITORY / root / "cellview").rglob("*.py"))


@pytest.mark.parametrize("root", sorted(BELOW))
def test_arrows_point_down(root: str) -> None:
    allowed = BELOW[root] | {root}
    for path in modules(root):
        for name in imported(path):
            parts = name.split(".")
            if parts[0] == "cellview" and len(parts) > 1:
                assert parts[1] in allowed, f"{path.relative_to(REPOSITORY)} imports {name}, which is not below {root}"


@pytest.mark.parametrize("root", PURE)
def test_the_core_reads_no_clock_and_does_no_io(root: str) -> None:
    for path in modules(root):
        for name in imported(path):
            top = name.split(".")[0]
            assert top not in IMPURE_MODULES, f"{path.relative_to(REPOSITORY)} imports {top}: the core is pure"


def test_no_module_is_outside_its_package() -> None:
    allowed = {REPOSITORY / "app" / "cellview" / "__main__.py"}
    for root in roots():
        strays = [path for path in modules(root) if not path.is_relative_to(REPOSITORY / root / "cellview" / root)]
        assert set(strays) <= allowed


def test_extras_cover_what_the_readme_promises() -> None:
    extras = configuration()["project"]["optional-dependencies"]
    assert {"lean", "redis", "ray", "duckdb", "app", "dev", "all"} <= set(extras)
    (everything,) = extras["all"]
    assert set(everything.removeprefix("cellview[").removesuffix("]").split(",")) == {
        "lean",
        "redis",
        "ray",
        "duckdb",
        "app",
    }
