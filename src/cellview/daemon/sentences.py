"""Whose fault an error is: what a user can mend has a sentence, and everything else is a mistake of ours."""

from __future__ import annotations

__all__ = ["sentence_of"]


def sentence_of(error: BaseException) -> str | None:
    """Return what is wrong with what was asked; ``None``: nothing, the program is at fault.

    As for the command line: each package keeps everything that it raises on purpose in its ``errors.py``. An extra that
    is not installed is the user's to mend as well.
    """
    module = type(error).__module__
    # The kernel's errors are about actors that have failed, which nobody who asks can mend.
    ours = module.startswith("cellview.") and module.endswith(".errors") and not module.startswith("cellview.actors")
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    missing = name is not None and not name.startswith("cellview")
    if not ours and not missing:
        return None
    text = str(error)
    if missing and "pip install" not in text:
        text = f"this needs {name}, which is not installed: pip install 'cellview[all]'"
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
