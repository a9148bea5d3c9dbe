"""A model's answers kept on disk, so that a run can be repeated to the byte without the model."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from cellview.base.scratch import make_scratch_file
from cellview.prover.errors import ProviderError
from cellview.prover.providers.model_answer import Answer

__all__ = ["AnswerCache"]

_FORMAT: Final = 1


class _Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: int = _FORMAT
    endpoint: str
    request: msgspec.Raw
    """The body as it was posted: it is what the file is called after."""
    answer: Answer
    digest: str
    """SHA-256 of the answer, so that a damaged file is not taken for what the model said."""


class AnswerCache:
    """Answers in a folder, one file for each question: ``<first two letters>/<SHA-256 of the question>.json``.

    The question is the whole request (model, prompt and parameters) and not the address of the server. Processes may
    share a folder: a file appears whole, and the answer that came first stays, so that all go on with the same one.

    Raises:
        ProviderError: The folder cannot be made.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProviderError(f"The folder of answers {folder} cannot be made: {error.strerror}.") from None

    def get(self, endpoint: str, body: Mapping[str, Any]) -> Answer | None:
        """Return the answer to a question, if it is known.

        Raises:
            ProviderError: The file is damaged, or cannot be read.
        """
        request = _canonical(body)
        path = self.path_of(endpoint, body)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ProviderError(f"The answer {path} cannot be read: {error.strerror}.") from None
        try:
            kept = msgspec.json.decode(data, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProviderError(f"The answer {path} is damaged ({error}); remove it to ask the model anew.") from None
        if kept.format != _FORMAT or bytes(kept.request) != request or kept.digest != _digest(kept.answer):
            raise ProviderError(f"The answer {path} was altered; remove it to ask the model anew.")
        return kept.answer

    def keep(self, endpoint: str, body: Mapping[str, Any], answer: Answer) -> Answer:
        """Keep an answer; return the one that counts, which is the first that anybody kept.

        Raises:
            ProviderError: The file system refuses.
        """
        path = self.path_of(endpoint, body)
        request = msgspec.Raw(_canonical(body))
        data = msgspec.json.encode(_Kept(endpoint=endpoint, request=request, answer=answer, digest=_digest(answer)))
        try:
            path.parent.mkdir(exist_ok=True)
            descriptor, temporary = make_scratch_file("answer", within=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data + b"\n")
                    file.flush()
                    os.fchmod(file.fileno(), 0o644)  # mkstemp's 0600 would keep colleagues from repeating a run
                    os.fsync(file.fileno())
                path.hardlink_to(temporary)  # unlike a rename, it does not replace what another process has kept
            finally:
                temporary.unlink(missing_ok=True)
        except FileExistsError:
            return self.get(endpoint, body) or answer
        except OSError as error:
            raise ProviderError(f"The answer {path} cannot be written: {error.strerror}.") from None
        return answer

    def path_of(self, endpoint: str, body: Mapping[str, Any]) -> Path:
        """Return the file of a question."""
        name = hashlib.sha256(f"{endpoint}\n".encode() + _canonical(body)).hexdigest()
        return self.folder / name[:2] / f"{name}.json"


def _canonical(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body, order="sorted")


def _digest(answer: Answer) -> str:
    return hashlib.sha256(msgspec.json.encode(answer)).hexdigest()
