"""The reference page of the kernel is what its code says, and leaves no public name out."""

import re
import subprocess
import sys
from pathlib import Path

import cellview.actors

REPOSITORY = Path(__file__).parent.parent.parent
PAGE = REPOSITORY / "docs" / "reference" / "actors.md"
SCRIPT = REPOSITORY / "docs" / "actor_api.py"


def test_the_page_is_what_the_code_says() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    assert done.stdout == PAGE.read_text(), "make it anew: python docs/actor_api.py > docs/reference/actors.md"


def test_every_public_name_has_its_entry() -> None:
    entries = set(re.findall(r"^### (\w+)$", PAGE.read_text(), re.MULTILINE))
    assert set(cellview.actors.__all__) <= entries


def test_every_method_that_users_call_stands_there() -> None:
    page = PAGE.read_text()
    for kind in (cellview.actors.Context, cellview.actors.Ref, cellview.actors.Reply, cellview.actors.Actor):
        for name in vars(kind):
            if not name.startswith("_") and callable(getattr(kind, name)):
                assert f"def {name}(" in page, f"{kind.__name__}.{name}"
