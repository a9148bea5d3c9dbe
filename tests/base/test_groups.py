"""The cause inside exception groups."""

import anyio
import pytest

from cellview.base.groups import unwrapped


def test_an_error_that_is_no_group_stays_as_it_is() -> None:
    error = ValueError("plain")
    assert unwrapped(error) is error


def test_the_first_error_is_found_however_deep() -> None:
    error = KeyError("deep")
    assert unwrapped(ExceptionGroup("a", [ExceptionGroup("b", [error, ValueError()]), TypeError()])) is error


async def test_what_leaves_a_task_group_is_raised_as_itself() -> None:
    async def fail() -> None:
        raise LookupError("inside")

    async def work() -> None:
        try:
            async with anyio.create_task_group() as outer, anyio.create_task_group() as inner:
                inner.start_soon(fail)
                outer.start_soon(anyio.sleep, 1)
        except BaseExceptionGroup as group:
            raise unwrapped(group) from None

    with pytest.raises(LookupError, match="inside"):
        await work()
