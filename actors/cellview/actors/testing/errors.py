"""Every error of the test kit, in one place."""

from cellview.actors.errors import ActorError


class ControlledRunError(ActorError):
    """The base of the errors that the test kit raises about a controlled run."""


class InsideALoop(ControlledRunError):
    """Raised when `run_controlled` is called from async code; call it from a plain function, it has its own loop."""


class Deadlock(ControlledRunError):
    """Raised when nothing can happen any more while the main function waits; the text is the wait-for graph."""


class Livelock(ControlledRunError):
    """Raised when a run makes more deliveries than allowed; raise `max_deliveries` if the test is meant to be long."""


class Uncontrolled(ControlledRunError):
    """Raised when code under control reads a wall clock, starts a thread or process, or does I/O that waits.

    Use `context.clock`, or `run_task` with something virtual; or put the thing behind an actor that a test replaces.
    """


class LeftBehind(ControlledRunError):
    """Raised when the main function has returned and tasks are still there."""


class ReplayDiverged(ControlledRunError):
    """Raised when a recorded schedule asks for an actor that has nothing to deliver: the code has changed since."""


class InjectedCrash(ControlledRunError):
    """Raised inside an actor by a `Crash` intervention; its supervision takes it as a failure like any other."""


class NotAReplay(ControlledRunError):
    """Raised when a file is not a replay file of this version; record it again."""
