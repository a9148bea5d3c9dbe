"""The queue's state machine against a plain model, under any sequence of operations."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cellview.cluster import QueueLimits
from cellview.cluster.brokers.counting import CountingQueue

_CAPACITY = 6
_LEASE_S = 10.0
_CONSUMERS = st.sampled_from(["one", "two"])


class CountingQueueMachine(RuleBasedStateMachine):
    """The model: for each message number, who holds it since when, or None while it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = CountingQueue(QueueLimits(capacity=_CAPACITY, lease_s=_LEASE_S, max_deliveries=1000))
        self.model: dict[int, tuple[str, str, float] | None] = {}
        self.published = 0
        self.acknowledged = 0
        self.aside = 0
        self.now_s = 0.0
        self.session = {"one": "one-0", "two": "two-0"}

    @rule()
    def offer(self) -> None:
        accepted = self.queue.offer(str(self.published).encode())
        assert accepted == (len(self.model) < _CAPACITY)
        if accepted:
            self.model[self.published] = None
            self.published += 1

    @rule(seconds=st.floats(0, 8))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(consumer=_CONSUMERS, limit=st.integers(1, 4))
    def take(self, consumer: str, limit: int) -> None:
        for number, holder in self.model.items():
            if holder is not None and self.now_s - holder[2] > _LEASE_S:
                self.model[number] = None
        waiting = sorted(number for number, holder in self.model.items() if holder is None)
        taken = self.queue.take(consumer, self.session[consumer], limit, now_s=self.now_s)
        numbers = [int(raw.payload) for raw in taken]
        assert numbers == waiting[: len(numbers)], "the oldest waiting messages, in order"
        assert len(numbers) <= limit
        assert bool(numbers) == bool(waiting)
        for raw, number in zip(taken, numbers, strict=True):
            assert len(taken) == 1 or raw.deliveries < 3, "what was delivered twice before travels alone"
            self.model[number] = (consumer, self.session[consumer], self.now_s)

    @rule(consumer=_CONSUMERS)
    def restart(self, consumer: str) -> None:
        """Killed without a word; the next incarnation attaches under the same name."""
        self.queue.attach(consumer)
        self.session[consumer] += "'"
        self._free(lambda holder: holder[0] == consumer)

    @rule(consumer=_CONSUMERS)
    def hang_up(self, consumer: str) -> None:
        self.queue.release(self.session[consumer])
        self._free(lambda holder: holder[1] == self.session[consumer])

    @rule(data=st.data(), twice=st.booleans())
    def acknowledge(self, data: st.DataObject, twice: bool) -> None:
        held = sorted(number for number, holder in self.model.items() if holder is not None)
        chosen = data.draw(st.lists(st.sampled_from(held), unique=True)) if held else []
        self.queue.ack([str(number) for number in chosen])
        if twice:
            self.queue.ack([str(number) for number in chosen])
        for number in chosen:
            del self.model[number]
        self.acknowledged += len(chosen)

    @rule(data=st.data())
    def put_aside(self, data: st.DataObject) -> None:
        held = sorted(number for number, holder in self.model.items() if holder is not None)
        if held:
            number = data.draw(st.sampled_from(held))
            self.queue.set_aside(str(number), "drawn")
            del self.model[number]
            self.aside += 1

    @invariant()
    def nothing_is_lost_or_repeated(self) -> None:
        counts = self.queue.counts()
        assert self.queue.depth == len(self.model)
        assert (counts.published, counts.acknowledged, counts.set_aside) == (
            self.published,
            self.acknowledged,
            self.aside,
        )
        assert counts.published == counts.acknowledged + counts.set_aside + self.queue.depth
        assert len(self.queue.aside) == self.aside

    def _free(self, matches: Callable[[tuple[str, str, float]], bool]) -> None:
        for number, holder in self.model.items():
            if holder is not None and matches(holder):
                self.model[number] = None


TestCountingQueue = CountingQueueMachine.TestCase
TestCountingQueue.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
