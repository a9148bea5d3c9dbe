"""The kernel stands in layers: no module imports one of its own layer or above, not even for its types."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import cellview.actors
import cellview.actors.testing

KERNEL = Path(cellview.actors.__file__).parent
KIT = Path(cellview.actors.testing.__file__).parent

LAYERS: tuple[tuple[str, ...], ...] = (
    ("system",),
    ("actor", "describe"),
    ("cell",),
    ("body",),
    ("messages",),
    ("ref",),
    ("inbox",),
    ("home",),
    ("dispatch",),
    ("asks",),
    ("origin",),
    ("clock", "counters", "errors", "supervision"),
)
"""From the top. The public face, `__init__`, stands above them all."""

FORBIDDEN_ABOVE = {layer: {name for above in LAYERS[: place + 1] for name in above}
                   for place, names in enumerate(LAYERS) for layer in names}  # fmt: skip


def imports(source: str, package: str) -> Iterator[str]:
    """Yield the modules of `package` that a source imports: anywhere, under `TYPE_CHECKING` and in functions too."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name == package:
                yield "__init__"
            elif name.startswith(f"{package}."):
                yield name.removeprefix(f"{package}.").split(".")[0]


def modules(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


def offences(module: str, source: str) -> set[str]:
    known = {name for names in LAYERS for name in names} | {"__init__", "testing", "roles"}
    above = FORBIDDEN_ABOVE[module] | {"__init__", "testing", "roles"}
    return {name for name in imports(source, "cellview.actors") if name in known and name in above}


def test_every_module_has_its_layer() -> None:
    assert set(modules(KERNEL)) - {"__init__"} == set(FORBIDDEN_ABOVE)


@pytest.mark.parametrize("module", sorted(FORBIDDEN_ABOVE))
def test_arrows_inside_the_kernel_point_down(module: str) -> None:
    assert offences(module, modules(KERNEL)[module]) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from cellview.actors.cell import Cell",
        "import cellview.actors.system",
        "from cellview.actors import Actor",
        "def late():\n    from cellview.actors.actor import Context",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from cellview.actors.cell import Cell",
    ],
)
def test_an_arrow_that_points_up_is_seen(source: str) -> None:
    assert offences("inbox", source)


def test_the_test_kit_has_no_circle() -> None:
    kit = modules(KIT)
    graph = {name: set(imports(source, "cellview.actors.testing")) & set(kit) for name, source in kit.items()}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError with the circle
    assert order.index("__init__") > order.index("controller") > order.index("loop")


def test_the_kernel_knows_nothing_of_the_test_kit() -> None:
    for name, source in modules(KERNEL).items():
        assert "testing" not in set(imports(source, "cellview.actors")), name


ALONE = """
import asyncio, sys

ALLOWED = {"anyio", "idna", "msgspec", "structlog", "typing_extensions", "cellview"}  # and what anyio itself requires


class Nothing:  # as if nothing else were installed: structlog takes rich where it finds it
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(name)


before = set(sys.modules)
sys.meta_path.insert(0, Nothing())
from cellview.actors import Actor, ActorSystem, Request

class Ping(Request[str], frozen=True):
    pass

class Pong(Actor[Ping]):
    async def receive(self, message):
        self.context.reply("pong")

async def main():
    async with ActorSystem() as system:
        return await (await system.spawn(Pong)).ask(Ping(), deadline_s=60)

assert asyncio.run(main()) == "pong"
tops = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(tops - sys.stdlib_module_names))
print(*sorted(name for name in sys.modules if name.startswith("cellview.")))
"""


def test_importing_the_kernel_pulls_in_anyio_msgspec_and_structlog_only() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    strangers, ours = done.stdout.splitlines()
    assert set(strangers.split()) - {"idna", "typing_extensions"} == {"anyio", "cellview", "msgspec", "structlog"}
    assert {name.split(".")[1] for name in ours.split()} == {"actors", "base"}
    assert "cellview.actors.testing" not in ours.split()
    assert "cellview.actors.roles" not in ours.split()
