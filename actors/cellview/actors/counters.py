"""What the kernel counts for every actor."""

import msgspec


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of one actor's counters.

    Attributes:
        received: messages whose handling was begun.
        failed: failures, in a handler or while starting anew.
        restarts: incarnations after the first.
        expired: asks that were not begun because their deadline had passed or their asker had gone.
        over_capacity: messages taken beyond the mailbox's bound (own messages, and to break a cycle of waits).
        mailbox_depth: messages waiting now.
        mailbox_capacity: the bound.
        time_in_mailbox_s: seconds that delivered messages waited, in total.
        longest_in_mailbox_s: seconds that the unluckiest one waited.
    """

    received: int
    failed: int
    restarts: int
    expired: int
    over_capacity: int
    mailbox_depth: int
    mailbox_capacity: int
    time_in_mailbox_s: float
    longest_in_mailbox_s: float

    @property
    def mean_in_mailbox_s(self) -> float:
        """Seconds that a delivered message waited, on average."""
        return self.time_in_mailbox_s / self.received if self.received else 0.0
