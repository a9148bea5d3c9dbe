"""A library says nothing on standard output, tells no secrets, and leaves the configuration to the program."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIBRARY = """
import asyncio

from cellview.actors import Actor, ActorSystem, Context


class Fails(Actor[str]):
    async def receive(self, message: str) -> None:
        password = "s3cret-horse"
        raise RuntimeError("as planned: " + str(len(password)))


async def main() -> None:
    async with ActorSystem(name="library") as system:
        ref = await system.spawn(Fails, name="fails")
        await ref.tell("go")
        await asyncio.sleep(0.1)


asyncio.run(main())
"""


def run(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


def test_a_program_without_a_configuration_finds_warnings_on_standard_error() -> None:
    done = run(LIBRARY)
    assert done.stdout == ""
    assert "as planned" in done.stderr
    assert "Traceback" in done.stderr
    assert "s3cret" not in done.stderr, "a traceback shows the values of local variables"


def test_a_program_with_a_configuration_is_followed() -> None:
    done = run("import structlog\nstructlog.configure(processors=[structlog.processors.JSONRenderer()])\n" + LIBRARY)
    assert '"event":' in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("module", ["actors", "prover.lean", "frontier", "cluster"])
def test_importing_configures_nothing(module: str) -> None:
    done = run(f"import structlog, cellview.{module}\nassert not structlog.is_configured()")
    assert done.returncode == 0, done.stderr


def test_the_logger_is_a_logger_of_structlog(capsys: pytest.CaptureFixture[str]) -> None:
    done = run(
        "from cellview.base.log import get_logger\n"
        "from structlog.testing import capture_logs\n"
        "log = get_logger('x').bind(a=1)\n"
        "log.info('quiet')\n"
        "log.bind(b=2).warning('told', c=3)\n"
        "with capture_logs() as logs:\n    get_logger('x').bind(a=1).info('seen')\n"
        "assert logs == [{'a': 1, 'event': 'seen', 'log_level': 'info'}], logs\n"
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "quiet" not in done.stderr
    assert all(word in done.stderr for word in ("told", "a=1", "b=2", "c=3"))
