"""The public face of the package is what its ``__all__`` says, and every name of it exists."""

from __future__ import annotations

import cellview.trace
from cellview.trace import errors


def test_all_names_exist_and_are_sorted_once() -> None:
    names = cellview.trace.__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(cellview.trace, name)] == []


def test_every_error_has_one_base_and_says_when_it_is_raised() -> None:
    for name in errors.__all__:
        error = getattr(errors, name)
        assert name in cellview.trace.__all__
        assert issubclass(error, (errors.TraceError, UserWarning))
        assert (error.__doc__ or "").startswith(("Raised when", "Given when"))
