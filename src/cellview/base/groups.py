"""Exception groups, seen from outside: the error that a user is told of."""

from typing import cast


def unwrapped(error: BaseException) -> BaseException:
    """The first error inside exception groups, however deep; any other error as it is.

    Task groups wrap whatever leaves them, also a single error. How tasks were nested is no concern of whoever reads
    the message or catches the error by its type: `raise unwrapped(group) from None`.
    """
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error
