"""The tactic server of the embedded Lean: tactics run inside the process, on proof states that are kept there.

The Lean half is in the numbered files beside this one; `compiled.py` compiles and tries them. `process.py` is the
process and its pipes, `goals.py` makes goals of data, and `transport.py` puts both behind `LeanProver`.
"""

from cellview.prover.lean.server.transport import TacticServer

__all__ = ["TacticServer"]
