"""Lean: the embedded one, and a user's own, as a prover (`LeanProver`) and as a checker (`verify`, `check_file`)."""

from cellview.prover.lean.check import CheckReport, check_file, verify
from cellview.prover.lean.limits import Limits, Statistics
from cellview.prover.lean.prover import LeanProver, choose_transport, open_prover
from cellview.prover.lean.toolchain import Toolchain, find_toolchain
from cellview.prover.lean.transport import TransportName

__all__ = [
    "CheckReport",
    "LeanProver",
    "Limits",
    "Statistics",
    "Toolchain",
    "TransportName",
    "check_file",
    "choose_transport",
    "find_toolchain",
    "open_prover",
    "verify",
]
