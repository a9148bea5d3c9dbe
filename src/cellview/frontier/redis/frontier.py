"""The frontier on a Redis server: each operation is one Lua script, so a crash leaves it whole or not at all."""

from __future__ import annotations

import hmac
import uuid
from typing import Any, TypeVar, cast

import msgspec

from cellview.frontier.errors import (
    DeterminismError,
    ExperimentExistsError,
    ExperimentMissingError,
    FencedError,
    FrontierError,
    LeaseLostError,
    ManifestError,
    PushRefusedError,
    UntrustedError,
)
from cellview.frontier.frontier import Frontier
from cellview.frontier.key import shared_key
from cellview.frontier.machine.model import Manifest, Snapshot, chain_digest
from cellview.frontier.machine.operations import Attach, Clear, Create, Operation, ReadSnapshot
from cellview.frontier.redis.codec import CODES, manifest_fields, snapshot_of, text_of
from cellview.frontier.redis.link import RedisLink
from cellview.frontier.redis.sealing import Seals, manifest_seal

__all__ = ["RedisFrontier"]

R = TypeVar("R")


class RedisFrontier(Frontier):
    """One experiment on a Redis server, under keys ``frontier:{<experiment>}:<component>``.

    The braces are part of the key: they are Redis's hash tag, so that a cluster keeps an experiment on one node.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        experiment: Name of the experiment.
        reconnect_s: How long an operation waits for a server that went, in seconds.
        patient: Wait as long for the first answer too.
        key: Seals what goes to the server and checks what comes from it; by default ``CELLVIEW_FRONTIER_KEY``, if set.
    """

    def __init__(
        self, url: str, experiment: str, *, reconnect_s: float = 30.0, patient: bool = False, key: bytes | None = None
    ) -> None:
        super().__init__(experiment)
        self._meta = f"frontier:{{{experiment}}}:meta"
        self._key = shared_key() if key is None else key
        self._seals: Seals | None = None
        self._link = RedisLink(url, reconnect_s=reconnect_s, patient=patient)
        self._incarnation = ""
        self._manifest: Manifest | None = None

    @property
    def persistent(self) -> bool:
        """Whether the server keeps an append-only file, so that its own crash loses at most a second."""
        return self._link.persistent

    async def perform(self, operation: Operation[R]) -> R:
        """Performs an operation, waiting for the server to come back when it went.

        Raises:
            ServerGoneError: It cannot be reached, or did not come back in time.
            ServerUnfitError, ServerFullError: It refuses.
        """
        code = CODES.get(type(operation))
        if code is None:
            return cast("R", await self._of_the_experiment(operation))
        if not self._incarnation:
            await self._attach()
        if self._seals is None:
            return cast("R", code.answer(operation, await self._call(code.script, code.words(operation))))
        reply = await self._call(code.script, code.words(self._seals.close(operation)))
        return cast("R", self._seals.open(code.answer(operation, reply)))

    async def close(self) -> None:
        """Closes the connections."""
        await self._link.close()

    async def _of_the_experiment(self, operation: Operation[Any]) -> object:
        """What is more, or less, than one script on an experiment that is there."""
        if isinstance(operation, Create):
            return await self._create(operation)
        if isinstance(operation, Attach):
            return await self._attach()
        if isinstance(operation, ReadSnapshot):
            return await self._snapshot()
        assert isinstance(operation, Clear), operation
        await self._clear()
        return None

    async def _create(self, operation: Create) -> bool:
        manifest = operation.manifest
        incarnation = uuid.uuid4().hex
        raw = msgspec.json.encode(manifest)
        seal = b"" if self._key is None else manifest_seal(self._key, raw)
        got = await self._link.call("create", self._meta, incarnation, raw, seal, *manifest_fields(manifest))
        there = self._checked(got)
        is_new = text_of(got[0]) == incarnation
        if not is_new:
            manifest.require_same(there)
            if not operation.resume:
                raise ExperimentExistsError(
                    f"experiment {self.experiment!r} exists already at {self._link.where}: resume it, choose another "
                    "name, or clear it with: cellview frontier clear"
                )
        self._adopt(got, there)
        return is_new

    async def _attach(self) -> Manifest:
        got = await self._link.call("attach", self._meta)
        if not got[0]:
            raise ExperimentMissingError(
                f"there is no experiment {self.experiment!r} at {self._link.where}: check the name, or start it"
            )
        there = self._checked(got)
        self._adopt(got, there)
        return there

    def _adopt(self, got: list[bytes], manifest: Manifest) -> None:
        self._incarnation, self._manifest = text_of(got[0]), manifest
        self._seals = None if self._key is None else Seals(self._key, manifest, self._link.where)

    def _checked(self, got: list[bytes]) -> Manifest:
        """The manifest on the server, if a holder of the key wrote it; any, if there is no key on either side."""
        raw, seal = got[1], got[2] or b""
        if self._key is None and seal:
            raise UntrustedError(
                f"experiment {self.experiment!r} at {self._link.where} is sealed: set CELLVIEW_FRONTIER_KEY to the key "
                "that it was created with"
            )
        if self._key is not None and not hmac.compare_digest(seal, manifest_seal(self._key, raw)):
            raise UntrustedError(
                f"experiment {self.experiment!r} at {self._link.where} was not created with the key in "
                "CELLVIEW_FRONTIER_KEY: set the one that it was created with, or find out who else can write there"
            )
        try:
            return msgspec.json.decode(raw, type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ManifestError(
                f"what stands at {self._link.where} as the manifest of {self.experiment!r} is none of this version "
                f"({error}): use the version that it was created with, or clear it"
            ) from None

    async def _clear(self) -> None:
        if not await self._link.call("clear", self._meta):
            raise ExperimentMissingError(f"there is no experiment {self.experiment!r} at {self._link.where}")
        self._incarnation, self._manifest, self._seals = "", None, None

    async def _snapshot(self) -> Snapshot:
        manifest = self._manifest or await self._attach()
        reply = await self._call("snapshot", [])
        committed: int = reply[1]
        chain, position = "", 0
        while position < committed:
            entries = await self.journal(position, limit=min(512, committed - position))
            for entry in entries:
                chain = chain_digest(chain, entry)
            position += len(entries)
        return snapshot_of(reply, manifest=manifest.digest, chain=chain)

    async def _call(self, script: str, words: list[object]) -> Any:
        try:
            return await self._link.call(script, self._meta, self._incarnation, *words)
        except Exception as error:
            from redis.exceptions import ResponseError  # here, since an import costs a microsecond of every call

            if isinstance(error, ResponseError):
                raise self._refusal(script, str(error)) from None
            raise

    def _refusal(self, script: str, text: str) -> FrontierError:
        code, *rest = text.removeprefix("FRONTIER ").split(" ")
        match code:
            case "MISSING" | "REPLACED":
                return ExperimentMissingError(
                    f"experiment {self.experiment!r} at {self._link.where} was cleared or replaced while in use: start "
                    "it again; a run folder's journal brings its commits back"
                )
            case "RUNNING":
                return PushRefusedError(
                    f"cannot {script} while experiment {self.experiment!r} is {rest[0]}: do it before the start or "
                    "after the end, or return candidates as children of a result"
                )
            case "LEASE":
                return LeaseLostError("the lease of this ticket has ended: drop that work")
            case "FENCED":
                return FencedError(
                    f"this committer of experiment {self.experiment!r} was replaced by "
                    f"{' '.join(rest) or 'nobody yet'}: let that one go on, or stop it and resume"
                )
            case "CONFLICT":
                return DeterminismError(rest[0], rest[1], rest[2])
            case _:
                return FrontierError(f"unknown refusal {text!r} of {script}: client and server scripts do not match")
