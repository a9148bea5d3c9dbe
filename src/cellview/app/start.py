"""Where the command ``cellview`` begins: before anything is imported that takes its time.

Importing the program takes some tenths of a second, in which Ctrl-C must already be an answer and not a traceback.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from cellview.app.cli import main as program
    except KeyboardInterrupt:
        sys.stderr.write("cellview: Interrupted before anything was done.\n")
        sys.stderr.flush()
        # Half-imported modules must not run what they do at exit.
        os._exit(130)
    program()
