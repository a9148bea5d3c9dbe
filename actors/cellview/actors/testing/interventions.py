"""What a test does to a run: each kind is one readable line, and a list of them is a whole test case.

`at` counts from 0: deliveries to the named actor (control messages other than `Terminated` do not count), asks for
`DropReply`, awaits inside handlers for `Cancel`. An actor is named by its path.
"""

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class Hold(msgspec.Struct, frozen=True, tag=True):
    """Hold the actor before its delivery `at` until `deliveries` others were made, or nothing else can be."""

    actor: str
    at: int
    deliveries: int


class Delay(msgspec.Struct, frozen=True, tag=True):
    """Make the actor's delivery `at` no sooner than so many virtual seconds after it could have been made."""

    actor: str
    at: int
    seconds: float


class Crash(msgspec.Struct, frozen=True, tag=True):
    """Fail the actor in place of handling its delivery `at`; the message is lost, supervision does the rest."""

    actor: str
    at: int


class DropReply(msgspec.Struct, frozen=True, tag=True):
    """Lose the actor's answer to the ask number `at` that it handles; the asker waits until its deadline."""

    actor: str
    at: int


class Duplicate(msgspec.Struct, frozen=True, tag=True):
    """Deliver the actor's message `at` twice in a row; an answer to the second goes nowhere."""

    actor: str
    at: int


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Cancel the actor's handler at its await number `at`: a crash with half of the work done."""

    actor: str
    at: int


Intervention = Hold | Delay | Crash | DropReply | Duplicate | Cancel
Kind = type[Hold] | type[Delay] | type[Crash] | type[DropReply] | type[Duplicate] | type[Cancel]
ALL_KINDS: tuple[Kind, ...] = (Hold, Delay, Crash, DropReply, Duplicate, Cancel)
SCHEDULE_ONLY: tuple[Kind, ...] = (Hold, Delay)  # what any machine may do to a correct program
DELAYS_S = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)


def interventions(
    actors: Sequence[str],
    *,
    kinds: Sequence[Kind] = ALL_KINDS,
    max_interventions: int = 3,
    max_at: int = 16,
    max_hold: int = 32,
) -> "SearchStrategy[list[Intervention]]":
    """The Hypothesis strategy of lists of interventions on these actors; shrinks to few, early and short ones.

    Drawing interventions rather than every choice of the scheduler keeps an example small, so that Hypothesis both
    finds slow-actor defects sooner and shrinks them to something one can read.

    Args:
        actors: paths; name the simplest first, since shrinking moves towards it.
        kinds: which interventions may be drawn; `SCHEDULE_ONLY` for those that a correct program never notices.
        max_interventions: length of the list.
        max_at: the latest delivery of an actor that is meddled with.
        max_hold: the longest hold, in deliveries.
    """
    from hypothesis import strategies as st  # only those who draw need Hypothesis

    if not actors or not kinds:
        raise ValueError("interventions() needs at least one actor and one kind")
    name = st.sampled_from(list(actors))
    # Most actors of a small system take few messages, so that the first ones are drawn more often.
    at = st.one_of(st.integers(0, min(2, max_at)), st.integers(0, max_at))
    more: dict[Kind, dict[str, Any]] = {
        Hold: {"deliveries": st.integers(1, max_hold)},
        Delay: {"seconds": st.sampled_from(DELAYS_S)},
    }
    choices: list[SearchStrategy[Intervention]] = [
        st.builds(kind, actor=name, at=at, **more.get(kind, {})) for kind in kinds
    ]
    return st.lists(st.one_of(choices), max_size=max_interventions)


def draw(
    rng: random.Random,
    actors: Sequence[str],
    *,
    kinds: Sequence[Kind] = ALL_KINDS,
    max_interventions: int = 3,
    max_at: int = 16,
    max_hold: int = 32,
) -> list[Intervention]:
    """The same space drawn by a plain generator: no shrinking, but thousands of draws a second."""
    makers: dict[Kind, Callable[[str, int], Intervention]] = {
        Hold: lambda actor, at: Hold(actor, at, rng.randint(1, max_hold)),
        Delay: lambda actor, at: Delay(actor, at, rng.choice(DELAYS_S)),
    }
    drawn: list[Intervention] = []
    for _ in range(rng.randint(1, max_interventions)):
        kind = rng.choice(list(kinds))
        actor, at = rng.choice(list(actors)), rng.randint(0, rng.choice((min(2, max_at), max_at)))
        make = makers.get(kind)
        drawn.append(kind(actor, at) if make is None else make(actor, at))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # the others have these two fields
    return drawn
