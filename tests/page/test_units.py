"""Node's own tests of the page's pure modules, and what holds for all modules together."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

Node = Callable[..., subprocess.CompletedProcess[str]]

IMPORT = re.compile(r"^import \{[^}]*\} from '\./([a-z]+)\.js';$", re.MULTILINE)


@pytest.mark.parametrize("name", sorted(path.name for path in (Path(__file__).parent / "unit").glob("*.test.js")))
def test_unit_tests_of_node_pass(name: str, node: Node) -> None:
    done = node("--test", "--test-reporter=spec", name)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = re.search(r"^ℹ pass (\d+)$", done.stdout, re.MULTILINE)
    assert ran is not None and int(ran[1]) > 0, done.stdout


def code_of(module: Path) -> str:
    """Return a module without its comments, which may speak of imports."""
    return re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", module.read_text(), flags=re.DOTALL | re.MULTILINE)


def test_modules_can_be_carried_in_one_file(page_folder: Path) -> None:
    """Imports have the one form that the report rewrites, and there is no circle of modules."""
    graph: dict[str, set[str]] = {}
    for module in sorted(page_folder.glob("*.js")):
        code = code_of(module)
        found = IMPORT.findall(code)
        assert len(found) == len(re.findall(r"\bimport\b", code)), f"{module.name} imports in another form"
        assert not re.search(r"^export .* from ", code, re.MULTILINE), f"{module.name} exports what is another's"
        graph[module.stem] = set(found)
    assert graph.keys() >= {name for names in graph.values() for name in names}
    assert "viewer" in set(TopologicalSorter(graph).static_order())


def test_modules_parse_no_text_as_html_and_put_no_style_into_it(page_folder: Path) -> None:
    """A tactic or a goal may be any text, and the page's policy allows neither inline styles nor inline scripts."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|cssText|<style"
    )
    for module in sorted(page_folder.glob("*.js")):
        code = code_of(module)
        assert not forbidden.search(code), f"{module.name}: {forbidden.findall(code)}"
        assert not re.search(r"style: '|setAttribute\('style'", code), f"{module.name} writes a style attribute"


def test_modules_ask_nobody_but_their_own_server(page_folder: Path) -> None:
    for path in sorted(page_folder.iterdir()):
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), f"{path.name} names another server"
