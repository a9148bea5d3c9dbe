"""The reference page of the kernel leaves no public name out."""

import re
from pathlib import Path

import cellview.actors

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "actors.md"


def test_every_public_name_has_its_entry() -> None:
    entries = set(re.findall(r"^### (\w+)$", PAGE.read_text(), re.MULTILINE))
    assert set(cellview.actors.__all__) <= entries


def test_every_method_that_users_call_stands_there() -> None:
    page = PAGE.read_text()
    for kind in (cellview.actors.Context, cellview.actors.Ref, cellview.actors.Reply, cellview.actors.Actor):
        for name in vars(kind):
            if not name.startswith("_") and callable(getattr(kind, name)):
                assert f"def {name}(" in page, f"{kind.__name__}.{name}"
