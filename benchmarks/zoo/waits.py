"""Defects of waiting: for ever, too long, or not long enough."""

import msgspec

from cellview.actors import Actor, ActorSystem, Ref, Reply, Request
from cellview.actors.testing import SCHEDULE_ONLY
from zoo.specimen import PATIENCE_S, Letter, Post, Specimen, require

# ---- deadlock: two locks, taken in two orders -----


class Lock(Request[None], frozen=True):
    """Answered when the lock is yours."""


class Unlock(msgspec.Struct, frozen=True):
    """Give it back."""


class Start(msgspec.Struct, frozen=True):
    """Begin."""


class Mutex(Actor[Lock | Unlock]):
    """A lock with a queue."""

    def __init__(self) -> None:
        self.queue: list[Reply[None]] = []
        self.taken = False

    async def receive(self, message: Lock | Unlock) -> None:
        if isinstance(message, Lock):
            if self.taken:
                self.queue.append(self.context.defer_reply(message))
            else:
                self.taken = True
                self.context.reply(None)
        elif self.queue:
            self.queue.pop(0).send(None)
        else:
            self.taken = False


class Diner(Actor[Start]):
    """Needs two locks at once."""

    def __init__(self, locks: list[Ref[Lock | Unlock]]) -> None:
        self.locks = locks

    async def receive(self, message: Start) -> None:
        for lock in self.locks:
            await lock.ask(Lock(), deadline_s=PATIENCE_S)
        for lock in self.locks:
            await lock.tell(Unlock())


async def deadlock(fixed: bool) -> None:
    """Two diners, the second later."""
    async with ActorSystem() as system:
        left = await system.spawn(Mutex, name="left")
        right = await system.spawn(Mutex, name="right")
        orders = [[left, right], [left, right] if fixed else [right, left]]
        ann = await system.spawn(lambda: Diner(orders[0]), name="ann")
        bob = await system.spawn(lambda: Diner(orders[1]), name="bob")
        post = await system.spawn(Post, name="post")
        await ann.tell(Start())
        await post.tell(Letter(bob, Start(), 5))
        await system.drain(deadline_s=PATIENCE_S)


# ---- starvation: those who wait longest are served last -----


class Borrow(Request[None], frozen=True):
    """Answered when the tool is yours."""

    who: str


class Return(msgspec.Struct, frozen=True):
    """Give the tool back."""


class Toolbox(Actor[Borrow | Return]):
    """One tool; who waits is served last come first, which is unfair."""

    def __init__(self, fixed: bool, overtaken: dict[str, int]) -> None:
        self.fixed = fixed
        self.overtaken = overtaken
        self.lent = False
        self.waiting: list[tuple[str, Reply[None]]] = []

    async def receive(self, message: Borrow | Return) -> None:
        if isinstance(message, Borrow):
            if self.lent:
                self.waiting.append((message.who, self.context.defer_reply(message)))
            else:
                self.lent = True
                self.context.reply(None)
        elif self.waiting:
            place = 0 if self.fixed else len(self.waiting) - 1
            for who, _ in self.waiting[:place]:
                self.overtaken[who] = self.overtaken.get(who, 0) + 1
            self.waiting.pop(place)[1].send(None)
        else:
            self.lent = False


class Smith(Actor[Start]):
    """Borrows the tool for one delivery, a few times."""

    def __init__(self, toolbox: Ref[Borrow | Return], times: int) -> None:
        self.toolbox = toolbox
        self.times = times

    async def receive(self, message: Start) -> None:
        await self.toolbox.ask(Borrow(self.context.name), deadline_s=PATIENCE_S)
        await self.toolbox.tell(Return())
        self.times -= 1
        if self.times:
            await self.context.self.tell(Start())


async def starvation(fixed: bool) -> None:
    """Nobody may be overtaken twice."""
    overtaken: dict[str, int] = {}
    async with ActorSystem() as system:
        toolbox = await system.spawn(lambda: Toolbox(fixed, overtaken), name="toolbox")
        post = await system.spawn(Post, name="post")
        for place in range(4):
            smith = await system.spawn(lambda: Smith(toolbox, 3), name=f"smith-{place}")
            await post.tell(Letter(smith, Start(), 1 + 4 * place))
        await system.drain(deadline_s=PATIENCE_S)
    worst = max(overtaken.values(), default=0)
    require(worst < 2, f"someone was overtaken {worst} times")


# ---- premature end: the newest job is done, but older ones are not -----


class Job(msgspec.Struct, frozen=True):
    """Work that makes more work."""

    number: int
    depth: int


class Done(msgspec.Struct, frozen=True):
    """A job is done."""

    job: Job


class Foreman(Actor[Start | Done]):
    """Hands out jobs; closes the shop when the last one is done, and takes the newest for the last."""

    def __init__(self, fixed: bool, log: list[str]) -> None:
        self.fixed = fixed
        self.log = log
        self.hands: list[Ref[Job]] = []
        self.issued = 0
        self.in_flight = 0
        self.closed = False

    async def started(self) -> None:
        for place in range(2):
            self.hands.append(await self.context.spawn(lambda: Hand(self.context.self), name=f"hand-{place}"))

    async def receive(self, message: Start | Done) -> None:
        if isinstance(message, Start):
            for _ in self.hands:
                await self._issue(3)
            return
        self.in_flight -= 1
        if self.closed:
            self.log.append(f"job {message.job.number} was done after the shop had closed")
        if message.job.depth:
            await self._issue(message.job.depth - 1)
        elif self.in_flight == 0 if self.fixed else message.job.number == self.issued - 1:
            self.closed = True

    async def _issue(self, depth: int) -> None:
        job = Job(self.issued, depth)
        self.issued += 1
        self.in_flight += 1
        await self.hands[job.number % len(self.hands)].tell(job)


class Hand(Actor[Job]):
    """Does a job."""

    def __init__(self, foreman: Ref[Start | Done]) -> None:
        self.foreman = foreman

    async def receive(self, message: Job) -> None:
        await self.foreman.tell(Done(message))


async def premature_end(fixed: bool) -> None:
    """Two chains of jobs, which usually end in the order in which they began."""
    log: list[str] = []
    async with ActorSystem() as system:
        foreman = await system.spawn(lambda: Foreman(fixed, log), name="foreman")
        await foreman.tell(Start())
        await system.drain(deadline_s=PATIENCE_S)
    require(not log, "; ".join(log))


# ---- lost wake-up: the news came between the look and the sleep -----


class Fetch(Request[int | None], frozen=True):
    """Ask for an item; None when there is none."""


class WakeMe(msgspec.Struct, frozen=True):
    """Tell me when there is one."""

    who: Ref[Start]


class Item(msgspec.Struct, frozen=True):
    """Something to fetch."""

    number: int


class Shelf(Actor[Fetch | WakeMe | Item]):
    """Holds items and wakes a sleeper."""

    def __init__(self, fixed: bool) -> None:
        self.fixed = fixed
        self.items: list[int] = []
        self.sleeper: Ref[Start] | None = None

    async def receive(self, message: Fetch | WakeMe | Item) -> None:
        match message:
            case Fetch():
                self.context.reply(self.items.pop(0) if self.items else None)
            case WakeMe(who):
                if self.fixed and self.items:
                    await who.tell(Start())
                else:
                    self.sleeper = who
            case Item(number):
                self.items.append(number)
                if self.sleeper is not None:
                    await self.sleeper.tell(Start())
                    self.sleeper = None


class Fetcher(Actor[Start]):
    """Fetches until there is nothing, then sleeps."""

    def __init__(self, shelf: Ref[Fetch | WakeMe | Item], fetched: list[int]) -> None:
        self.shelf = shelf
        self.fetched = fetched

    async def receive(self, message: Start) -> None:
        while True:
            item = await self.shelf.ask(Fetch(), deadline_s=PATIENCE_S)
            if item is None:
                break
            self.fetched.append(item)
        await self.shelf.tell(WakeMe(self.context.self))


async def lost_wake_up(fixed: bool) -> None:
    """Items that usually come while the fetcher sleeps."""
    fetched: list[int] = []
    async with ActorSystem() as system:
        shelf = await system.spawn(lambda: Shelf(fixed), name="shelf")
        fetcher = await system.spawn(lambda: Fetcher(shelf, fetched), name="fetcher")
        post = await system.spawn(Post, name="post")
        await fetcher.tell(Start())
        await post.tell(Letter(shelf, Item(0), 6))
        await system.drain(deadline_s=PATIENCE_S)
    require(fetched == [0], "an item lies there and the fetcher sleeps")


WAITS = (
    Specimen(
        name="deadlock",
        defect="two actors take two locks in opposite orders",
        run=deadlock,
        actors=("ann", "bob", "left", "right", "post"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="starvation",
        defect="those who wait are served last come first",
        run=starvation,
        actors=("toolbox", "smith-0", "smith-1", "smith-2", "smith-3"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="premature end",
        defect="the newest job is taken for the last while older ones are in flight",
        run=premature_end,
        actors=("foreman", "foreman/hand-0", "foreman/hand-1"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="lost wake-up",
        defect="an item that comes between the look and the sleep wakes nobody",
        run=lost_wake_up,
        actors=("fetcher", "shelf", "post"),
        kinds=SCHEDULE_ONLY,
    ),
)
