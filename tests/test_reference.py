"""The reference pages that are made from the code say what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("page", ["actors", "python"])
def test_a_page_is_what_the_code_says(page: str) -> None:
    script = REPOSITORY / "docs" / "api.py"
    done = subprocess.run([sys.executable, str(script), page], capture_output=True, text=True, check=True)
    found = (REPOSITORY / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
    assert done.stdout == found, f"make it anew: python docs/api.py {page} > docs/reference/{page}.md"
