"""Defects that show when messages come in another order than usual."""

import msgspec

from cellview.actors import Actor, ActorSystem, Ref, Request
from cellview.actors.testing import SCHEDULE_ONLY
from zoo.specimen import PATIENCE_S, Letter, Post, Specimen, require

# ---- lost update: read, add one, write back, as two messages -----


class Go(msgspec.Struct, frozen=True):
    """Start."""


class Get(Request[int], frozen=True):
    """Ask for the number."""


class Set(msgspec.Struct, frozen=True):
    """Overwrite the number."""

    value: int


class Add(msgspec.Struct, frozen=True):
    """Change the number by an amount."""

    amount: int


class Number(Actor[Get | Set | Add]):
    """A number."""

    def __init__(self, seen: list[int]) -> None:
        self.seen = seen
        self.value = 0

    async def receive(self, message: Get | Set | Add) -> None:
        match message:
            case Get():
                self.context.reply(self.value)
            case Set(value):
                self.value = value
            case Add(amount):
                self.value += amount
        self.seen.append(self.value)


class Clerk(Actor[Go]):
    """Adds one to a number."""

    def __init__(self, number: Ref[Get | Set | Add], fixed: bool) -> None:
        self.number = number
        self.fixed = fixed

    async def receive(self, message: Go) -> None:
        if self.fixed:
            await self.number.tell(Add(1))
        else:
            value = await self.number.ask(Get(), deadline_s=PATIENCE_S)
            await self.number.tell(Set(value + 1))


async def lost_update(fixed: bool) -> None:
    """Two clerks, the second later."""
    seen: list[int] = []
    async with ActorSystem() as system:
        number = await system.spawn(lambda: Number(seen), name="number")
        ann = await system.spawn(lambda: Clerk(number, fixed), name="ann")
        bob = await system.spawn(lambda: Clerk(number, fixed), name="bob")
        post = await system.spawn(Post, name="post")
        await ann.tell(Go())
        await post.tell(Letter(bob, Go(), 4))
        await system.drain(deadline_s=PATIENCE_S)
    require(seen[-1] == 2, f"two clerks added one each, and the number is {seen[-1]}")


# ---- missing stash: a commit is applied between a reservation and its settlement -----


class Reserve(msgspec.Struct, frozen=True):
    """Begin a reservation: what it sees must stay until it is settled."""


class Settled(msgspec.Struct, frozen=True):
    """The adviser agrees."""


class Commit(msgspec.Struct, frozen=True):
    """Change the state."""


class Consult(msgspec.Struct, frozen=True):
    """Ask the adviser."""

    owner: "Ref[Reserve | Settled | Commit]"


class Adviser(Actor[Consult]):
    """Says yes."""

    async def receive(self, message: Consult) -> None:
        await message.owner.tell(Settled())


class Owner(Actor[Reserve | Settled | Commit]):
    """Commits must wait while a reservation is being settled."""

    def __init__(self, adviser: Ref[Consult], fixed: bool, complaints: list[str]) -> None:
        self.adviser = adviser
        self.fixed = fixed
        self.complaints = complaints
        self.version = 0
        self.reserved_at: int | None = None
        self.stash: list[Commit] = []

    async def receive(self, message: Reserve | Settled | Commit) -> None:
        match message:
            case Reserve():
                self.reserved_at = self.version
                await self.adviser.tell(Consult(self.context.self))
            case Settled():
                if self.reserved_at != self.version:
                    self.complaints.append(f"reserved at version {self.reserved_at}, settled at {self.version}")
                self.reserved_at = None
                self.version += len(self.stash)
                self.stash.clear()
            case Commit():
                if self.fixed and self.reserved_at is not None:
                    self.stash.append(message)
                else:
                    self.version += 1


async def missing_stash(fixed: bool) -> None:
    """A commit that usually comes after the settlement."""
    complaints: list[str] = []
    async with ActorSystem() as system:
        adviser = await system.spawn(Adviser, name="adviser")
        owner = await system.spawn(lambda: Owner(adviser, fixed, complaints), name="owner")
        post = await system.spawn(Post, name="post")
        await owner.tell(Reserve())
        await post.tell(Letter(owner, Commit(), 4))
        await system.drain(deadline_s=PATIENCE_S)
    require(not complaints, "; ".join(complaints))


# ---- early flush: an ordered writer writes what comes instead of what is next -----


class Line(msgspec.Struct, frozen=True):
    """One line of a file, by its number."""

    number: int


class Writer(Actor[Line]):
    """Should write lines in their order."""

    def __init__(self, file: list[int], fixed: bool) -> None:
        self.file = file
        self.fixed = fixed
        self.waiting: set[int] = set()
        self.next = 0

    async def receive(self, message: Line) -> None:
        if not self.fixed:
            self.file.append(message.number)
            return
        self.waiting.add(message.number)
        while self.next in self.waiting:
            self.file.append(self.next)
            self.next += 1


class Source(Actor[Line]):
    """Passes its lines on."""

    def __init__(self, writer: Ref[Line]) -> None:
        self.writer = writer

    async def receive(self, message: Line) -> None:
        await self.writer.tell(message)


async def early_flush(fixed: bool) -> None:
    """Lines come from three sources in turn."""
    file: list[int] = []
    async with ActorSystem() as system:
        writer = await system.spawn(lambda: Writer(file, fixed), name="writer")
        sources = [await system.spawn(lambda: Source(writer), name=f"source-{place}") for place in range(3)]
        for number in range(9):
            await sources[number % 3].tell(Line(number))
        await system.drain(deadline_s=PATIENCE_S)
    require(file == list(range(9)), f"the lines stand in the order {file}")


# ---- check, then act: what was true when it was asked is not true when it is used -----


class IsFree(Request[bool], frozen=True):
    """Ask whether a node may be taken."""


class Freeze(msgspec.Struct, frozen=True):
    """The node must not be taken from now on."""


class Take(msgspec.Struct, frozen=True):
    """Take the node; checked at once if `checked`."""

    checked: bool


class Gate(Actor[IsFree | Freeze | Take]):
    """A node that can be frozen."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        self.frozen = False

    async def receive(self, message: IsFree | Freeze | Take) -> None:
        match message:
            case IsFree():
                self.context.reply(not self.frozen)
            case Freeze():
                self.frozen = True
            case Take(checked):
                if self.frozen and not checked:
                    self.complaints.append("a frozen node was taken")


class Taker(Actor[Go]):
    """Takes the node if it is free."""

    def __init__(self, gate: Ref[IsFree | Freeze | Take], fixed: bool) -> None:
        self.gate = gate
        self.fixed = fixed

    async def receive(self, message: Go) -> None:
        if self.fixed or await self.gate.ask(IsFree(), deadline_s=PATIENCE_S):
            await self.gate.tell(Take(self.fixed))


async def check_then_act(fixed: bool) -> None:
    """The frost usually comes late."""
    complaints: list[str] = []
    async with ActorSystem() as system:
        gate = await system.spawn(lambda: Gate(complaints), name="gate")
        taker = await system.spawn(lambda: Taker(gate, fixed), name="taker")
        post = await system.spawn(Post, name="post")
        await taker.tell(Go())
        await post.tell(Letter(gate, Freeze(), 5))
        await system.drain(deadline_s=PATIENCE_S)
    require(not complaints, "; ".join(complaints))


# ---- no stash for the unknown: a message overtakes the one that introduces its subject -----


class Register(msgspec.Struct, frozen=True):
    """Introduce a name."""

    name: str


class Use(msgspec.Struct, frozen=True):
    """Use a name."""

    name: str


class Directory(Actor[Register]):
    """Tells the workshop of new names."""

    def __init__(self, workshop: Ref[Register | Use]) -> None:
        self.workshop = workshop

    async def receive(self, message: Register) -> None:
        await self.workshop.tell(message)


class Workshop(Actor[Register | Use]):
    """Uses names that it was told of."""

    def __init__(self, fixed: bool, used: list[str]) -> None:
        self.fixed = fixed
        self.used = used
        self.known: set[str] = set()
        self.early: list[str] = []

    async def receive(self, message: Register | Use) -> None:
        name = message.name
        if isinstance(message, Register):
            self.known.add(name)
            self.used.extend(early for early in self.early if early == name)
        elif name in self.known:
            self.used.append(name)
        elif self.fixed:
            self.early.append(name)


async def overtaken_introduction(fixed: bool) -> None:
    """The direct way is usually slower."""
    used: list[str] = []
    async with ActorSystem() as system:
        workshop = await system.spawn(lambda: Workshop(fixed, used), name="workshop")
        directory = await system.spawn(lambda: Directory(workshop), name="directory")
        post = await system.spawn(Post, name="post")
        for number in range(3):
            await directory.tell(Register(f"n{number}"))
            await post.tell(Letter(workshop, Use(f"n{number}"), 3))
        await system.drain(deadline_s=PATIENCE_S)
    require(sorted(used) == ["n0", "n1", "n2"], f"used were only {used}")


# ---- slow actor: a window that is wide enough for everyday -----


class Ring(Actor[Line]):
    """Puts lines into their order, in a ring that holds a dozen; a line that is very late finds its place taken."""

    size = 12

    def __init__(self, file: list[int], fixed: bool) -> None:
        self.file = file
        self.fixed = fixed
        self.slots: dict[int, int] = {}
        self.next = 0

    async def receive(self, message: Line) -> None:
        self.slots[message.number if self.fixed else message.number % self.size] = message.number
        while (number := self.slots.pop(self.next if self.fixed else self.next % self.size, None)) is not None:
            self.file.append(number)
            self.next += 1


class Chatterer(Actor[Line]):
    """Sends lines 1 to 20, one for each message to itself."""

    def __init__(self, ring: Ref[Line]) -> None:
        self.ring = ring

    async def receive(self, message: Line) -> None:
        await self.ring.tell(message)
        if message.number < 20:
            await self.context.self.tell(Line(message.number + 1))


async def slow_actor(fixed: bool) -> None:
    """One line from a slow source, twenty from a quick one."""
    file: list[int] = []
    async with ActorSystem() as system:
        ring = await system.spawn(lambda: Ring(file, fixed), name="ring")
        slow = await system.spawn(lambda: Source(ring), name="slow")
        quick = await system.spawn(lambda: Chatterer(ring), name="quick")
        await slow.tell(Line(0))
        await quick.tell(Line(1))
        await system.drain(deadline_s=PATIENCE_S)
    require(file == list(range(21)), f"the lines stand in the order {file}")


RACES = (
    Specimen(
        name="lost update",
        defect="two actors read a number, add one and write it back",
        run=lost_update,
        actors=("ann", "bob", "number", "post"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="missing stash",
        defect="a commit is applied while a reservation is being settled",
        run=missing_stash,
        actors=("owner", "adviser", "post"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="early flush",
        defect="an ordered writer writes what has come instead of what is next",
        run=early_flush,
        actors=("writer", "source-0", "source-1", "source-2"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="check then act",
        defect="a node is frozen between the question and the deed",
        run=check_then_act,
        actors=("taker", "gate", "post"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="overtaken introduction",
        defect="a message overtakes the one that introduces its subject, and is dropped",
        run=overtaken_introduction,
        actors=("directory", "workshop", "post"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="slow actor",
        defect="a ring of twelve places is overrun while one source is slow",
        run=slow_actor,
        actors=("slow", "quick", "ring"),
        kinds=SCHEDULE_ONLY,
    ),
)
