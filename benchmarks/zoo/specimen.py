"""What a specimen is, and the post office that several of them use to make messages late."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from cellview.actors import Actor, Ref, Restart
from cellview.actors.testing.interventions import Kind

RESTART = Restart(max_restarts=50)
PATIENCE_S = 1e6  # deadlines that only a real loss reaches


class Defect(AssertionError):
    """Raised by a specimen when its planted defect has shown itself."""


class Specimen(msgspec.Struct, frozen=True, kw_only=True):
    """One planted defect.

    Attributes:
        name: short name.
        defect: what is wrong, in one line.
        run: the system as an async function; its argument says whether it is the repaired twin.
        actors: whom interventions may touch.
        kinds: which interventions the repaired twin promises to survive.
    """

    name: str
    defect: str
    run: Callable[[bool], Awaitable[None]]
    actors: tuple[str, ...]
    kinds: tuple[Kind, ...]

    def broken(self) -> Awaitable[None]:
        """Run it with the defect."""
        return self.run(False)

    def repaired(self) -> Awaitable[None]:
        """Run its twin."""
        return self.run(True)


def require(truth: bool, complaint: str) -> None:
    """Raise `Defect` unless it is true."""
    if not truth:
        raise Defect(complaint)


class Letter(msgspec.Struct, frozen=True):
    """A message for `to`, after so many deliveries inside the post office."""

    to: Ref[Any]
    message: Any
    hops: int


class Post(Actor[Letter]):
    """Takes its time, counted in deliveries."""

    async def receive(self, message: Letter) -> None:
        if message.hops == 0:
            await message.to.tell(message.message)
        else:
            await self.context.self.tell(Letter(message.to, message.message, message.hops - 1))
