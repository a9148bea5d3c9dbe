"""The planter of defects plants what it says, once each, and nothing in what only developers read."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cellview.prover import Suggestion
from cellview.tree.priors import log_prior, log_total

SCORES = [Suggestion("simp", 1.0), Suggestion("rfl", 3.0)]
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def planter() -> Any:
    spec = importlib.util.spec_from_file_location("planter", REPOSITORY / "tests" / "mutants.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["planter"] = module
    spec.loader.exec_module(module)
    return module


SOURCE = '''
"""Words with 1 number."""
__all__ = ["f"]
LIMIT: int = 3

def f(x: int) -> str:
    assert x > 0, "positive"
    if x < LIMIT and not done(x):
        note(x + 1)
        return f"{x * 2}"
    while True:
        break
    return "more"

class C:
    def __repr__(self) -> str:
        return "C" * 2
'''


def test_every_kind_of_defect_is_planted_once_and_texts_and_assertions_are_left_alone(
    planter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "module.py"
    file.write_text(SOURCE)
    monkeypatch.setattr(planter, "REPOSITORY", tmp_path)
    found = list(planter.mutants_of(file))
    kinds = sorted(mutant.what.partition(":")[0] for mutant in found)
    expected = ["and/or", "break", "comparison", "condition", "condition", "left out", "not", "number", "number"]
    assert kinds == sorted([*expected, "operator", "truth"])
    texts = [ast.unparse(mutant.tree) for mutant in found]
    assert len(set(texts)) == len(texts), "each is another program"
    assert ast.unparse(ast.parse(SOURCE)) not in texts
    for text in texts:
        compile(text, "mutant", "exec")
        assert "x > 0" in text and "x * 2" in text and "'C' * 2" in text


def test_a_mutant_stands_in_the_place_of_its_module(planter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = REPOSITORY / "tree" / "cellview" / "tree" / "priors.py"
    mutant = next(m for m in planter.mutants_of(file) if m.what.startswith("operator"))
    hook = planter.Hook(mutant)
    assert hook.name == "cellview.tree.priors"
    spec = hook.find_spec("cellview.tree.priors", None)
    assert spec is not None and spec.loader is hook
    assert hook.find_spec("cellview.tree.node", None) is None
    module = ModuleType("cellview.tree.priors")
    hook.exec_module(module)
    assert (module.log_total(SCORES), module.log_prior(2.0, 1.0)) != (log_total(SCORES), log_prior(2.0, 1.0))


def test_every_package_and_its_tests_are_there(planter: Any) -> None:
    for folder, tests in planter.PACKAGES.values():
        assert list((REPOSITORY / folder).glob("*.py"))
        assert all((REPOSITORY / test).is_dir() for test in tests)
