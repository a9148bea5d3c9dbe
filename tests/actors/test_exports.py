"""The public face of both packages is pinned: a change here is a change for users."""

import cellview.actors
import cellview.actors.testing

KERNEL = """
Actor ActorError ActorFailed ActorStopped ActorSystem AskCycle AskError BackgroundTask ChildFailed Clock Context
Counters DeadLetter DeadlineExceeded Dispatcher DrainReport Escalate InterruptedHandler LoopClock NameTaken NoReply
NotRunning NothingToAnswer Ref Reply Request Restart SpawnFailed Stop Supervision SystemFailed Terminated Timer
TimerHandle unwrapped
"""
KIT = """
ALL_KINDS CLOCK PCT SCHEDULE_ONLY Cancel ControlledRunError Crash Deadlock Delay Delivery DropReply Duplicate
Exploration Fifo Hold InjectedCrash InsideALoop Intervention LeftBehind Livelock NotAReplay Replay ReplayDiverged
ReplayFile Run Scheduler SeededRandom Uncontrolled draw explore forget_passing_runs interventions replay run_controlled
"""


def test_the_kernel_exports_what_it_promises() -> None:
    assert sorted(cellview.actors.__all__) == sorted(KERNEL.split())
    assert all(hasattr(cellview.actors, name) for name in KERNEL.split())


def test_the_test_kit_exports_what_it_promises() -> None:
    assert sorted(cellview.actors.testing.__all__) == sorted(KIT.split())
    assert all(hasattr(cellview.actors.testing, name) for name in KIT.split())


def test_every_error_says_when_it_is_raised_and_has_one_base() -> None:
    from cellview.actors import errors
    from cellview.actors.testing import errors as kit_errors

    for module in (errors, kit_errors):
        for name, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, BaseException):
                assert issubclass(kind, cellview.actors.ActorError), name
                assert (kind.__doc__ or "").startswith(("Raised ", "The base of ")), name
