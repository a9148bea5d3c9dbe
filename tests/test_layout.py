"""The layout that packaging, type checkers and readers rely on: roots in every list, and arrows that point down."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

LIBRARIES = ("actors", "schedule", "trace", "tree")
"""Import roots of their own: X/cellview/X. Everything that is built from them stands in src/cellview."""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("app",),
    ("daemon",),
    ("report",),
    ("measures",),
    ("experiment",),
    ("search", "frontier", "cluster"),
    ("actors",),
    ("core",),
    ("tree", "schedule", "trace", "prover"),
    ("settings",),
    ("base",),
)
"""The house, from the top. A package imports from the floors below its own, and never from its neighbours."""

CARRIERS = {"frontier", "cluster"}
"""They carry work that they cannot read: of what is below them they know the kernel and the trace's files alone."""

CARRIED_BY = {"actors", "trace", "settings", "base"}

PURE = (
    "core",
    "tree",
    "schedule",
    "frontier/machine",
    "measures/pure",
)
"""No clock, no random source, no environment, no I/O."""

IMPURE_MODULES = {
    "anyio",
    "asyncio",
    "datetime",
    "io",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "uuid",
}


def packages() -> dict[str, Path]:
    """Return every package of ours: its name and its folder."""
    found = {path.parent.name: path.parent for path in REPOSITORY.glob("*/cellview/*/__init__.py")}
    assert found, "no packages found: the repository is laid out differently from what this test knows"
    return found


PRESENT = sorted(packages())


def below(package: str) -> set[str]:
    """Return what a package may import."""
    number = next(number for number, floor in enumerate(FLOORS) if package in floor)
    under = {name for floor in FLOORS[number + 1 :] for name in floor}
    return under & CARRIED_BY if package in CARRIERS else under


def configuration() -> dict[str, Any]:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def listed(config: dict[str, Any]) -> dict[str, list[str]]:
    """Return what each list of pyproject.toml says, as bare root names."""
    tool = config["tool"]
    return {
        "hatch dev-mode-dirs": tool["hatch"]["build"]["dev-mode-dirs"],
        "hatch wheel packages": [
            path.removesuffix("/cellview") for path in tool["hatch"]["build"]["targets"]["wheel"]["packages"]
        ],
        "mypy_path": _imported(path.rsplit("/", 1)[1] for path in tool["mypy"]["mypy_path"].split(":")),
        "pyright extraPaths": _imported(tool["pyright"]["extraPaths"]),
        "pytest testpaths": [
            p.removesuffix("/cellview") for p in tool["pytest"]["ini_options"]["testpaths"] if p != "tests"
        ],
        "coverage source_dirs": tool["coverage"]["run"]["source_dirs"],
        "ruff namespace-packages": [path.removesuffix("/cellview") for path in tool["ruff"]["namespace-packages"]],
    }


def _imported(paths: Iterable[str]) -> list[str]:
    """Leave out the scripts: what they share (the bug zoo) is imported by tests too, but is no package of ours."""
    return [path for path in paths if path != "benchmarks"]


def test_every_root_is_in_every_list() -> None:
    for name, entries in listed(configuration()).items():
        assert sorted(entries) == sorted([*LIBRARIES, "src"]), f"{name} of pyproject.toml does not list the roots"


def test_the_libraries_stand_at_the_top_and_all_else_in_src() -> None:
    for name, folder in packages().items():
        root = name if name in LIBRARIES else "src"
        assert folder == REPOSITORY / root / "cellview" / name
        assert (folder / "py.typed").exists(), f"{name} has no py.typed"


def test_every_package_has_its_floor() -> None:
    assert set(PRESENT) <= {name for floor in FLOORS for name in floor}


@pytest.mark.parametrize("root", [*LIBRARIES, "src"])
def test_roots_are_namespace_portions(root: str) -> None:
    assert not (REPOSITORY / root / "__init__.py").exists()
    assert not (REPOSITORY / root / "cellview" / "__init__.py").exists()


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


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("package", PRESENT)
def test_arrows_point_down(package: str) -> None:
    allowed = below(package) | {package}
    for path in modules(packages()[package]):
        for name in imported(path):
            parts = name.split(".")
            if parts[0] == "cellview" and len(parts) > 1:
                assert parts[1] in allowed, (
                    f"{path.relative_to(REPOSITORY)} imports {name}, which is not below {package}"
                )


@pytest.mark.parametrize("place", PURE)
def test_the_core_reads_no_clock_and_does_no_io(place: str) -> None:
    package, _, rest = place.partition("/")
    found = modules(packages()[package] / rest)
    assert found, f"{place} holds no module: the list of pure places is out of date"
    for path in found:
        for name in imported(path):
            top = name.split(".")[0]
            assert top not in IMPURE_MODULES, f"{path.relative_to(REPOSITORY)} imports {top}: the core is pure"


def test_no_module_is_outside_its_package() -> None:
    allowed = {REPOSITORY / "src" / "cellview" / "__main__.py"}
    strays = {path for root in [*LIBRARIES, "src"] for path in (REPOSITORY / root / "cellview").glob("*.py")}
    assert strays <= allowed


def test_extras_cover_what_the_readme_promises() -> None:
    extras = configuration()["project"]["optional-dependencies"]
    assert {"lean", "redis", "ray", "duckdb", "app", "all"} <= set(extras)
    (everything,) = extras["all"]
    assert set(everything.removeprefix("cellview[").removesuffix("]").split(",")) == set(extras) - {"all"}


def test_what_only_developers_need_is_no_extra_of_the_users() -> None:
    config = configuration()
    assert {"dev", "docs", "test", "bench"} <= set(config["dependency-groups"])
    assert not {"dev", "docs", "test", "bench"} & set(config["project"]["optional-dependencies"])
