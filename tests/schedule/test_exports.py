"""The public face of the package is what its ``__all__`` says, and it stands alone."""

from __future__ import annotations

import subprocess
import sys

import msgspec

import cellview.schedule
from cellview.schedule import errors


def test_all_names_exist() -> None:
    names = cellview.schedule.__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(cellview.schedule, name)] == []


def test_every_error_has_one_base_and_says_when_it_is_raised() -> None:
    for name in errors.__all__:
        error = getattr(errors, name)
        assert issubclass(error, errors.ScheduleError)
        assert (error.__doc__ or "").startswith("Raised when")


def test_nothing_else_of_the_project_is_imported() -> None:
    script = "import sys, cellview.schedule; print(*(m for m in sys.modules if m.startswith('cellview.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {name.split(".")[1] for name in done.stdout.split()} == {"schedule"}


def test_what_is_data_is_frozen() -> None:
    """Policies, verdicts and interventions travel between actors, and hash."""
    structs = [getattr(cellview.schedule, name) for name in cellview.schedule.__all__]
    structs = [one for one in structs if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    assert len(structs) > 10
    assert [one.__name__ for one in structs if not one.__struct_config__.frozen] == []
