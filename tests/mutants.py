"""Plant small defects in the pure packages, one at a time, and see which of them the package's own tests find.

    python tests/mutants.py tree schedule core trace frontier/machine [--sample N] [--seed S] [--jobs N]

A mutant is one change to one module's syntax tree: a comparison, an arithmetic or logical operator, a number, a truth
value, a condition, a call whose result nobody takes. Assertions, annotations, texts and what is only printed are left
alone: an inverted assertion is found at once and says nothing about the tests.

The well-kept tools were looked at and not taken: cosmic-ray starts a process with pytest and Hypothesis for each
mutant, which is most of the time here, and mutmut wants one source tree, where this project has five roots of one
namespace. Here one process imports what all tests need, and forks for each mutant; a hook in the child compiles the
mutant in place of its module. Hypothesis does not shrink, and draws the same for all mutants.

A mutant counts as found if a test fails, an import fails, or the tests take ten times as long as without it.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, cast

REPOSITORY = Path(__file__).resolve().parent.parent

PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "tree": ("tree/cellview/tree", ("tests/tree",)),
    "schedule": ("schedule/cellview/schedule", ("tests/schedule",)),
    "core": ("src/cellview/core", ("tests/core",)),
    "trace": ("trace/cellview/trace", ("tests/trace",)),
    "frontier/machine": ("src/cellview/frontier/machine", ("tests/frontier/machine",)),
}
"""Folder of each package, and its tests."""

NEEDS_MORE = ("test_real_traces.py", "test_redis.py", "test_files_and_processes.py")
"""Tests that start Lean, Redis or worker processes: slow, and about more than the package."""

COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitXor: ast.BitOr,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.RShift: ast.LShift,
    ast.LShift: ast.RShift,
}


class Mutant(NamedTuple):
    """One planted defect."""

    file: str
    line: int
    what: str
    tree: ast.Module


# -- planting ----------------------------------------------------------------------------------------------------------


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    source = file.read_text(encoding="utf-8")
    original = ast.parse(source)
    for number, node in enumerate(ast.walk(original)):
        for kind, change in _changes(node):
            tree = copy.deepcopy(original)
            twin = next(other for place, other in enumerate(ast.walk(tree)) if place == number)
            if not _reached(original, node):
                break
            before = ast.unparse(node)
            change(twin)
            ast.fix_missing_locations(tree)
            after = ast.unparse(twin)
            line = getattr(node, "lineno", 0)
            yield Mutant(str(file.relative_to(REPOSITORY)), line, f"{kind}: {before!r} → {after!r}"[:200], tree)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    """Yield what can be done to a node: a name, and a function that does it to the node's twin in a copy."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
        yield "comparison", lambda n: n.ops.__setitem__(0, COMPARE[type(n.ops[0])]())  # type: ignore[attr-defined]
    elif isinstance(node, ast.BoolOp):
        yield "and/or", lambda n: setattr(n, "op", ast.Or() if isinstance(n.op, ast.And) else ast.And())  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield "operator", lambda n: setattr(n, "op", ARITHMETIC[type(n.op)]())  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "truth", lambda n: setattr(n, "value", not n.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "number", lambda n: setattr(n, "value", n.value + 1)  # type: ignore[attr-defined]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", _drop_not
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield "condition", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))  # type: ignore[attr-defined]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "left out", lambda n: setattr(n, "value", ast.Constant(None))
    elif isinstance(node, ast.Break):
        yield "break", lambda n: setattr(n, "__class__", ast.Continue)
    elif isinstance(node, ast.Continue):
        yield "continue", lambda n: setattr(n, "__class__", ast.Break)


def _drop_not(node: ast.AST) -> None:
    assert isinstance(node, ast.UnaryOp)
    node.op = ast.UAdd()
    node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


def _reached(tree: ast.Module, wanted: ast.AST) -> bool:
    """Whether a node is part of what the tests could notice: not an assertion, an annotation, a text or a repr."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if node is wanted:
            return True
        if isinstance(node, ast.Assert | ast.JoinedStr) or _is_only_shown(node):
            continue
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "type_comment") or (name == "value" and _is_only_for_speed(node)):
                continue
            inside: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
            stack.extend(each for each in inside if isinstance(each, ast.AST))
    return False


def _is_only_for_speed(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg in ("gc", "maxsize", "strict")  # zip's strict is an assertion


def _is_only_shown(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == "__repr__"
    names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
    return bool({"__all__", "__slots__"} & set(names))


# -- running -----------------------------------------------------------------------------------------------------------


class Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Compiles a mutant in place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        parts = Path(mutant.file).with_suffix("").parts
        inside = parts[parts.index("cellview") :]
        self.name = ".".join(inside[:-1] if inside[-1] == "__init__" else inside)
        self.package = inside[-1] == "__init__"
        self.mutant = mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Take over for the one module."""
        if fullname != self.name:
            return None
        file = str(REPOSITORY / self.mutant.file)
        return importlib.util.spec_from_file_location(
            fullname, file, loader=self, submodule_search_locations=[str(Path(file).parent)] if self.package else None
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant's code."""
        exec(compile(self.mutant.tree, str(REPOSITORY / self.mutant.file), "exec"), module.__dict__)


def run_tests(tests: Sequence[str]) -> int:
    """Run tests in this process, and stop at the first that fails."""
    import hypothesis
    import pytest

    calm = [phase for phase in hypothesis.Phase if phase.name in ("explicit", "generate")]
    hypothesis.settings.register_profile("mutants", phases=calm, derandomize=True, database=None, deadline=None)
    ignored = [f"--ignore-glob=*{name}" for name in NEEDS_MORE]
    quiet = ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:logging"]
    quiet += [
        "--hypothesis-profile=mutants",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ]  # plugins are imported already, on purpose
    return int(pytest.main([*quiet, "-o", "addopts=--import-mode=importlib", *ignored, *tests]))


def start(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Fork a process that runs the tests with a mutant (or without); return its id."""
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    if mutant is not None:
        sys.meta_path.insert(0, Hook(mutant))
    try:
        status = run_tests(tests)
    except BaseException:  # whatever a mutant does to pytest itself, it has been noticed
        status = 1
    os._exit(1 if status else 0)


def wait(child: int, limit_s: float) -> bool:
    """Return whether the tests passed in time."""
    until = time.monotonic() + limit_s
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.01)


def survivors(mutants: Sequence[Mutant], tests: Sequence[str], *, limit_s: float, jobs: int) -> list[Mutant]:
    """Return the mutants that no test has noticed."""
    alive: list[Mutant] = []
    running: list[tuple[int, float, Mutant]] = []
    waiting = list(reversed(mutants))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running.append((start(mutant, tests), time.monotonic() + limit_s, mutant))
        child, until, mutant = running.pop(0)
        if wait(child, max(0.0, until - time.monotonic())):
            alive.append(mutant)
            sys.stderr.write(f"  survived: {mutant.file}:{mutant.line}: {mutant.what}\n")
    return alive


def examine(package: str, *, sample: int | None, seed: int, jobs: int) -> dict[str, object]:
    """Plant mutants in one package; say how many were found, and which were not."""
    folder, tests = PACKAGES[package]
    found = [mutant for file in sorted((REPOSITORY / folder).rglob("*.py")) for mutant in mutants_of(file)]
    chosen = found if sample is None or sample >= len(found) else random.Random(seed).sample(found, sample)
    begun = time.monotonic()
    if not wait(start(None, tests), 3600.0):
        raise SystemExit(f"{package}: its tests fail without any mutant; mend that first.")
    usual_s = time.monotonic() - begun
    alive = survivors(chosen, tests, limit_s=10.0 * usual_s + 10.0, jobs=jobs)
    return {
        "package": package,
        "mutants": len(found),
        "planted": len(chosen),
        "seed": seed if len(chosen) < len(found) else None,
        "found": len(chosen) - len(alive),
        "share": round(1 - len(alive) / len(chosen), 4) if chosen else None,
        "seconds": round(time.monotonic() - begun),
        "survivors": [f"{mutant.file}:{mutant.line}: {mutant.what}" for mutant in alive],
    }


def main() -> None:
    """Examine the packages that are named, one after the other; print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", default=sorted(PACKAGES), help="which packages; all if none is named")
    parser.add_argument("--sample", type=int, help="plant so many, drawn at random, instead of all")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants side by side")
    options = parser.parse_args()
    unknown = sorted(set(options.packages) - set(PACKAGES))
    if unknown:
        parser.error(f"there is no package {unknown[0]}; expected some of {', '.join(sorted(PACKAGES))}")
    os.chdir(REPOSITORY)
    import anyio
    import hypothesis.stateful
    import msgspec
    import pytest
    import structlog

    import cellview.prover

    # Imported once, for all children; the prover too, which knows none of the packages above.
    assert anyio and hypothesis.stateful and msgspec and pytest and structlog and cellview.prover
    results = [
        examine(package, sample=options.sample, seed=options.seed, jobs=options.jobs) for package in options.packages
    ]
    sys.stdout.write(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
