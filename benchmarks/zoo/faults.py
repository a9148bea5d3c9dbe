"""Defects that show when something fails: a crash, a lost or late answer, a message that comes twice."""

import msgspec

from cellview.actors import Actor, ActorSystem, AskError, DeadlineExceeded, Ref, Reply, Request
from cellview.actors.testing import SCHEDULE_ONLY, Cancel, Crash, Delay, DropReply, Duplicate, Hold
from zoo.specimen import PATIENCE_S, RESTART, Specimen, require


class Go(msgspec.Struct, frozen=True):
    """Start, or go on."""


# ---- a restart that loses a ticket -----


class NextTicket(Request[int | None], frozen=True):
    """Ask for a ticket."""

    who: str


class Finished(msgspec.Struct, frozen=True):
    """A ticket is done."""

    ticket: int


class Returned(msgspec.Struct, frozen=True):
    """A worker has started anew and holds nothing."""

    who: str


class Counter(Actor[NextTicket | Finished | Returned]):
    """Hands out tickets 0 to 5."""

    def __init__(self, done: list[int]) -> None:
        self.done = done
        self.free = list(range(6))
        self.held: dict[str, int] = {}

    async def receive(self, message: NextTicket | Finished | Returned) -> None:
        match message:
            case NextTicket(who):
                ticket = self.free.pop(0) if self.free else None
                if ticket is not None:
                    self.held[who] = ticket
                self.context.reply(ticket)
            case Finished(ticket):
                self.done.append(ticket)
                self.held = {who: held for who, held in self.held.items() if held != ticket}
            case Returned(who):
                if who in self.held:
                    self.free.insert(0, self.held.pop(who))


class TicketWorker(Actor[Go]):
    """Works on one ticket after the other."""

    def __init__(self, counter: Ref[NextTicket | Finished | Returned], fixed: bool) -> None:
        self.counter = counter
        self.fixed = fixed

    async def started(self) -> None:
        if self.context.incarnation:
            if self.fixed:
                await self.counter.tell(Returned(self.context.name))
            await self.context.self.tell(Go())

    async def receive(self, message: Go) -> None:
        ticket = await self.counter.ask(NextTicket(self.context.name), deadline_s=PATIENCE_S)
        if ticket is not None:
            await self.context.clock.sleep(1.0)
            await self.counter.tell(Finished(ticket))
            await self.context.self.tell(Go())


async def lost_ticket(fixed: bool) -> None:
    """Every ticket must be finished once."""
    done: list[int] = []
    async with ActorSystem() as system:
        counter = await system.spawn(lambda: Counter(done), name="counter")
        for name in ("ann", "bob"):
            worker = await system.spawn(lambda: TicketWorker(counter, fixed), name=name, supervision=RESTART)
            await worker.tell(Go())
        await system.drain(deadline_s=PATIENCE_S)
    require(sorted(done) == list(range(6)), f"finished were only {sorted(done)}")


# ---- a commit that is not idempotent, under a client that asks again -----


class Apply(Request[None], frozen=True):
    """Apply a change, named so that it can be recognised."""

    change: int


class Ledger(Actor[Apply]):
    """Applies changes; forgets which, so that one that is sent again counts again."""

    def __init__(self, applied: list[int], fixed: bool) -> None:
        self.applied = applied
        self.fixed = fixed

    async def receive(self, message: Apply) -> None:
        if not (self.fixed and message.change in self.applied):
            self.applied.append(message.change)
        self.context.reply(None)


class Client(Actor[Go]):
    """Sends each change until it is acknowledged."""

    def __init__(self, ledger: Ref[Apply], deadline_s: float) -> None:
        self.ledger = ledger
        self.deadline_s = deadline_s

    async def receive(self, message: Go) -> None:
        for change in range(4):
            while True:
                try:
                    await self.ledger.ask(Apply(change), deadline_s=self.deadline_s)
                    break
                except AskError:
                    continue


async def double_commit(fixed: bool) -> None:
    """Each change must be applied once."""
    applied: list[int] = []
    async with ActorSystem() as system:
        ledger = await system.spawn(lambda: Ledger(applied, fixed), name="ledger")
        client = await system.spawn(lambda: Client(ledger, 5.0), name="client")
        await client.tell(Go())
        await system.drain(deadline_s=PATIENCE_S)
    require(applied == [0, 1, 2, 3], f"applied were {applied}")


# ---- the memory of what was applied dies with the incarnation -----


class ForgetfulLedger(Actor[Apply]):
    """Recognises a repeated change, until it is restarted: the set belongs beside what it protects."""

    def __init__(self, applied: list[int], fixed: bool) -> None:
        self.applied = applied
        self.seen = set(applied) if fixed else set[int]()

    async def receive(self, message: Apply) -> None:
        if message.change not in self.seen:
            self.seen.add(message.change)
            self.applied.append(message.change)
            await self.context.clock.sleep(0.5)  # acknowledge only what is safe
        self.context.reply(None)


async def forgetful_restart(fixed: bool) -> None:
    """A crash between the deed and its acknowledgement makes the client ask again."""
    applied: list[int] = []
    async with ActorSystem() as system:
        ledger = await system.spawn(lambda: ForgetfulLedger(applied, fixed), name="ledger", supervision=RESTART)
        client = await system.spawn(lambda: Client(ledger, 60.0), name="client")
        await client.tell(Go())
        await system.drain(deadline_s=PATIENCE_S)
    require(applied == [0, 1, 2, 3], f"applied were {applied}")


# ---- an answer whose asker has gone is applied all the same -----


class Withdraw(Request[bool], frozen=True):
    """Take one coin out; after the deadline the customer takes it elsewhere."""


class Checked(msgspec.Struct, frozen=True):
    """The background check of a withdrawal is over."""

    reply: Reply[bool]


class Bank(Actor[Withdraw | Checked]):
    """Checks beside the handler, then pays, also to customers that have gone."""

    def __init__(self, fixed: bool, paid: list[str]) -> None:
        self.fixed = fixed
        self.paid = paid

    async def receive(self, message: Withdraw | Checked) -> None:
        if isinstance(message, Withdraw):
            reply = self.context.defer_reply(message)
            self.context.run_task(self._check, then=lambda _: Checked(reply))
        elif message.reply.wanted or not self.fixed:
            self.paid.append("bank")
            message.reply.send(True)

    async def _check(self) -> None:
        await self.context.clock.sleep(1.0)


class Customer(Actor[Go]):
    """Needs one coin, from the bank or else from a friend."""

    def __init__(self, bank: Ref[Withdraw | Checked], paid: list[str]) -> None:
        self.bank = bank
        self.paid = paid

    async def receive(self, message: Go) -> None:
        for _ in range(3):
            try:
                await self.bank.ask(Withdraw(), deadline_s=5.0)
            except DeadlineExceeded:
                self.paid.append("friend")


async def late_reply_applied(fixed: bool) -> None:
    """Three coins are needed and three must be paid."""
    paid: list[str] = []
    async with ActorSystem() as system:
        bank = await system.spawn(lambda: Bank(fixed, paid), name="bank")
        customer = await system.spawn(lambda: Customer(bank, paid), name="customer")
        await customer.tell(Go())
        await system.drain(deadline_s=PATIENCE_S)
    require(len(paid) == 3, f"three coins were needed and {len(paid)} were paid: {paid}")


# ---- a lease without a fencing token -----


class Lease(Request[int], frozen=True):
    """Ask for the lease; the answer is its token."""


class Store(msgspec.Struct, frozen=True):
    """Store a value under a lease."""

    token: int


class Expired(msgspec.Struct, frozen=True):
    """A lease has run out."""

    token: int


class Vault(Actor[Lease | Store | Expired]):
    """Lends itself for ten seconds at a time; should refuse the values of those whose time was up."""

    def __init__(self, fixed: bool, stored: list[int]) -> None:
        self.fixed = fixed
        self.stored = stored
        self.token = 0
        self.lent = False
        self.waiting: list[Reply[int]] = []

    async def receive(self, message: Lease | Store | Expired) -> None:
        match message:
            case Lease():
                self.waiting.append(self.context.defer_reply(message))
            case Store(token):
                if not self.fixed or (self.lent and token == self.token):
                    self.stored.append(token)
                    self.lent = False
            case Expired(token):
                if self.lent and token == self.token:
                    self.lent = False
        if not self.lent and self.waiting:
            self.lent = True
            self.token += 1
            self.context.call_later(10.0, Expired(self.token))
            self.waiting.pop(0).send(self.token)


class Depositor(Actor[Go | Store]):
    """Gets the lease, works, stores."""

    def __init__(self, vault: Ref[Lease | Store | Expired]) -> None:
        self.vault = vault

    async def receive(self, message: Go | Store) -> None:
        if isinstance(message, Go):
            token = await self.vault.ask(Lease(), deadline_s=PATIENCE_S)
            await self.context.self.tell(Store(token))
        else:
            await self.vault.tell(message)


async def lease_without_fencing(fixed: bool) -> None:
    """Tokens must be stored in rising order."""
    stored: list[int] = []
    async with ActorSystem() as system:
        vault = await system.spawn(lambda: Vault(fixed, stored), name="vault")
        for name in ("ann", "bob", "eve"):
            depositor = await system.spawn(lambda: Depositor(vault), name=name)
            await depositor.tell(Go())
        await system.drain(deadline_s=PATIENCE_S)
    require(stored == sorted(stored), f"stored were {stored}: an old lease overwrote a newer one")


# ---- half a transfer -----


class Move(msgspec.Struct, frozen=True):
    """Move one coin."""

    number: int


class Teller(Actor[Move]):
    """Takes a coin out of one pot, waits, and puts it into the other: interrupted, the coin is gone."""

    def __init__(self, pots: dict[str, int], fixed: bool) -> None:
        self.pots = pots
        self.fixed = fixed

    async def receive(self, message: Move) -> None:
        if self.fixed:
            await self.context.clock.sleep(1.0)
            self.pots["left"] -= 1
        else:
            self.pots["left"] -= 1
            await self.context.clock.sleep(1.0)
        self.pots["right"] += 1


async def half_a_transfer(fixed: bool) -> None:
    """No coin may be lost or made."""
    pots = {"left": 10, "right": 0}
    async with ActorSystem() as system:
        teller = await system.spawn(lambda: Teller(pots, fixed), name="teller", supervision=RESTART)
        for number in range(4):
            await teller.tell(Move(number))
        await system.drain(deadline_s=PATIENCE_S)
    require(pots["left"] + pots["right"] == 10, f"ten coins have become {pots['left'] + pots['right']}")


FAULTS = (
    Specimen(
        name="lost ticket",
        defect="a worker that is restarted forgets the ticket it held",
        run=lost_ticket,
        actors=("ann", "bob"),
        kinds=(Hold, Delay, Crash, Cancel),
    ),
    Specimen(
        name="double commit",
        defect="a change is applied again when its acknowledgement is lost",
        run=double_commit,
        actors=("ledger",),
        kinds=(Hold, Delay, DropReply, Duplicate),
    ),
    Specimen(
        name="forgetful restart",
        defect="the memory of what was applied dies with the incarnation",
        run=forgetful_restart,
        actors=("ledger",),
        kinds=(Hold, Crash, Cancel, DropReply),
    ),
    Specimen(
        name="late reply applied",
        defect="an answer whose asker has gone is applied all the same",
        run=late_reply_applied,
        actors=("bank", "customer"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="lease without fencing",
        defect="a value is stored under a lease that has run out",
        run=lease_without_fencing,
        actors=("ann", "bob", "eve", "vault"),
        kinds=SCHEDULE_ONLY,
    ),
    Specimen(
        name="half a transfer",
        defect="a handler is interrupted between two halves of a change",
        run=half_a_transfer,
        actors=("teller",),
        kinds=(Hold, Crash, Cancel),
    ),
)
