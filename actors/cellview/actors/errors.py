"""Every error of `cellview.actors`, in one place."""


class ActorError(Exception):
    """The base of every error that this package raises."""


class SpawnFailed(ActorError):
    """Raised when an actor's constructor or `started()` raised, so that no actor came to be; the cause is chained."""


class NameTaken(ActorError):
    """Raised when a name is already carried by a living sibling; choose another, or stop the other actor first."""


class NotRunning(ActorError):
    """Raised when a system or an actor is used outside its life, such as a spawn after the stop."""


class NothingToAnswer(ActorError):
    """Raised when `reply` or `defer_reply` is called while the message being handled is not an ask, or twice."""


class SystemFailed(ActorError):
    """Raised out of `async with ActorSystem` when a failure was escalated to the top; the cause is chained."""


class AskError(ActorError):
    """The base of the errors that an asker meets because of the ask itself."""


class DeadlineExceeded(AskError, TimeoutError):
    """Raised when an ask was not answered before its deadline; raise the deadline, or look at who was slow."""


class AskCycle(AskError):
    """Raised when an ask would wait for an actor that waits for the asker; use `tell` or `run_task` in one."""


class ActorFailed(AskError):
    """Raised in the asker when the actor raised while it handled the ask or owed its answer; the cause is chained."""


class ActorStopped(AskError):
    """Raised in the asker when the actor was dead already, or stopped before it answered; the text has the reason."""


class NoReply(AskError):
    """Raised in the asker when the handler returned without `reply` or `defer_reply`; it is a mistake in that actor."""


class InterruptedHandler(ActorError):
    """Raised as the cause of a failure when a handler ended in a cancellation that nobody asked of the actor."""


class ChildFailed(ActorError):
    """Raised as the parent's own failure when a child escalated; the child's failure is chained."""
