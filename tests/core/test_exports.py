"""The public names of the core, and that it knows nothing of who drives it."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec

import cellview.core


def test_every_exported_name_is_there_and_sorted() -> None:
    assert list(cellview.core.__all__) == sorted(cellview.core.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(cellview.core, name) for name in cellview.core.__all__)


def test_the_centralized_loop_knows_no_actors() -> None:
    import cellview.search.centralized as centralized

    tree = ast.parse(Path(centralized.__file__).read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in names if name.startswith("cellview.actors")]


def test_what_is_data_is_frozen() -> None:
    """What crosses from one actor to another cannot change under either."""
    structs = [getattr(cellview.core, name) for name in cellview.core.__all__]
    structs = [one for one in structs if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    assert len(structs) > 5
    assert [one.__name__ for one in structs if not one.__struct_config__.frozen] == []
